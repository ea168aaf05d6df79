"""Studies of imperfect images: every arm against clean images only."""

from dataclasses import replace

from harness.report.columns import (
    ANNOTATIONS,
    ANNOTATORS,
    ARMS,
    LOSSES,
    NOISY,
    READINGS,
    RECALLED,
    REMEMBERED,
    SAMPLES,
    SCORES,
    SETTINGS,
    SHARES,
    TILTED,
)
from harness.report.layout import Against, Layout


def ablation(*rows: str, order: tuple[str, ...] = ARMS) -> Layout:
    """The layout of an ablation of imperfect images: every arm against clean-only."""
    return Layout(
        parts=("means", "effects", "resolvable", "specifications", "leave_one_out", "published"),
        figure="arms",
        rows=rows,
        columns=SAMPLES,
        order=order,
        against=Against("clean", READINGS),
    )


IMAGES: dict[str, Layout] = {
    "ambient_blur": Layout(
        parts=("means", "effects", "resolvable", "specifications", "leave_one_out", "published"),
        figure="ambient_blur",
        rows=("network", "blur", "arm"),
        columns=SAMPLES,
        order=ARMS,
        against=Against("clean", READINGS),
    ),
    "ambient_blur_more": Layout(
        parts=("means", "effects", "resolvable", "leave_one_out"),
        figure="arms",
        rows=("setting", "arm"),
        columns=(*SAMPLES, "chosen_checkpoint"),
        order=(*SETTINGS, *ARMS),
        against=Against("clean", READINGS, (("setting", "headline"),)),
        elsewhere=(("headline", "gated is in ambient_blur"),),
        told="Blurred by 0.8 px, but for “blur 0.6”.",
    ),
    "ambient_jpeg": ablation("network", "corruption", "arm"),
    "ambient_motion": ablation("network", "corruption", "arm"),
    "ambient_other": replace(
        ablation("network", "data", "corruption", "annotator", "arm"),
        parts=("means", "effects", "resolvable", "specifications", "leave_one_out"),
    ),
    "ambient_loss": ablation("network", "blur", "loss", "arm", order=(*ARMS, *LOSSES)),
    "ambient_ood": replace(
        ablation("network", "data", "other", "annotator", "arm"),
        parts=(
            "crops",
            "crop_map",
            "means",
            "effects",
            "resolvable",
            "specifications",
            "leave_one_out",
            "published",
        ),
        columns=(*SAMPLES, "sigma_max_admitted", "sigma_max_mean"),
    ),
    "clean_fraction": replace(
        ablation("network", "setting", "arm", order=(*SHARES, *ARMS)),
        against=Against("clean", READINGS, (("setting", "10 % clean"),)),
    ),
    "annotators": replace(
        ablation("network", "data", "corruption", "annotator", "arm", order=ANNOTATORS),
        parts=(
            "annotations",
            "means",
            "effects",
            "resolvable",
            "specifications",
            "leave_one_out",
            "published",
        ),
        columns=(*SAMPLES[:2], *SAMPLES[3:6], *ANNOTATIONS),
    ),
    "class_tilt": replace(
        ablation("network", "pool", "arm"),
        parts=("means", "effects", "resolvable", "specifications"),
        columns=(*TILTED, *SAMPLES[:1], *SAMPLES[2:]),
        against=Against("clean", (("class_tilt_trained_digits", "difference"), *READINGS)),
    ),
    "tweedie_noisy_only": ablation("network", "arm", order=NOISY),
    "memorisation": replace(
        ablation("network", "images", "end", "arm", order=("clean", "noisy", "ambient")),
        columns=REMEMBERED,
        parts=("means", "effects", "resolvable", "specifications"),
        against=Against("clean", RECALLED),
    ),
    "ambient_scenes": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="arms",
        rows=("arm",),
        columns=SCORES,
        order=("clean", "all", "finetuned", "gated", "oracle"),
        against=Against("clean", (("geneval", "difference"), ("fd_random_conv", "log_ratio"))),
    ),
}
