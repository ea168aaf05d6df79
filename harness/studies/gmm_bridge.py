"""A bridge from the laws to what is trained: small networks on mixtures where everything is known.

The laws of ``ambient_laws`` and ``ambient_rules`` speak of the best that samples allow: of kernel
estimates, which are the optimum of denoising on these samples. A network is trained for a while and
is something else. Here the clean law, two modes on the line, and an imperfect one are known, so
that the excess risk of a denoiser is exact at every noise level, and is split into what the law of
the pool does (bias), what the draw of the samples does (variance) and what the training does
(``harness.metrics.excess_risk``). Of every arm three denoisers are measured on the same data sets:

    mlp          trained: a residual MLP of 8,500 weights, at n1 = 100 two copies on each data set
    optimum      the optimum of the same samples, in closed form
    population   the optimum of infinitely many, exact

    pair      imperfect law                          what the law at large noise says
    matched   modes drawn together, and narrower     all as equals win above a level ~ sqrt(n1)
    shifted   both modes moved by .15, and narrower  no level: they lose at every large noise

n1 = 100 clean samples, for the growth of the level also 25 and 400, and 9 imperfect ones for each.
Arms: clean; all as equals; gated, at the level of the law; oracle, which sees the whole pool of
100,000 clean samples: what is left of its risk is the network's own.

The level is that of the excess risk, derived in ``harness.metrics.mixture_risk``. It differs from
that of the total variation (D4 of the theory, ``theory.ambient.switching_point``), which is .76 of
it: the two grow alike. The paper's t_min is no number here: its Theorems 4.1 and 4.2 ask for laws
on a bounded set.

The noise in the data is large where the noise level is: the error of a mean of samples, squared, is
a chi-square of one degree. A replicate is therefore the mean of three data sets, and there are
twice as many replicates as a headline contrast has. Laws and sizes were chosen on other data sets:
by the optimum, by the oracle's own risk, and in a pilot of 16 data sets that showed clean-only and
all as equals; the rules were written after it and before any run of the study's own. Two
dimensions, where the quadrature costs the square, are left out.
"""

from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.claim import Claim
from harness.claims.contrast import Arm, Where
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.reading import Reading
from harness.claims.verdict import Regime
from harness.metrics.excess_risk import SIGMAS, Excess
from harness.scale import Sizes
from harness.studies.frame import OMNI
from harness.studies.study import Study
from harness.train.pooling import Pooling
from harness.train.training import Training

POOL = 100_000  # clean samples that there are, and imperfect ones
COUNTS = (25, 100, 400)
MAIN = 100
TIMES = 9  # imperfect samples for each clean one
DATASETS = 3  # behind a replicate
LENGTH = 100_000  # images
CLEAN: dict[str, Any] = {"weights": (0.5, 0.5), "means": (-0.5, 0.5), "deviation": 0.08}
IMPERFECT: dict[str, dict[str, Any]] = {
    "matched": {"weights": (0.5, 0.5), "means": (-0.44, 0.44), "deviation": 0.05},
    "shifted": {"weights": (0.5, 0.5), "means": (-0.35, 0.65), "deviation": 0.05},
}


def images(law: dict[str, Any], seed: int) -> Part:
    """The samples of a law: a pool from which replicates draw."""
    return part("gaussian_mixture", **law, count=POOL, held_out=2, seed=seed)


def level(n1: int) -> float:
    """Above which the law at large noise has all samples of the matched pair beat the clean."""
    from harness.data.gaussian_mixture import law
    from harness.metrics.mixture_risk import Setting

    found = Setting(law(**CLEAN), law(**IMPERFECT["matched"]), n1, TIMES * n1).level
    assert found is not None
    return round(found, 3)


