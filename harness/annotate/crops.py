r"""Annotation by crops: up to which noise level images of another law are of use.

At low noise the optimal denoiser looks at few pixels around each. Where crops of that size have one
law in the clean and in the imperfect images, the imperfect ones may be used there, whatever the
whole images show (Daras et al. 2025, section 3.2). So sigma_max of an image is the reach of the
largest crops in which classifiers take it for a clean one,

.. math::  \sigma_{max} = r(k^*), \qquad
           k^* = \max \{k : \operatorname{mean}_{crops} c_j(x) > \tau \text{ for all } j \le k\},

and 0 where there is none. The paper's text has tau = 1/2 - epsilon, its code 0.25, the default
here. It takes the largest k that passes, whatever the smaller ones say. Larger crops cannot be
harder to tell apart than the smaller ones in them, but with few images their classifier is worse,
and would then admit what a smaller crop gives away: here all smaller sizes must pass (ours).

*The classifiers* (``harness.annotate.discriminator``), one for each size, see crops and nothing
else. The paper's saw whole images that were zero outside of one crop, with a crop a batch; as
released the mask is left out of what the classifier reads, so that it was trained on whole images.
Here a crop of k x k pixels is a window at a random place, and it is all that the network is given;
its place is not. The mean of an image is over the windows half a window apart, so that no pair of
neighbours is always cut apart. The noise is ``sigma`` = 0.01, about none: lower levels are drawn in
2.5 of a thousand steps of a training, and there a classifier could tell images by the rounding to 8
bits.

*Cross-fitted*: of two classifiers, each learns from one half of either kind and annotates the other
half, and is stopped by it: no image is judged by a classifier that learned from it. Only the images
that training sees are used.

*Reach* r(k) (``harness.annotate.reach``): the noise level up to which a window of k pixels is as
good for a denoiser as the whole image, to a relative error ``delta``, on the clean data. Crops as
large as the image reach to the top of the noise grid.

Images of another law have no level from which on they may be used: sigma_min is inf, unless
``from_above`` names an annotator that gives one. An image then is used at low and at high noise
and not between, the paper's "donut".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.annotate.parameter import require_count, require_level, require_threshold
from harness.annotate.reach import reaches
from harness.annotate.spectral import colour_axes, power
from harness.cell import Part
from harness.problem import Problem

if TYPE_CHECKING:
    import torch

    from harness.annotate.discriminator import Recipe

BATCH, RATE = 512, 4e-3
PIECE = 1024  # images whose windows are in memory at once


@final
@dataclass(frozen=True)
class Crops:
    """sigma_max by classifiers of crops; units of the images, sizes in pixels.

    threshold: tau in (0, 1/2]. sizes: of the crops, None for the powers of two up to half the
    image, since whole images of another law are not what is asked about.
    from_above: the annotator of sigma_min, None for never. sigma: the noise at which crops are
    compared. steps, width: of the training of each classifier.
    """

    threshold: float = 0.25
    sizes: tuple[int, ...] | None = None
    delta: float = 0.02
    from_above: Part | None = None
    sigma: float = 0.01
    steps: int = 200
    width: int = 64

    def __post_init__(self) -> None:
        require_threshold("threshold of the annotator crops", self.threshold)
        require_level("sigma of the annotator crops", self.sigma)
        for name in ("steps", "width"):
            require_count(f"{name} of the annotator crops", getattr(self, name))
        for size in self.sizes or ():
            require_count("a size of the annotator crops", size)
        if not (self.delta > 0 and self.sigma > 0 and self.sizes != ()):
            got = f"delta={self.delta}, sigma={self.sigma}, sizes={self.sizes}"
            raise Problem("the annotator crops", got, "give numbers above 0, and a size")

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        return self.explained(case)[0]

    def explained(self, case: Case) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """The levels, and for each size of crop its reach, the mean probability of clean, and the
        share of images for which it is k*."""
        sizes = self._sizes(case.clean.shape[2:])
        axes = colour_axes(case.clean)
        reach = reaches(power(case.clean, axes).reshape(case.clean.shape[1:]), sizes, self.delta)
        low = None if self.from_above is None else ANNOTATORS.make(self.from_above)(case)[:, 0]
        seed = int(case.generator.integers(1 << 62))
        probability = np.stack([self._probabilities(case, size, seed) for size in sizes])  # [S, n]
        largest = np.logical_and.accumulate(probability > self.threshold).sum(0) - 1
        levels = np.full((len(case.imperfect), 2), np.inf, np.float32)
        levels[:, 1] = np.append(reach, 0.0)[largest]
        if low is not None:
            levels[:, 0] = low
        rows = []
        for at, size in enumerate(sizes):
            found = {
                "reach": reach[at],
                "clean_probability": probability[at].mean(),
                "share": (largest == at).mean(),
            }
            count = len(case.imperfect)
            rows += [
                {"metric": f"crop_{name}/{size}", "value": float(value), "unit": unit, "n": count}
                for (name, value), unit in zip(found.items(), ("units of the images", "1", "1"))
            ]
        return levels, rows

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Products of all trainings and of the annotation, with those of ``from_above``."""
        from harness.annotate.discriminator import Network
        from harness.annotate.view import places

        total = 0.0
        for size in self._sizes(shape[1:]):
            modes = shape[0] * size * size
            windows = np.prod([len(places(side - size + 1, size)) for side in shape[1:]])
            total += self._recipe().flops(modes, copies=2)
            total += float(imperfect * windows * Network.flops(modes, self.width))
        if self.from_above is not None:
            total += ANNOTATORS.make(self.from_above).flops(shape, clean, imperfect)
        return total

    def _recipe(self) -> "Recipe":
        from harness.annotate.discriminator import Recipe

        return Recipe(self.steps, BATCH, RATE, self.width, self.sigma, self.sigma)

    def _sizes(self, sides: tuple[int, ...]) -> list[int]:
        """The sizes of crops of images of these sides, in order."""
        least = min(sides)
        if self.sizes is None:
            return [1 << k for k in range(max(1, least.bit_length() - 1))]
        if max(self.sizes) > least:
            fix = f"give sizes of at most {least} pixels"
            raise Problem(f"crops of {max(self.sizes)} pixels", f"images of {sides}", fix)
        return sorted(set(self.sizes))

    def _probabilities(self, case: Case, size: int, seed: int) -> np.ndarray:
        """Mean probability of clean over each imperfect image's crops of a size, [n]."""
        import torch

        from harness.annotate.discriminator import Fold, fit
        from harness.annotate.view import Basis, View

        generator = torch.Generator(device=case.device).manual_seed(seed)
        basis = Basis.of(case.clean, (size, size), case.device)
        kinds = [case.clean, case.imperfect]
        halves = [_halves(len(images), generator) for images in kinds]
        if min(len(half) for pair in halves for half in pair) < 2:
            got = f"{len(case.clean)} clean and {len(case.imperfect)} imperfect images"
            raise Problem("classifiers of crops", got, "give at least 4 of each")
        views = [[View(images[h], basis) for h in pair] for images, pair in zip(kinds, halves)]
        (clean, held_clean), (imperfect, held_imperfect) = views
        folds = [
            Fold(clean, imperfect, held_clean, held_imperfect),
            Fold(held_clean, held_imperfect, clean, imperfect),
        ]
        trained = fit(folds, self._recipe(), generator)
        found = np.empty(len(case.imperfect))
        for index in _pieces(halves[1][1], halves[1][0]):  # copy 0 did not learn from half 1
            modes = torch.stack([View(case.imperfect[i], basis).grid() for i in index])
            flat = modes.flatten(1, 2)  # [2, m places, d]
            clear = trained.probabilities(flat, [self.sigma], 1, generator)[0, :, :, 0]
            for copy in (0, 1):
                found[index[copy]] = clear[copy].reshape(modes.shape[1:3]).mean(1)
        return found


def _halves(count: int, generator: "torch.Generator") -> list[np.ndarray]:
    """The indices of two random halves; where the count is odd the first has one more."""
    import torch

    turn = torch.randperm(count, generator=generator, device=generator.device).cpu().numpy()
    return np.array_split(turn, 2)


def _pieces(first: np.ndarray, second: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Both halves in pieces of one length: an index may come twice at the end of the shorter."""
    count = max(len(first), len(second))
    both = [np.append(half, half[:1])[:count] for half in (first, second)]
    for start in range(0, count, PIECE):
        yield [half[start : start + PIECE] for half in both]
