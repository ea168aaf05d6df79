r"""Annotation by a classifier: from which noise level on imperfect images pass for clean ones.

*The mean rule* (Daras et al. 2025, section 3.1). A classifier c tells clean from imperfect images
under noise (``harness.annotate.discriminator``); an image is used from the first sigma on at which
the mean over draws of :math:`c(x_0 + \sigma z)` exceeds a threshold :math:`\tau = 1/2 - \epsilon`,
0.45 in the paper. For each image, or with ``per_image=False`` for the mean over all of them, which
is what their theory speaks of: a rule for single images admits the images that look most like clean
ones first, and changes the law of what is learned (their appendix G.2).

*The accuracy rule*, ours. The mean rule measures the Vincze-Le Cam distance and not, as the paper
says, total variation (``theory.ambient.threshold_rule``). The accuracy of the Bayes classifier,
:math:`(1 + \mathrm{TV}) / 2`, measures that: used from the first sigma on at which twice the
accuracy on held-out images, less one, is at most :math:`\epsilon`. It has one level for all images.
A classifier is at best as good as Bayes's, so that the level is at most right and mostly low.

*On what data.* ``seen``: the clean images that training sees, a tenth of all in most studies, and
the imperfect ones. ``leaking``: in place of the clean ones all training images as they were before
anything happened to them, the clean versions of the imperfect ones among them, as the paper's
"balanced" classifier had: no author has those, and FID at a blur of 0.6 was 5.34 with it and 6.04
without (their table 10 and appendix D).

*How it is measured.* A fifth of either kind is held out, to stop the training and for the accuracy;
the held-out images are drawn one by one, so that those of one region may lie on both sides. All
imperfect images are annotated, those that the classifier was trained on too, as in the paper.
Crossings are those of the isotonic regression (``harness.annotate.crossing``) over 34 noise levels;
pooled over these, two draws a level suffice.

Cost: mostly the annotation of images, ``draws`` x 34 passes each.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from harness.annotate.case import Case
from harness.annotate.crossing import LEVELS, crossings
from harness.annotate.parameter import require_count, require_threshold
from harness.problem import Problem

if TYPE_CHECKING:
    import torch

    from harness.annotate.discriminator import Discriminator, Recipe
    from harness.annotate.view import Basis

RULES, DATA = ("mean", "accuracy"), ("seen", "leaking")
BATCH, RATE = 512, 4e-3
HELD_OUT = 5  # one in so many
JUDGED = 2048  # draws, at least, of either kind of held-out images at a level


@final
@dataclass(frozen=True)
class Classifier:
    """sigma_min by a trained classifier; units of the images.

    rule: ``mean`` or ``accuracy``. threshold: tau in (0, 1/2]; the accuracy rule has epsilon = 1/2
    - tau. per_image: a level for each image, of the mean rule. data: ``seen`` or ``leaking``.
    draws: of the noise, for each image and level. steps, width: of the training.
    """

    rule: str = "mean"
    threshold: float = 0.45
    data: str = "seen"
    per_image: bool = True
    draws: int = 2
    steps: int = 200
    width: int = 64

    def __post_init__(self) -> None:
        require_threshold("threshold of the annotator classifier", self.threshold)
        for name in ("draws", "steps", "width"):
            require_count(f"{name} of the annotator classifier", getattr(self, name))
        for name, known in (("rule", RULES), ("data", DATA)):
            if (given := getattr(self, name)) not in known:
                fix = f"choose from {', '.join(known)}"
                raise Problem(f"{name}={given!r} of the annotator classifier", "no such one", fix)

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        return self.explained(case)[0]

    def explained(self, case: Case) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """The levels, and over the noise levels the mean probability of clean of the imperfect
        images (the held-out ones where the rule is the accuracy) and the total variation."""
        made, basis, held, generator = self._trained(case)
        curves = [self._probabilities(made, basis, x, generator, JUDGED) for x in held]
        right = [curves[0][1], 1 - curves[1][1]]  # by image, what is told right: [n, S]
        variation = right[0].mean(0) + right[1].mean(0) - 1
        error = np.sqrt(sum(each.var(0, ddof=1) / len(each) for each in right))
        if self.rule == "mean":
            clean = self._probabilities(made, basis, case.imperfect, generator)[0]
            shown = clean if self.per_image else clean.mean(0, keepdims=True)
            level = crossings(shown, LEVELS, self.threshold)
        else:
            clean = curves[1][0]
            # "At most epsilon" where others say "exceeds": the two differ at a tie alone.
            level = crossings(-variation[None], LEVELS, self.threshold - 0.5)
        levels = np.zeros((len(case.imperfect), 2), np.float32)
        levels[:, 0] = level
        spread = clean.std(0, ddof=1) / np.sqrt(len(clean))
        rows = _rows("clean_probability", clean.mean(0), spread, len(clean))
        return levels, rows + _rows("total_variation", variation, error, sum(map(len, held)))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Products of the training, of its held-out part and of the annotation; the case counts
        ``clean`` as the images of that kind that the classifier is trained on."""
        from harness.annotate.discriminator import Network

        modes = int(np.prod(shape))
        passes = sum(
            count * _draws(count, self.draws, JUDGED)
            for count in (clean // HELD_OUT, imperfect // HELD_OUT)
            if count
        )
        passes += imperfect * self.draws if self.rule == "mean" else 0
        turned = (clean + imperfect) * 2 * modes * (shape[0] + shape[1] + shape[2])
        forward = Network.flops(modes, self.width)
        return self._recipe().flops(modes) + float(len(LEVELS) * passes * forward + turned)

    def _recipe(self) -> "Recipe":
        from harness.annotate.discriminator import Recipe

        return Recipe(self.steps, BATCH, RATE, self.width, LEVELS[0], LEVELS[-1])

    def _trained(
        self, case: Case
    ) -> "tuple[Discriminator, Basis, list[np.ndarray], torch.Generator]":
        """The classifier, its basis, the held-out images of both kinds, and the stream."""
        import torch

        from harness.annotate.discriminator import Fold, fit
        from harness.annotate.view import Basis, View

        kinds = [self._clean(case), case.imperfect]
        turns = [case.generator.permutation(len(images)) for images in kinds]
        seed = int(case.generator.integers(1 << 62))
        generator = torch.Generator(device=case.device).manual_seed(seed)
        held, kept = [], []
        for images, turn in zip(kinds, turns):
            cut = len(images) // HELD_OUT
            if cut < 2:
                fix = f"give at least {2 * HELD_OUT} of each, or choose spectral or fixed"
                raise Problem("a classifier of two kinds of images", f"{len(images)} of one", fix)
            held.append(images[turn[:cut]])
            kept.append(images[turn[cut:]])
        window = (kinds[0].shape[2], kinds[0].shape[3])
        basis = Basis.of(kept[0], window, case.device)
        views = [View(images, basis) for images in (*kept, *held)]
        return fit([Fold(*views)], self._recipe(), generator), basis, held, generator

    def _clean(self, case: Case) -> np.ndarray:
        """The images that count as clean."""
        if self.data == "seen":
            return case.clean
        if case.originals is None:
            fix = "give the case its originals, or choose data='seen'"
            raise Problem("a leaking classifier", "no originals", fix)
        return case.originals

    def _probabilities(
        self,
        made: "Discriminator",
        basis: "Basis",
        images: np.ndarray,
        generator: "torch.Generator",
        least: int = 0,
    ) -> np.ndarray:
        """Mean probability of clean, and share of draws that are more likely clean: [2, n, S]."""
        from harness.annotate.view import View

        modes = View(images, basis).grid()[:, 0]
        draws = _draws(len(images), self.draws, least)
        return made.probabilities(modes[None], LEVELS, draws, generator)[:, 0]


def _draws(count: int, draws: int, least: int) -> int:
    """Draws an image, at least ``draws``, so that so many images make at least ``least``."""
    return max(draws, -(-least // count))


def _rows(name: str, values: np.ndarray, errors: np.ndarray, count: int) -> list[dict[str, Any]]:
    """What the stage leaves of a curve over the noise levels."""
    return [
        {
            "metric": f"{name}/{level:g}",
            "value": float(value),
            "unit": "1",
            "standard_error": float(error),
            "n": count,
        }
        for level, value, error in zip(LEVELS, values, errors)
    ]
