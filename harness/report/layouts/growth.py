"""Studies of what changes with size: data, networks, operations, generations."""

from harness.report.columns import (
    ARMS,
    CLASSIFIED,
    CORRECTED,
    FORGOTTEN,
    LOOPED,
    RISKS,
    TOKENED,
    TOKENS,
)
from harness.report.layout import Against, Layout

LENGTHS = Layout(
    parts=("means", "costs", "effects", "resolvable", "published"),
    figure="fluid_length",
    rows=("length", "arm"),
    columns=("fd_random_conv", "ceiling_fd_random_conv", "token_loss/diffusion"),
    order=TOKENED,
    against=Against("raster", (("fd_random_conv", "log_ratio"),)),
)

GROWTH: dict[str, Layout] = {
    "ambient_scaling": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="ambient_scaling",
        rows=(
            "data",
            "network",
            "n1",
            "clean_share",
            "imperfect_share",
            "width",
            "length",
            "arm",
        ),
        columns=("denoising_loss", "fd_random_conv", "excess", "bias", "variance"),
        order=("images", "line", *ARMS),
        against=Against("clean", (("denoising_loss", "log_ratio"), ("excess", "log_ratio"))),
    ),
    "cep_scaling": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="cep_scaling",
        rows=("data", "network", "images", "train_share", "width", "guidance", "arm", "flips"),
        columns=(
            "class_w2_squared",
            "class_entropy",
            "denoising_loss",
            "fd_random_conv",
            "per_class_w2_trained",
            "class_accuracy_trained",
        ),
        order=("Gaussians", "images", "exact", "linear", "mlp", "clean", "cep_uniform"),
        against=Against(
            "clean",
            (
                ("class_w2_squared", "log_ratio"),
                ("denoising_loss", "log_ratio"),
                ("per_class_w2_trained", "log_ratio"),
            ),
        ),
    ),
    "synthetic_scaling": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="synthetic_scaling",
        rows=("arm", "guidance", "beside", "count"),
        columns=CLASSIFIED,
        order=("real", "seen", "both, seen", "synthetic", "more", "both", "samples"),
        against=Against("real", (("error", "difference"), ("error_out", "difference"))),
    ),
    "self_consuming": Layout(
        parts=("means", "effects", "resolvable", "specifications"),
        figure="self_consuming",
        rows=("data", "arm", "lambda", "gamma", "generations"),
        columns=(*(metric for metric, _ in LOOPED), *FORGOTTEN),
        order=("digits", "Gaussian", "none", "again", "fresh", "synthetic", *CORRECTED),
        against=Against("none", LOOPED),
    ),
    "fluid_grid": Layout(
        parts=("means", "costs", "effects", "resolvable", "specifications", "published"),
        figure="fluid_grid",
        rows=("data", "parameters", "arm", "order", "budget"),
        columns=TOKENS,
        order=TOKENED,
        against=Against(
            "continuous",
            (("fd_random_conv", "log_ratio"), ("geneval", "difference")),
            (("budget", "updates"),),
        ),
    ),
    "fluid_length": LENGTHS,
    "fluid_length_more": LENGTHS,
    "gmm_bridge": Layout(
        parts=("means", "effects", "resolvable", "specifications"),
        figure="gmm_bridge",
        rows=("network", "pair", "n1", "arm"),
        columns=("excess", "bias", "variance", "trainings", "departure"),
        order=ARMS,
        against=Against("clean", RISKS),
    ),
}
