"""Studies of imperfect conditions: flipped labels, noise on embeddings, captions."""

from harness.report.columns import BRIDGED, CODED, GUIDED, HEARD, HEARD_TOO, SCORES, TOLD
from harness.report.layout import Against, Layout

SHARES = ("2.5 %", "5 %", "7.5 %", "10 %", "15 %", "20 %", "50 %")


def told(*rows: str, order: tuple[str, ...] = ()) -> Layout:
    """The layout of an ablation of conditions: every arm against clean, guidance by guidance."""
    return Layout(
        parts=("means", "further", "effects", "resolvable", "specifications", "published"),
        figure="arms",
        rows=(*rows, "guidance"),
        columns=HEARD,
        further=HEARD_TOO,
        order=(*GUIDED, *order),
        against=Against("clean", TOLD),
        series="guidance",
    )


CONDITIONS: dict[str, Layout] = {
    "condition_flips": told(
        "data",
        "network",
        "arm",
        "share",
        order=(
            "few",
            "many",
            "photographs",
            "textures",
            "mlp",
            "unet",
            "dit",
            "flipped",
            "confused",
            "redrawn",
            *SHARES,
        ),
    ),
    "cep": told(
        "data",
        "network",
        "embedding",
        "arm",
        "gamma",
        "share",
        order=(
            "few",
            "photographs",
            "mlp",
            "unet",
            "dit",
            "fixed",
            "learned",
            "normalised",
            "cep_uniform",
            "cep_gaussian",
            "input",
            "dropout",
            "smoothing",
            "flipped",
            "7.5 %",
            "50 %",
        ),
    ),
    "captions": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="arms",
        rows=("arm", "share", "guidance"),
        columns=(*SCORES, "embedding_norm"),
        order=(
            "clean",
            "again",
            "swapped",
            "edited",
            "perturbed",
            *SHARES,
        ),
        against=Against("clean", (("geneval", "difference"), ("fd_random_conv", "log_ratio"))),
        series="guidance",
    ),
    "cep_bridge": Layout(
        parts=("means", "effects", "resolvable", "specifications"),
        figure="cep_bridge",
        rows=("network", "images", "arm"),
        columns=(
            "class_w2_squared",
            "class_entropy",
            "mean_kept",
            "parameter_error",
            "toward_printed",
            "scaled_gain",
        ),
        order=(*BRIDGED, *CODED),
        against=Against(
            "clean",
            (
                ("class_w2_squared", "log_ratio"),
                ("class_entropy", "difference"),
                ("mean_kept", "difference"),
            ),
        ),
    ),
}