def training(sizes: Sizes, arm: str, n1: int, pair: str) -> Training:
    """The training of an arm with n1 clean samples."""
    length = min(LENGTH, sizes.images)
    mixed: dict[str, Any] = {}
    if arm in ("all", "gated"):
        floor = level(n1) if arm == "gated" else 0.0
        mixed = {
            "other": images(IMPERFECT[pair], 1),
            "annotator": part("fixed", sigma_min=floor),
            "pooling": Pooling(multiplicity=float(TIMES)),
        }
    return Training(
        dataset=images(CLEAN, 0),
        pool="mixed" if mixed else arm,
        network=part("mlp", width=32, blocks=2),
        objective=part("denoising"),
        images=length,
        clean_fraction=n1 / POOL,
        rate=3e-3,
        warmup=length // 20,
        constant=length // 4,
        log_sigma_mean=0.0,
        log_sigma_std=1.6,
        **mixed,
    )


def cells(sizes: Sizes) -> list[Cell]:
    """Every arm trained and as the optimum, the population's where it has a bias."""
    many = 2 * sizes.replicates

    def cell(arm: str, of: str, replicates: int, n1: int, pair: str = "matched") -> Cell:
        shown: dict[str, Any] = {} if arm == "oracle" else {"n1": n1}
        shown |= {"pair": pair} if arm in ("all", "gated") else {}
        asked = Excess(
            training(sizes, arm, n1, pair),
            of=of,
            datasets=1 if of == "population" or arm == "oracle" else DATASETS,
            copies=2 if n1 == MAIN and of == "network" else 1,
            level=None if arm == "oracle" or pair == "shifted" else level(n1),
        )
        named = "mlp" if of == "network" else of
        labels = factors(arm=arm, network=named, **shown)
        return Cell(labels, (Stage("excess", asked),), replicates)

    grid = [cell("oracle", "network", sizes.replicates, MAIN)]
    for of in ("network", "optimum"):
        grid += [cell(arm, of, many, n1) for n1 in COUNTS for arm in ("clean", "all")]
        grid += [cell("gated", of, many, MAIN), cell("all", of, many, MAIN, "shifted")]
    return [*grid, *(cell("all", "population", 1, MAIN, pair) for pair in IMPERFECT)]


ALL: Arm = {"arm": "all", "pair": "matched"}
SHIFTED: Arm = {"arm": "all", "pair": "shifted"}
TRAINED: Where = {"network": "mlp", "n1": MAIN}
DERIVED = "derived here, after D4"
LOWEST, LOW = SIGMAS[:2]
HIGH = tuple(sigma for sigma in SIGMAS if 0.1 < sigma < 5)


BELOW = Reading("relative/below", "lower", scale="difference")
ABOVE = Reading("relative/above", "lower", scale="difference")
WHOLE = Reading("excess", "lower", margin=0.05)


def risk(sigma: float, margin: float = 0.0) -> Reading:
    """The excess risk at a noise level."""
    return Reading(f"excess/{sigma:.4g}", "lower", margin)


def difference(sigma: float) -> Reading:
    """The same where it is the mean that a law speaks of."""
    return Reading(f"excess/{sigma:.4g}", "lower", scale="difference")


def claim(
    id: str,
    statement: str,
    source: str,
    arm: Arm,
    baseline: Arm,
    metrics: tuple[Reading, ...],
    conditions: tuple[Where, ...] = (TRAINED,),
    confirmatory: bool = True,
    regime: Regime = "here",
) -> Claim:
    """A claim that one arm beats another, in each condition."""
    rule = PairedEffect(metrics, arm, baseline, conditions)
    return Claim(id, statement, source, "gmm_bridge", rule, regime, confirmatory)


def counts(network: str) -> tuple[Where, ...]:
    """Every number of clean samples."""
    return tuple({"network": network, "n1": n1} for n1 in COUNTS)


