"""gaussian_mixture: draws from a mixture of Gaussians, as images of one row.

x is an image [1, 1, d] with the law

    p(x) = sum_k w_k N(x; m_k, s_k^2 I)          on R^d, d = 1, 2, ...

so that everything is known that a denoiser could be compared with: the best of all, E[x_0 | x_t],
is ``law(...).denoise(y, sigma)`` of ``theory.mixture``; the best for the finite set of its images,
the posterior mean of a kernel density estimate, is ``kernel(points).denoise(y, sigma)``; on the
line, integrals under the law are those of ``theory.line_mixture``.

Images lie in [-1, 1] and nothing is clipped: parameters for which more than 1e-9 of the mass may
lie outside are refused. The mass of component k outside is at most

    sum over axes of Phi(-(1 - m) / s) + Phi(-(1 + m) / s),

which on the line is its exact value: at six deviations from the edge it is 1e-9. Should a draw lie
outside nevertheless, the set is refused, and another seed is to be chosen; of a million images that
happens to one set in a thousand at the most. A pixel is rounded to float32, 3e-8 at most.

The held-out part is drawn independently of the training part. ``count`` is the pool of which the
replicates take their clean parts.

``labelled`` images have their component as their class. The components, of equal weights, then take
turns, and a round of them, one image of each, is a region: a clean subset, which is drawn by region
(``harness.data.subset``), holds exactly as many images of every class. Within a class they are
independent draws of its Gaussian, as before; they are not the images of the set without labels.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.problem import Problem
from harness.streams import numpy_generator
from theory.mixture import Mixture

OUTSIDE = 1e-9  # of the mass

Numbers = float | Sequence[float]


def gaussian_mixture(
    *,
    weights: Sequence[float] = (0.5, 0.5),
    means: Sequence[Numbers] = (-0.5, 0.5),
    deviation: Numbers = 0.08,
    count: int = 20000,
    held_out: int = 5000,
    seed: int = 0,
    labelled: bool = False,
) -> Images:
    """``count`` training and ``held_out`` held-out images ``[1, 1, d]``, with or without labels.

    weights: positive, with the sum 1; means: a number, or d of them, for each component; deviation:
    s, one for all components or one for each; seed: chooses among independent sets. Raises Problem
    for parameters that make no mixture, for one that does not lie in [-1, 1], and for labels where
    weights differ or a part is no whole number of rounds.
    """
    for name, value in (("count", count), ("held_out", held_out)):
        if type(value) is not int or value < 1:
            fix = "give a whole number from 1"
            raise Problem(f"{name}={value!r} of a mixture", "no number of images", fix)
    mixture = law(weights, means, deviation)
    said = (
        f"weights {mixture.weights.tolist()}, means {mixture.means.tolist()}, "
        f"deviations {np.broadcast_to(np.array(deviation, float), mixture.weights.shape).tolist()}"
    )
    outside = mass_outside(mixture)
    if not outside <= OUTSIDE:
        fix = "use means and deviations with six deviations to either edge"
        raise Problem(f"the mixture of {said} in [-1, 1]", f"{outside:.2g} of it outside", fix)
    sizes = {"train": count, "held out": held_out}
    if labelled:
        _require_rounds(mixture, sizes)
    draw = _in_turn if labelled else Mixture.sample
    drawn = [
        draw(mixture, size, numpy_generator(f"gaussian_mixture {said}", seed, part))
        for part, size in sizes.items()
    ]
    images = Images.unrelated(
        name="gaussian_mixture",
        pixels=np.concatenate(drawn).astype(np.float32)[:, None, None],  # [N, 1, 1, d]
        test=np.arange(count + held_out) >= count,
        labels=None,
        classes=(),
        licence="CC0 1.0 (drawn by this project)",
        citation=f"a Gaussian mixture of {said}",
    )
    if not labelled:
        return images
    classes = len(mixture.weights)
    turn = np.arange(count + held_out)
    return replace(images, labels=turn % classes, classes=names(classes), region=turn // classes)


def names(components: int) -> tuple[str, ...]:
    """The names of the classes of a labelled mixture."""
    return tuple(f"mode {k + 1}" for k in range(components))


def _require_rounds(mixture: Mixture, sizes: dict[str, int]) -> None:
    """Refuse labels where the components cannot take turns."""
    classes = len(mixture.weights)
    if np.ptp(mixture.weights) > 1e-9:
        fix = "give all components one weight"
        raise Problem("a labelled mixture", f"the weights {mixture.weights.tolist()}", fix)
    for part, size in sizes.items():
        if size % classes:
            fix = f"give a multiple of {classes}, an image of each component"
            raise Problem(f"{size} labelled images, {part}", "no whole number of rounds", fix)


def _in_turn(mixture: Mixture, size: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Draws [size, d] of the components in turn."""
    component = np.arange(size) % len(mixture.weights)
    z = generator.standard_normal((size, mixture.dimension))
    return mixture.means[component] + np.sqrt(mixture.covariances[component])[:, None] * z


def law(weights: Sequence[float], means: Sequence[Numbers], deviation: Numbers) -> Mixture:
    """The law of the images as points [d]; a Problem where the parameters make none."""
    asked = f"a mixture of weights {weights}, means {means}, deviation {deviation}"
    fix = "give weights with the sum 1, a mean (a number, or d of them) for each, and a deviation"
    try:
        w, m, s = (np.array(given, float) for given in (weights, means, deviation))
    except (ValueError, TypeError) as error:
        raise Problem(asked, "no arrays of numbers", fix) from error
    m = m[:, None] if m.ndim == 1 else m
    if w.ndim != 1 or m.ndim != 2 or len(m) != len(w) or s.shape not in ((), w.shape):
        raise Problem(asked, f"arrays of the shapes {w.shape}, {m.shape} and {s.shape}", fix)
    finite = np.isfinite(m).all() and np.isfinite(s**2).all()
    if not (finite and (w > 0).all() and abs(w.sum() - 1) < 1e-9 and (s > 0).all()):
        raise Problem(asked, "weights, means or deviations that make no law", fix)
    return Mixture(w, m, s**2)


def kernel(points: NDArray[np.floating]) -> Mixture:
    """Equal masses at n points [n, d]: under noise, their kernel density estimate.

    ``kernel(points).denoise(y, sigma)`` minimises the denoising loss on these points alone.
    """
    return Mixture(np.full(len(points), 1 / len(points)), np.asarray(points, float), np.array(0.0))


def points_of(images: Images) -> NDArray[np.float64]:
    """Images [n, 1, 1, d] as points [n, d]."""
    return images.pixels.reshape(images.count, -1).astype(float)


def mass_outside(mixture: Mixture) -> float:
    """An upper bound on the mass outside [-1, 1]^d, exact for d = 1."""
    scale = np.sqrt(2 * mixture.covariances)[:, None]
    edges = np.concatenate([(1 - mixture.means) / scale, (1 + mixture.means) / scale], axis=1)
    tails = np.vectorize(math.erfc)(edges) / 2  # [k, 2 d]
    return float(mixture.weights @ tails.sum(axis=1))
