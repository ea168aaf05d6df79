"""Few digits: what a model remembers of them, trained on them as they are or only noised.

Daras et al. (2024) train on noisy images alone and show that what is generated lies further from
the training set, and that noised or masked training images are restored less closely (DINOv2
features, images; the tables are not to hand and are not quoted). Here 50 or 200 digits are all that
a model sees, 0.2 is the deviation of the noise, and three things are held apart:

    membership   can one tell from its restoration that an image was seen? (AUC, 1/2 is no)
    recovery     does the restoration give the image back? (the share with a cosine above .95, seen
                 less unseen)
    copies       do samples lie nearer to the seen images than unseen ones do?

    clean     the digits as they are
    noisy     the same digits noised once, plain denoising, as if they were clean
    ambient   the same, by the ambient loss above the level of their noise

A denoiser that learned from noisy images alone knows nothing below their noise: its samples and
restorations end there with one denoised image. So that nothing but training differs, every arm ends
there, at 0.24; ``clean`` is shown with its full sampler too (end 0.002).

A U-Net stands beside the MLP, ``clean`` and ``ambient``, at 25 digits of its own. Their number and
its short length were chosen on ``clean`` alone, whose attack must tell seen digits from unseen ones
(it does, with an AUC of 1).
"""

from dataclasses import replace
from typing import Any

from harness.cell import Cell, Stage, factors, part
from harness.claims.contrast import Where
from harness.claims.reading import Reading
from harness.metrics.attack import Attack
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.studies.arms import network
from harness.studies.frame import TWEEDIE, better
from harness.studies.study import Study
from harness.train.training import Training

DIGITS, TRAIN = part("digits"), 1438  # images of its training part
NOISE = 0.2
FLOOR, FULL = 0.24, 0.002
COUNTS = (50, 200)
SAMPLES = 500
SHORT: dict[str, Any] = {"batch": 64, "warmup": 1024}  # of the U-Net
LENGTH, FEW = 12_288, 25  # images of its training, and digits
_PLAIN = part("denoising")
ARMS: dict[str, dict[str, Any]] = {
    "clean": {"pool": "clean", "objective": _PLAIN},
    "noisy": {"pool": "imperfect", "objective": _PLAIN, "annotator": part("fixed")},
    "ambient": {
        "pool": "imperfect",
        "objective": part("ambient", noised=True),
        "annotator": part("oracle"),
    },
}

RECOVERY = Reading("attack_over_.95_excess/1", "lower", margin=0.05, scale="difference")
MEMBERSHIP = Reading("attack_auc/0.5", "lower", margin=0.05, scale="difference")
COPIES = Reading("extracted_ratio", "higher", margin=0.1)


def cells(sizes: Sizes) -> list[Cell]:
    """The arms at each number of digits, all with one floor, and clean without it; two with a
    U-Net."""
    grid = []
    for count in COUNTS:
        for name, given in ARMS.items():
            ends = (FLOOR, FULL) if name == "clean" else (FLOOR,)
            grid += [_cell(sizes, count, name, given, end) for end in ends]
    return [
        *grid,
        *(_cell(sizes, FEW, name, ARMS[name], FLOOR, "unet") for name in ("clean", "ambient")),
    ]


def _cell(
    sizes: Sizes, count: int, name: str, given: dict[str, Any], end: float, net: str = "mlp"
) -> Cell:
    corruption = part("gaussian_noise", sigma=NOISE) if name != "clean" else None
    shape, images, _ = network(net, sizes)
    small = net == "unet"
    training = Training(
        dataset=DIGITS,
        network=shape,
        images=min(LENGTH, images) if small else images,
        clean_fraction=count / TRAIN,
        corruption=corruption,
        **given,
        **(SHORT if small else {}),
    )
    attack = Attack(
        count=count if small else Attack().count,
        sampler=part("heun", steps=6, sigma_min=end),
        inpainter=part("repaint", sigma_min=end),
    )
    return Cell(
        factors(arm=name, images=count, end=end, network=net),
        (
            Stage("train", training),
            Stage("sample", Sampling(SAMPLES, part("heun", steps=18, sigma_min=end))),
            Stage("attack", attack),
        ),
        min(3, sizes.replicates_other) if small else sizes.replicates_other,
    )


FLOORED: dict[str, Any] = {"arm": "clean", "end": FLOOR}
EACH: tuple[Where, ...] = tuple({"images": count} for count in COUNTS)


def _less(id: str, statement: str, arm: str, reading: Reading) -> Any:
    return better(
        "memorisation",
        id,
        statement,
        f"{TWEEDIE}, section on memorisation",
        {"arm": arm, "end": FLOOR},
        FLOORED,
        EACH,
        metrics=(reading,),
        gate=None,
    )


STUDY = Study(
    name="memorisation",
    title="Memory of few digits, clean and noised",
    question="Does a model that sees only noised images remember less, and of what?",
    cells=cells,
    claims=(
        _less(
            "ambient-gives-back-fewer-images",
            "Trained on noised digits by the ambient loss, a model gives fewer of them back than "
            "one that saw them clean.",
            "ambient",
            RECOVERY,
        ),
        _less(
            "ambient-hides-membership",
            "It is harder to tell which digits it saw.",
            "ambient",
            MEMBERSHIP,
        ),
        _less(
            "ambient-samples-lie-further",
            "Its samples lie further from the digits that it saw.",
            "ambient",
            COPIES,
        ),
        replace(
            _less(
                "noise-alone-gives-back-fewer",
                "Plain denoising of noised digits, as if they were clean, gives fewer of them back "
                "too.",
                "noisy",
                RECOVERY,
            ),
            source="derived here",
            confirmatory=False,
        ),
    ),
    default=False,
)