def switching(network: str, whose: str, confirmatory: bool, regime: Regime) -> tuple[Claim, ...]:
    """The two sides of the level, within a factor of two, and the pair that has none."""
    tail = "" if network == "mlp" else f"-{network}"
    shared: dict[str, Any] = {"confirmatory": confirmatory, "regime": regime}
    return (
        claim(
            f"bridge-equals-win-above{tail}",
            f"At twice the level of the law, which grows as sqrt(n1), all samples as equals beat "
            f"the clean ones: {whose}.",
            f"{OMNI}, section 4, Theorems 4.1 and 4.2: a level exists; its place {DERIVED}",
            ALL,
            "clean",
            (ABOVE,),
            counts(network),
            **shared,
        ),
        claim(
            f"bridge-equals-lose-below{tail}",
            f"At half that level the clean samples alone are better: {whose}.",
            f"{OMNI}, section 4; {DERIVED}",
            "clean",
            ALL,
            (BELOW,),
            counts(network),
            **shared,
        ),
        claim(
            f"bridge-no-level{tail}",
            f"Where the means differ there is no level: the clean samples alone are better at "
            f"every noise from .11 to 3.6: {whose}.",
            f"{DERIVED}, against {OMNI}, section 4, which has a level for every pair",
            "clean",
            SHIFTED,
            tuple(difference(sigma) for sigma in HIGH),
            ({"network": network, "n1": MAIN},),
            **shared,
        ),
    )


def whose_low(network: str, whose: str, regime: Regime) -> Claim:
    """Whether the larger sample wins again at the lowest noise."""
    return claim(
        f"bridge-equals-win-at-no-noise-{network}",
        f"With 25 clean samples all as equals win again at the lowest noise: {whose}.",
        f"{DERIVED}: the ratio of the two errors is not monotone",
        ALL,
        "clean",
        (difference(LOWEST),),
        ({"network": network, "n1": COUNTS[0]},),
        confirmatory=False,
        regime=regime,
    )


STUDY = Study(
    name="gmm_bridge",
    title="From the laws to trained networks",
    question="Where does the theory stop describing what is trained?",
    cells=cells,
    claims=(
        *switching("mlp", "the excess risk of trained networks", True, "here"),
        claim(
            "bridge-gate-beats-equals",
            "Imperfect samples gated at the law's level are better than as equals, over all noise.",
            f"{OMNI}, section 3",
            "gated",
            ALL,
            (WHOLE,),
        ),
        claim(
            "bridge-gate-beats-clean",
            "Imperfect samples gated at the law's level are better than none, over all noise.",
            f"{OMNI}, section 3",
            "gated",
            "clean",
            (WHOLE,),
        ),
        claim(
            "bridge-gate-helps-above",
            "At twice the law's level the gated samples are better than the clean ones alone.",
            f"{OMNI}, section 3; {DERIVED}",
            "gated",
            "clean",
            (ABOVE,),
        ),
        claim(
            "bridge-no-memory",
            "At low noise a trained network is not the optimum of its samples, which gives them "
            "back: its excess risk is smaller.",
            f"{OMNI}, equation 4.1, where the optimum stands for what is trained",
            {"arm": "clean", "network": "mlp"},
            {"arm": "clean", "network": "optimum"},
            (risk(LOWEST), risk(LOW)),
            tuple({"n1": n1} for n1 in COUNTS),
        ),
        Claim(
            "bridge-network-is-the-optimum",
            "At noise from 1.1 to 3.6 it is: the excess risk of clean-only is that of the optimum, "
            "within a quarter.",
            f"{OMNI}, equation 4.1",
            "gmm_bridge",
            Equivalence(
                tuple(risk(sigma, 0.25) for sigma in HIGH if sigma > 1),
                {"arm": "clean", "network": "mlp"},
                {"arm": "clean", "network": "optimum"},
                ({"n1": MAIN},),
            ),
            "here",
        ),
        *switching("optimum", "the optimum of the samples", False, "paper"),
        whose_low("optimum", "the optimum", "paper"),
        whose_low("mlp", "networks", "here"),
    ),
    cells_per_job=4,
    default=False,
    core_minutes=(("smoke", 0.4), ("cpu", 4.3)),
)
