"""The cells of ``cep_bridge``: six models, in noise on the code or with labels that are flipped."""

import math

from harness.cell import Cell, Part, Stage, factors, part
from harness.metrics.class_law import ClassLaw
from harness.scale import Sizes
from harness.train.condition import Condition
from harness.train.per_class_linear import PerClassLinear
from harness.train.relabelling import Relabelling
from harness.train.training import Training

CLASSES, DIMENSIONS = 4, 8
DEVIATION = 1 / 8  # of a class, and the length of its mean
POOL, SMALL_POOL = 100_000, 20_000  # images that there are, and in a hurry
FEW, MANY = 50, 500  # images of a class
NOISES = {f"noise {c:g}": c for c in (0.25, 1.0, 2.0, 4.0, 8.0)}  # gamma sqrt n
FLIPS = {f"flips {100 * eta:g} %": eta for eta in (0.025, 0.075, 0.2, 0.5)}
ARMS = ("clean", *NOISES, *FLIPS)
AGAIN = "again"  # clean, from another initialisation and other batches: the floor
FORMS = {"exact": "optimum", "lemma": "printed", "free": "free"}
MODELS = (*FORMS, "linear", "mlp", "guided")
EMBEDDING = 16  # numbers of an embedding
GUIDANCE, DROPOUT = 0.5, 0.1
LENGTH = 64_000  # images
SAMPLES = 128  # of a class
STEPS, BATCH = 1000, 32  # of the linear networks
SOLVER_STEPS = 48


def sampler(sizes: Sizes) -> Part:
    """Steps that are nearly equal in ln sigma: of an exact denoiser, deviations within .5 %."""
    steps = SOLVER_STEPS // 6 if sizes.hurried else SOLVER_STEPS
    return part("heun", steps=steps, sigma_min=0.004, sigma_max=30.0, rho=100.0)


def mixture(count: int = POOL) -> Part:
    """The images: class k lies about the k-th axis."""
    means = tuple(tuple(DEVIATION * (i == k) for i in range(DIMENSIONS)) for k in range(CLASSES))
    weights = (1 / CLASSES,) * CLASSES
    return part(
        "gaussian_mixture", weights=weights, means=means, deviation=DEVIATION,
        count=count, held_out=CLASSES, labelled=True,
    )  # fmt: skip


def gamma(arm: str, images: int) -> float:
    """The deviation of the noise on each number of a code, in an arm with so many images."""
    return NOISES.get(arm, 0.0) / math.sqrt(images)


def training(sizes: Sizes, arm: str, images: int, dropout: float = 0.0) -> Training:
    """The training of an MLP; of the other models its data alone count."""
    length, noise = min(LENGTH, sizes.images), gamma(arm, images)
    strength = noise * math.sqrt(EMBEDDING)
    eta, pool = FLIPS.get(arm), SMALL_POOL if sizes.hurried else POOL
    return Training(
        dataset=mixture(pool),
        pool="clean",
        network=part("mlp", width=32, blocks=2, embedding="fixed", embedding_width=EMBEDDING),
        objective=part("denoising"),
        images=length,
        clean_fraction=images * CLASSES / pool,
        rate=3e-3,
        warmup=length // 20,
        constant=length // 4,
        log_sigma_mean=-1.8,
        log_sigma_std=1.4,
        condition=Condition(
            "label", dropout, part("cep_gaussian", gamma=strength) if noise else None
        ),
        relabelling=None if eta is None else Relabelling(part("flips"), eta),
        copy=int(arm == AGAIN),
    )


def cells(sizes: Sizes) -> list[Cell]:
    """Every model in every arm with few images; with many, those that the claims ask for."""
    found = []
    for model in MODELS:
        own = [arm for arm in ARMS if arm not in FLIPS or model not in ("lemma", "free")]
        own += [AGAIN] if model in ("mlp", "guided") else []
        found += [cell(sizes, model, arm, FEW) for arm in own]
        some = [arm for arm in own if arm not in FLIPS] if model in FORMS else ["clean", "noise 2"]
        found += [cell(sizes, model, arm, MANY) for arm in some]
    return found


def cell(sizes: Sizes, model: str, arm: str, images: int) -> Cell:
    """One model in one arm, with so many images of a class."""
    replicates, dropout, law = 2 * sizes.replicates, 0.0, ClassLaw("linear")
    data, noise = training(sizes, arm if arm in FLIPS else "clean", images), gamma(arm, images)
    if model in FORMS:
        first = []
        law = ClassLaw(FORMS[model], data, noise)
        replicates *= 8 if (model, arm) == ("exact", "noise 1") else 2
    elif model == "linear":
        steps = min(STEPS, sizes.images // BATCH)
        first = [Stage("linear", PerClassLinear(data, noise, steps, BATCH))]
    else:
        dropout, guidance = (DROPOUT, GUIDANCE) if model == "guided" else (0.0, 0.0)
        first = [Stage("train", training(sizes, arm, images, dropout))]
        law = ClassLaw("network", count=SAMPLES, sampler=sampler(sizes), guidance=guidance)
    labels = factors(network=model, images=images, arm=arm)
    return Cell(labels, (*first, Stage("class_law", law)), replicates)
