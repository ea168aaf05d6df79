"""The released toy experiment of self-correction, simulated, and what its corrector really does.

Gillman et al. 2024 fit a Gaussian in the plane, N(0, I) being the truth, to 50 real samples, drawn
once, and to corrected samples of the last model, 25 in each of 500 generations, for gamma in {0,
0.01, 0.03, 0.1, 0.3, 1, 2, 5}; the figure is W2(model, N(0, I)) against the generation, one run a
gamma and no seed. It is to show that the distance falls with gamma. What their code does (the
repository nate-gillman/self-correcting-self-consuming, gaussian_toy_example.py; simulated here for
many loops at once):

* *pool* ``growing``: in generation G the earlier batch i = 1..G gives its first floor(i m / G)
  samples, m = 25. So the synthetic share is not one third: after 500 generations about 6,000
  synthetic samples stand against 50 real ones. ``latest`` keeps the last batch alone, as the
  theorem has it.
* *corrector* ``released``: a histogram h of the batch with 10 x 10 bins, then rejection sampling of
  g = t phi + (1 - t) h, t = gamma / (1 + gamma), phi the truth, with proposals from phi and the
  constant M = max g / max phi. That is no envelope, as M phi < g in the tails. What comes out has
  the density proportional to min(g, M phi) = t phi + (1 - t) min(h, h_max phi / phi(0)).
  (derived here)

  Hence (i) a share gamma / (gamma + Z) of samples is from the truth instead of gamma / (1 + gamma),
  Z = int min(h, h_max phi / phi(0)), about one half; (ii) the rest is no copy of the batch: a bin
  with the full count is weighted by phi / phi(0) = exp(-r^2 / 2), which turns N(0, v) into
  N(0, v / (1 + v)), half of the variance where v = 1. So gamma = 0 is no loop without correction,
  but one whose corrector shrinks. (iii) indices are truncated towards 0, so that a strip of a
  bin's width below the lower edges counts as the first row and the first column of bins.
* *corrector* ``histogram``: g itself, which adds within-bin variance; ``ideal``: samples of
  pi_gamma p, from the model with probability 1 - t and from the truth with probability t.

The fit is the maximum likelihood mean and covariance, plus 1e-6 I as in scikit-learn. Of the two
parts of g the first is sampled as it is and the second by rejection from h, which has the same law
as the released loop over single candidates and needs fewer. Released *versions* differ: an earlier
one has proposals N(0, 2 I) and M = 2; the last one is simulated here.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.loops.correction import GILLMAN, replaced, strength
from theory.loops.stationary_error import mean_of
from theory.parameter import choice, integer

Array = npt.NDArray[np.float64]
BINS = 10
CORRECTORS = ("released", "histogram", "ideal")
POOLS = ("growing", "latest")
REGULARISED = 1e-6  # what scikit-learn adds to a covariance
CHUNK = 200  # loops at once: the batches of 500 generations take 40 MB


class Histogram(NamedTuple):
    """The bins of batches [c, m, 2], as the samples in them see them."""

    low: Array  # [c, 2], lower edges
    width: Array  # [c, 2]
    place: npt.NDArray[np.int64]  # [c, m, 2], the bin of each sample
    crowd: Array  # [c, m], samples in that bin
    weight: Array  # [c, m], cumulated over samples: by what strips enlarge a sample's bin


def histogram(batch: Array, strips: bool) -> Histogram:
    """The histograms of batches [c, m, 2]; strips: whether the first bins reach below the edges."""
    low, high = batch.min(axis=1), batch.max(axis=1)
    width = (high - low) / BINS
    index = ((batch - low[:, None]) / width[:, None]).astype(np.int64)
    index = np.minimum(index, BINS - 1)  # [c, m, 2]
    code = index[..., 0] * BINS + index[..., 1]
    count = (code[:, :, None] == code[:, None, :]).sum(axis=2).astype(float)
    area = 2.0 ** (index == 0).sum(axis=2) if strips else np.ones_like(count)
    return Histogram(low, width, index, count, np.cumsum(area, axis=1))


def corrected(
    batch: Array, gamma: float, corrector: str, size: int, rng: np.random.Generator
) -> Array:
    """Samples [c, size, 2] of what a corrector on a histogram makes of batches [c, m, 2]."""
    chains, m, _ = batch.shape
    released = corrector == "released"
    bins = histogram(batch, strips=released)
    true = replaced(gamma)
    mass = bins.weight[:, -1] / m  # [c], of h with its strips
    share = true / (true + (1 - true) * mass)  # [c], of candidates from the truth
    most = bins.crowd.max(axis=1)
    out = np.empty((chains, size, 2))
    filled = np.zeros(chains, int)
    while (todo := np.flatnonzero(filled < size)).size:
        tries = int(2 * (size - filled[todo].min())) + 4
        pick = rng.random((todo.size, tries)) * bins.weight[todo, -1:]
        chosen = (bins.weight[todo, None, :] <= pick[..., None]).sum(axis=2)  # [k, tries]
        chosen = np.minimum(chosen, m - 1)
        row = todo[:, None]
        at = bins.place[row, chosen]  # [k, tries, 2]
        place = rng.random((todo.size, tries, 2))
        if released:
            place = np.where(at == 0, 2 * place - 1, place)
        candidate = bins.low[todo, None] + (at + place) * bins.width[todo, None]
        accept = np.ones((todo.size, tries), bool)
        if released:
            full = most[row] / bins.crowd[row, chosen]
            radius = (candidate**2).sum(axis=2)
            accept = rng.random((todo.size, tries)) < full * np.exp(-0.5 * radius)
        fresh = rng.random((todo.size, tries)) < share[row]
        candidate = np.where(fresh[..., None], rng.standard_normal(candidate.shape), candidate)
        accept |= fresh
        position = filled[row] + np.cumsum(accept, axis=1) - 1
        keep = accept & (position < size)
        which = np.nonzero(keep)
        out[todo[which[0]], position[which]] = candidate[which]
        filled[todo] += keep.sum(axis=1)
    return out


def ideal(mean: Array, factor: Array, gamma: float, size: int, rng: np.random.Generator) -> Array:
    """Samples [c, size, 2] of pi_gamma p for models with means [c, 2] and Cholesky factors."""
    noise = rng.standard_normal((len(mean), size, 2))
    sample = mean[:, None] + noise @ factor.transpose(0, 2, 1)
    fresh = rng.random((len(mean), size, 1)) < replaced(gamma)
    return np.where(fresh, noise, sample)


def sums(sample: Array) -> Array:
    """n, sum x, sum y, sum x^2, sum xy, sum y^2 [c, 6] of samples [c, n, 2]."""
    x, y = sample[..., 0], sample[..., 1]
    parts = [np.ones_like(x), x, y, x * x, x * y, y * y]
    return np.stack([part.sum(axis=1) for part in parts], axis=1)


def fitted(total: Array) -> tuple[Array, Array]:
    """Means [c, 2] and covariances [c, 2, 2] from ``sums`` [c, 6]."""
    scaled = total[:, 1:] / total[:, :1]
    mean = scaled[:, :2]
    second = scaled[:, [2, 3, 3, 4]].reshape(-1, 2, 2)
    covariance = second - mean[:, :, None] * mean[:, None, :] + REGULARISED * np.eye(2)
    return mean, covariance


def distance(mean: Array, covariance: Array) -> Array:
    """W2 [c] of N(mean, covariance) and N(0, I) in the plane."""
    values = np.sqrt(np.linalg.eigvalsh(covariance))  # [c, 2]
    return np.sqrt((mean**2).sum(axis=1) + ((values - 1) ** 2).sum(axis=1))


def included(batches: int, m: int) -> npt.NDArray[np.int64]:
    """How many samples of each batch stand in the growing pool [batches]."""
    return (np.arange(1, batches + 1) / batches * m).astype(np.int64)


class Point(NamedTuple):
    """One experiment; the fields are the law's parameters."""

    gamma: float
    generations: int
    corrector: str
    pool: str
    real: int
    synthetic: int


