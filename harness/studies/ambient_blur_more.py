"""Further settings of the blur study: more blurs, fewer clean images, longer training, more steps.

Runs under ``STUDIES=all``, with four replicates of the arms that claims name. Each setting is one
factor away from the headline of ``ambient_blur``. Its claims are exploratory.
"""

from harness.cell import Cell, part
from harness.claims.claim import Claim
from harness.claims.paired import Equivalence, PairedEffect
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import CO_PRIMARY, GATE, OMNI, TWO_SIDED
from harness.studies.study import Study

_BLUR = 0.8


def _setting(
    setting: str, sizes: Sizes, names: tuple[str, ...], blur: float = _BLUR, **changes: object
) -> list[Cell]:
    """Some arms at one setting. The common arms of two settings are trained once."""
    other = sizes.replicates_other
    return [
        trained(
            name,
            sizes,
            other if name in ("clean", "gated") else min(3, other),
            corruption=part("gaussian_blur", sigma=blur),
            labels={"setting": setting},
            **changes,  # type: ignore[arg-type]
        )
        for name in names
    ]


SETTINGS = ("2 % clean", "4 times longer", "64 sampler steps", "scalar preconditioning")


def cells(sizes: Sizes) -> list[Cell]:
    """The grid, setting by setting; the two blurs share the headline's clean and oracle."""
    return [
        *_setting("blur 0.6", sizes, ("gated", "all"), blur=0.6),
        *_setting("blur 1.0", sizes, ("gated", "all"), blur=1.0),
        *_setting("2 % clean", sizes, ("clean", "gated", "all"), clean_fraction=0.02),
        *_setting(
            "4 times longer", sizes, ("clean", "gated", "all", "oracle"), images=4 * sizes.images
        ),
        *_setting(
            "64 sampler steps",
            sizes,
            ("clean", "gated", "all", "oracle"),
            sampling={"sampler": part("heun", steps=64)},
        ),
        *_setting(
            "scalar preconditioning", sizes, ("clean", "gated", "all", "oracle"), per_mode=False
        ),
        *_setting("buffered gate", sizes, ("buffered", "ambient")),
        trained("clean", sizes, sizes.replicates, labels={"setting": "headline"}),
        trained("oracle", sizes, sizes.replicates_other, labels={"setting": "headline"}),
    ]


def _claim(setting: str) -> Claim:
    return Claim(
        id=f"gated-beats-clean-at-{setting.replace(' ', '-').replace('%', 'percent')}",
        statement=f"Blurred images above their noise level beat the sharp ones alone ({setting}).",
        source=f"{OMNI}, section 5.1",
        study="ambient_blur_more",
        rule=PairedEffect(CO_PRIMARY, "gated", "clean", ({"setting": setting},), "each", gate=GATE),
        regime="here",
        confirmatory=False,
    )


STUDY = Study(
    name="ambient_blur_more",
    title="Blurred photographs: more blurs, fewer clean images, longer training, more steps",
    question="Does the headline hold one factor away from where it was measured?",
    cells=cells,
    claims=(
        *(_claim(setting) for setting in SETTINGS),
        Claim(
            id="ambient-loss-equals-plain-behind-one-buffer",
            statement="Behind one buffer, so on the same images at the same levels, the ambient "
            "loss is equivalent to plain denoising, as their common population minimiser says.",
            source=f"derived here from {OMNI}, eq. 2.2",
            study="ambient_blur_more",
            rule=Equivalence(
                TWO_SIDED,
                "ambient",
                "buffered",
                ({"setting": "buffered gate"},),
            ),
            regime="here",
            confirmatory=False,
        ),
    ),
    default=False,
)
