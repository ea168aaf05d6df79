r"""What a cell asks of an attack by reconstruction, and how its readings are called.

Source: Daras, Dimakis and Daskalakis, Consistent Diffusion Meets Tweedie, ICML 2024: an image of
the training set is (i) noised strongly, or (ii) masked in a box, and the model restores it; a near
perfect restoration of what no longer is there shows that the image is remembered. They show images
and the share of samples whose cosine to the training set is above .9, .95 and .99, on DINOv2
features. Here the cosine is that of pixels less the image's own mean, and, which is ours, every
number is set against images that the model has never seen: a smooth image is restored well by any
model.

For an image :math:`x_0` and its restoration :math:`\hat x`, over the d pixels of the image, or of
the box alone (``box``),

.. math::  e = |\hat x - x_0|^2 / d, \qquad c = \cos(\hat x - \bar{\hat x}, x_0 - \bar x_0),

a cosine with a flat image, whose pixels deviate by less than 1e-6, being 0. Readings, at each noise
level and for the box, as in ``attack_auc/0.5`` and ``attack_auc/box``:

    attack_auc             of the attack "seen where e is small" (``harness.metrics.advantage``)
    attack_auc_calibrated  of "seen where e / (e + e') is small", e' the error of the next replicate
    attack_ratio           mean e of seen images over that of unseen ones
    attack_error_seen      mean e, and of unseen images: attack_error_unseen
    attack_cosine_seen     mean c, and of unseen images: attack_cosine_unseen
    attack_over_.9_seen    share of seen images with c > .9; so for .95 and .99
    attack_over_.9_excess  the same less that of unseen images

The denoiser of the next replicate, which saw other images, is asked under the same noise: its error
is the difficulty of the image, which else drowns the rest where images are unlike (Watson, Guo,
Cormode and Sablayrolles, On the importance of difficulty calibration in membership inference
attacks, ICLR 2022; theirs is the difference of two losses, ours a ratio). Of an image that both saw
it takes the trace away: it is for few images among many. A replicate alone has no such reading.

Unseen images must follow the law of the seen ones, or the attack measures how the two differ:

    unseen     training images of the dataset that this replicate did not see, in any form. Which
               ones it sees is drawn at random, so the two sides follow one law
    held_out   held-out images: where a replicate sees them all. Of ``photos`` they come from other
               stripes of the photographs, and are not quite alike

A model that was trained on damaged images is attacked through their originals, which are what an
attacker is after and what it has not seen. Where noise of one level is all that it has seen, its
denoiser knows nothing below that, so its restorations end there: give sampler and inpainter that
``sigma_min``, and their last step is the denoised image.

Where samples stand before the attack, they are compared with the seen images too
(``harness.metrics.extraction``).
"""

from dataclasses import dataclass, field

from harness.cell import Part, part
from harness.problem import Problem
from harness.sample import INPAINTERS, SAMPLERS

TARGETS = ("all", "clean", "imperfect")
CONTROLS = ("unseen", "held_out")
LEVELS = (0.5, 1.0, 2.0)
BOX = "box"
FLAT = 1e-6  # a root mean square
COSINES = (0.9, 0.95, 0.99)
SHARES = tuple(f"over_{f'{c:g}'[1:]}" for c in COSINES)  # over_.9
KINDS = (
    "auc",
    "auc_calibrated",
    "ratio",
    "error_seen",
    "error_unseen",
    "cosine_seen",
    "cosine_unseen",
    *(f"{share}_{side}" for share in SHARES for side in ("seen", "excess")),
)


def metric(kind: str, place: float | str) -> str:
    """The name of a reading at a noise level, or of the box."""
    return f"attack_{kind}/{place if isinstance(place, str) else f'{place:g}'}"


EXTRACTED = (
    "extracted",
    "extracted_ratio",
    *(f"extracted_{share}{what}" for share in SHARES for what in ("", "_excess")),
)
SCORES = (*(metric(kind, place) for place in (*LEVELS, BOX) for kind in KINDS), *EXTRACTED)


@dataclass(frozen=True)
class Attack:
    """Parameters of the stage ``attack``.

    levels: of the noise, in units of the images. targets: which of the seen images, those that
    count as clean, the imperfect ones, or all. count: images on either side, at most. box: its
    sides, as a share of the image's. inpainter: fills it in; None leaves (ii) out. calibrated: by
    the next replicate, at twice the cost.
    """

    levels: tuple[float, ...] = LEVELS
    targets: str = "all"
    control: str = "unseen"
    count: int = 200
    sampler: Part = field(default_factory=lambda: part("heun", steps=6))
    inpainter: Part | None = field(default_factory=lambda: part("repaint"))
    box: float = 0.5
    calibrated: bool = True
    batch: int = 500

    def __post_init__(self) -> None:
        for name, known in (("targets", TARGETS), ("control", CONTROLS)):
            value = getattr(self, name)
            if value not in known:
                fix = f"choose from {', '.join(known)}"
                raise Problem(f"an attack with {name}={value!r}", "no such", fix)
        if not self.levels or not all(level > 0 for level in self.levels):
            raise Problem(f"levels={self.levels}", "none, or one of 0", "give levels above 0")
        if not 0 < self.box < 1:
            fix = "give a share of the sides between 0 and 1"
            raise Problem(f"box={self.box}", "nothing to fill in, or nothing to go by", fix)
        if type(self.count) is not int or self.count < 2:
            raise Problem(f"count={self.count}", "too few images", "ask for at least 2")

    @property
    def places(self) -> tuple[float | str, ...]:
        """Where there are readings: the levels, and the box."""
        return (*self.levels, BOX) if self.inpainter else self.levels

    @property
    def calls(self) -> int:
        """Calls of the denoisers for one image; imports the sampler and the inpainter."""
        made = SAMPLERS[self.sampler.name](**self.sampler.kwargs()).calls * len(self.levels)
        if self.inpainter is not None:
            made += INPAINTERS[self.inpainter.name](**self.inpainter.kwargs()).calls
        return 2 * made if self.calibrated else made

    def entries(self) -> list[str]:
        rows = [SAMPLERS.entry(self.sampler.name)]
        return rows if self.inpainter is None else [*rows, INPAINTERS.entry(self.inpainter.name)]
