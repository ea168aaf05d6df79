"""Which imperfect images stand in the pool of a replicate, and which are taken for the other kind.

By default every training image that is not clean stands there, corrupted, and every image is known
for what it is. One factor at a time can differ:

    multiplicity         imperfect images for each clean one, a random part of those there are
    classes              only imperfect images of these classes: the tilt of Daras et al. 2025,
                         appendix G.2, where a per-image rule makes one class more frequent
    clean_as_imperfect   this share of the clean images is taken for imperfect, and annotated so
    imperfect_as_clean   of the images that are taken for clean, this share is imperfect in truth

The parts are nested: more images hold the same ones and others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.problem import Problem


@dataclass(frozen=True)
class Pooling:
    """Parameters of a mixed pool; at its defaults nothing is left out and nothing mistaken."""

    multiplicity: float | None = None
    classes: tuple[int, ...] | None = None
    clean_as_imperfect: float = 0.0
    imperfect_as_clean: float = 0.0

    def __post_init__(self) -> None:
        if self.multiplicity is not None and not self.multiplicity > 0:
            fix = "give a number above 0; the pool 'clean' has none"
            raise Problem(f"multiplicity={self.multiplicity}", "no imperfect images", fix)
        for name in ("clean_as_imperfect", "imperfect_as_clean"):
            share = getattr(self, name)
            if not 0 <= share < 1:
                raise Problem(f"{name}={share}", "no share below 1", "give 0 <= share < 1")

    def kept(
        self, train: Images, clean: NDArray[np.bool_], generator: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Which of the N training images stand in the pool, bool [N]: all the clean ones, and of
        the others those that ``classes`` and ``multiplicity`` leave.

        Raises ``Problem`` where the images have no such classes, or are too few.
        """
        kept = np.ones(train.count, np.bool_)
        if self.classes is not None:
            if train.labels is None or not set(self.classes) <= set(range(len(train.classes))):
                known = f"{len(train.classes)} classes" if train.classes else "no classes"
                fix = "name classes of the data by their numbers"
                raise Problem(f"classes={self.classes} of {train.name!r}", known, fix)
            kept = clean | np.isin(train.labels, self.classes)
        if self.multiplicity is not None:
            others = np.flatnonzero(kept & ~clean)
            asked = round(self.multiplicity * clean.sum())
            if not 1 <= asked <= len(others):
                fix = f"give at most {len(others) / max(clean.sum(), 1):.4g} for each clean one"
                raise Problem(f"{asked} imperfect images", f"{len(others)} in the data", fix)
            kept[np.setdiff1d(others, generator.permutation(others)[:asked])] = False
        if kept[~clean].sum() == 0:
            raise Problem("a mixed pool", "no imperfect image in it", "use the pool 'clean'")
        return kept

    def believed(
        self, clean: NDArray[np.bool_], generator: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Which images are taken for clean, bool [n], of those that are."""
        believed = clean.copy()
        truly, others = np.flatnonzero(clean), np.flatnonzero(~clean)
        turn, other_turn = generator.permutation(truly), generator.permutation(others)
        believed[turn[: round(self.clean_as_imperfect * len(truly))]] = False
        share, right = self.imperfect_as_clean, int(believed.sum())
        wrong = round(share * right / (1 - share))
        if wrong > len(others):
            got = f"{len(others)} imperfect images where {wrong} are to be mistaken"
            raise Problem(f"imperfect_as_clean={share}", got, "ask for a smaller share")
        believed[other_turn[:wrong]] = True
        if not believed.any() or believed.all():
            got = f"{int(believed.sum())} of {len(believed)} images taken for clean"
            fix = "leave some of both kinds: mind clean_fraction and what is mistaken"
            raise Problem(f"a mixed pool of clean and imperfect images, {self}", got, fix)
        return believed