def path(point: Point, chains: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Fitted means [c, 2] and covariances [c, 2, 2], generation 0 first."""
    gamma, generations, corrector, pool, real, synthetic = point
    base = sums(rng.standard_normal((chains, real, 2)))
    mean, covariance = fitted(base)
    yield mean, covariance
    batches = np.empty((generations if pool == "growing" else 0, chains, synthetic, 2))
    used = np.zeros(0, np.int64)  # samples of each earlier batch that stand in the pool
    total = base.copy()
    for generation in range(1, generations + 1):
        factor = np.asarray(np.linalg.cholesky(covariance), np.float64)
        if corrector == "ideal":
            batch = ideal(mean, factor, gamma, synthetic, rng)
        else:
            model = ideal(mean, factor, 0.0, synthetic, rng)
            batch = corrected(model, gamma, corrector, synthetic, rng)
        if pool == "latest":
            total = base + sums(batch)
        else:
            batches[generation - 1] = batch
            now = included(generation, synthetic)
            while (out := np.flatnonzero(now[:-1] < used)).size:
                total -= sums(batches[out, :, used[out] - 1].swapaxes(0, 1))
                used[out] -= 1
            total += sums(batch)
            used = now
        mean, covariance = fitted(total)
        yield mean, covariance


class Ends(NamedTuple):
    """What loops start and end with, each [c]."""

    start: Array  # W2 of the fit to the real samples alone
    w2: Array
    variance: Array  # mean of the two axes
    mean: Array  # squared error of the mean, mean of the two axes


@lru_cache(maxsize=4)
def ends(point: Point, chains: int, seed: int) -> Ends:
    """The start and the end of simulated loops."""
    rng = np.random.default_rng(seed)
    parts = []
    for begin in range(0, chains, CHUNK):
        models = path(point, min(CHUNK, chains - begin), rng)
        mean, covariance = next(models)
        start = distance(mean, covariance)
        for mean, covariance in models:  # noqa: B007  the last one counts
            pass
        variance = np.trace(covariance, axis1=1, axis2=2) / 2
        parts.append((start, distance(mean, covariance), variance, (mean**2).sum(axis=1) / 2))
    return Ends(*(np.concatenate(column) for column in zip(*parts)))


@final
class Toy(Law):
    """The mean W2 to N(0, I) after some generations; parameters gamma, generations, corrector,
    pool, real, synthetic, chains."""

    name = "loops.toy"
    statement = "W2 of the fitted Gaussian to the truth after t generations falls with gamma"
    source = f"{GILLMAN}, toy experiment, and its released code"
    unit = "standard deviations of the data"
    tier = "tolerance"
    parameters: ClassVar = {
        "gamma": strength("strength of correction"),
        "generations": integer("generations t"),
        "corrector": choice("how samples are corrected", CORRECTORS, default="released"),
        "pool": choice("which batches the fit sees", POOLS, default="growing"),
        "real": integer("real samples", least=4, default=50),
        "synthetic": integer("synthetic samples in each generation", least=4, default=25),
        "chains": integer("simulated loops", least=2, default=100),
    }
    example: ClassVar = {"gamma": 0.3, "generations": 10, "chains": 20}

    def _ends(self, params: Params, generator: np.random.Generator) -> Ends:
        """One run, which every row of a point speaks of."""
        *point, chains = self.read(params)
        return ends(Point(*point), chains, int(generator.integers(2**62)))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        self.read(params)
        return mean_of(self._ends(params, self.drawing(generator)).w2)

    def printed(self, params: Params) -> Value | None:
        """None: the source draws one run, and prints no number."""
        self.read(params)
        return None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """How many synthetic samples the last fit saw, and how many of them a corrector of this
        strength draws from the truth. With a generator: the fit to the real samples alone, what the
        loop adds to its W2 (paired), the variance and the squared error of the mean, by axis; the
        W2 of a loop with the ideal corrector, from other draws."""
        gamma, generations, corrector, pool, _, synthetic, _ = self.read(params)
        pooled = int(included(generations, synthetic).sum()) if pool == "growing" else synthetic
        values = {
            "synthetic_samples": Value(float(pooled), unit="samples"),
            "oracle_samples": Value(replaced(gamma) * pooled, unit="samples"),
        }
        if generator is None:
            return values
        found = self._ends(params, generator)
        if corrector != "ideal":
            alone = {**params, "corrector": "ideal"}
            values["idealised"] = mean_of(self._ends(alone, generator).w2)
        values["real_only"] = mean_of(found.start)
        values["added"] = mean_of(found.w2 - found.start)
        values["log_ratio"] = mean_of(np.log(found.w2 / found.start), "nats")
        values["variance"] = mean_of(found.variance, "variance of the data")
        values["mean_error"] = mean_of(found.mean, "variance of the data")
        return values

    def void(self, params: Params) -> bool:
        """Never: what is claimed is an order, and no number."""
        self.read(params)
        return False
