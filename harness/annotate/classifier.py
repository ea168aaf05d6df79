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
imperfect images are annotated, those that the classifier was trained on too, as in the paper. The
curve of an image over 34 noise levels is the mean of all, measured on draws of the noise for each,
plus the image's own deviation from the mean of all on draws that all images share,

.. math::  \bar c(\sigma) + c(x_0 + \sigma z, \sigma)
           - \operatorname{mean}_x c(x + \sigma z, \sigma),

since most of what c makes of an image at high noise is the noise's: with two draws the levels of
photographs have rank correlations of 0.80 with those from 64 draws, where two draws for each image
have 0.65. Crossings are those of the isotonic regression over the levels
(``harness.annotate.crossing``).

Cost: in the main the annotation of single images, ``draws`` x 34 passes each.
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
JUDGED = 2048  # draws, at least, behind a mean at one level
POPULATION = 4096  # imperfect images, at most, behind the mean of all


@final
@dataclass(frozen=True)
class Classifier:
    """sigma_min by a trained classifier; units of the images.

    rule: ``mean`` or ``accuracy``. threshold: tau in (0, 1/2]; the accuracy rule has epsilon = 1/2
    - tau. per_image: a level for each image, of the mean rule. data: ``seen`` or ``leaking``.
    draws: of the noise at each level, shared, for the levels of single images. steps, width: of the
    training.
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
        """The levels, and over the noise levels the mean probability of clean of imperfect images
        (the held-out ones where the rule is the accuracy) and the total variation."""
        made, basis, held, generator = self._trained(case)
        judged = [self._seen(made, basis, images, generator) for images in held]  # [2, m, S] each
        right = [judged[0][1], 1 - judged[1][1]]  # the share of draws that is told right, by image
        variation = right[0].mean(0) + right[1].mean(0) - 1
        error = np.sqrt(sum(each.var(0, ddof=1) / len(each) for each in right))
        if self.rule == "accuracy":
            clean = judged[1][0]
            # "At most" where the other rule says "exceeds": the two differ at a tie alone.
            level = crossings(-variation[None], LEVELS, self.threshold - 0.5)
        else:
            some = case.generator.permutation(len(case.imperfect))[:POPULATION]
            clean = self._seen(made, basis, case.imperfect[some], generator)[0]
            curves = clean.mean(0, keepdims=True)
            if self.per_image:
                own = self._seen(made, basis, case.imperfect, generator, self.draws)[0]
                curves = curves + own - own.mean(0)
            level = crossings(curves, LEVELS, self.threshold)
        levels = np.zeros((len(case.imperfect), 2), np.float32)
        levels[:, 0] = level
        spread = clean.std(0, ddof=1) / np.sqrt(len(clean))
        rows = _rows("clean_probability", clean.mean(0), spread, len(clean))
        return levels, rows + _rows("total_variation", variation, error, sum(map(len, held)))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Products of the transforms, the training, its held-out part and the annotation; a leaking
        classifier has as many originals as there are images of both kinds."""
        from harness.annotate.discriminator import Network

        kinds = (clean + (imperfect if self.data == "leaking" else 0), imperfect)
        passes = sum(count * _draws(count) for count in (kind // HELD_OUT for kind in kinds))
        if self.rule == "mean":
            some = min(imperfect, POPULATION)
            passes += some * _draws(some) + (imperfect * self.draws if self.per_image else 0)
        modes = int(np.prod(shape))
        transforms = sum(kinds) * 2 * modes * sum(shape)
        seen = len(LEVELS) * passes * Network.flops(modes, self.width)
        return self._recipe().flops(modes) + float(seen + transforms)

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

    def _seen(
        self,
        made: "Discriminator",
        basis: "Basis",
        images: np.ndarray,
        generator: "torch.Generator",
        shared: int = 0,
    ) -> np.ndarray:
        """Mean probability of clean, and share of draws that are more likely clean: [2, n, S].

        Over as many draws for each image as the mean of all needs, or over so many shared ones.
        """
        from harness.annotate.view import View

        modes = View(images, basis).grid()[:, 0]
        draws = shared or _draws(len(images))
        return made.probabilities(modes[None], LEVELS, draws, generator, shared > 0)[:, 0]


def _draws(count: int) -> int:
    """Draws for each of so many images that make ``JUDGED`` at least."""
    return -(-JUDGED // max(count, 1))


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
