"""What the table of each study shows, and its figure: one row a study.

A study without a row here gets ``DEFAULT``: the mean of every metric in every cell, as a table and
as dots. To show a new study otherwise, add its row.
"""

from dataclasses import replace

from harness.report.columns import (
    ANNOTATIONS,
    ANNOTATORS,
    ARMS,
    BRIDGED,
    CLASSIFIED,
    CODED,
    CORRECTED,
    DAMAGES,
    FORGOTTEN,
    GUIDED,
    HEARD,
    HEARD_TOO,
    LOOPED,
    LOSSES,
    NOISY,
    READINGS,
    RECALLED,
    REMEMBERED,
    RISKS,
    SAMPLES,
    SCORES,
    SETTINGS,
    SHARES,
    TILTED,
    TOKENED,
    TOKENS,
    TOLD,
)
from harness.report.layout import Against, Layout


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


DEFAULT = Layout()


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


LAYOUTS: dict[str, Layout] = {
    "ambient_laws": Layout(parts=("bounds", "switching"), figure="ambient_laws"),
    "ambient_rules": Layout(
        parts=("laws",),
        figure="ambient_rules",
        rows=("law", "p", "q", "exponent", "reading"),
    ),
    "ambient_losses": Layout(
        parts=("laws",),
        figure="ambient_losses",
        rows=("law", "sigma_n", "sigma", "share"),
    ),
    "principles_laws": Layout(
        parts=("laws",),
        figure="principles_laws",
        rows=("law", "path", "precision"),
    ),
    "tweedie_laws": Layout(
        parts=("laws",),
        figure="tweedie_laws",
        rows=("law", "case", "denoiser", "sampler"),
    ),
    "slight_corruption_laws": Layout(
        parts=("laws",),
        figure="slight_corruption_laws",
        rows=("law", "dimension", "window", "along"),
    ),
    "difficulty_laws": Layout(
        parts=("laws",),
        figure="difficulty_laws",
        rows=("law", "data", "schedule", "prediction", "error"),
    ),
    "rates_laws": Layout(
        parts=("laws",),
        figure="rates_laws",
        rows=("law", "pair", "sampler", "data", "variance", "dimension", "floor", "along", "off"),
    ),
    "ctrl_laws": Layout(
        parts=("laws",),
        figure="ctrl_laws",
        rows=("law", "guidance", "start", "moment", "power"),
    ),
    "classifier_laws": Layout(
        parts=("laws",),
        figure="classifier_laws",
        rows=("law", "weighting", "schedule", "shape", "priors", "log_prior"),
    ),
    "smooth_laws": Layout(
        parts=("laws",),
        figure="smooth_laws",
        rows=("law", "interpolation", "sampler", "noises", "ends", "data", "along"),
    ),
    "painters_laws": Layout(
        parts=("laws",),
        figure="painters_laws",
        rows=("law", "data", "shape", "pair", "schedule", "skip", "features", "rank"),
    ),
    "restart_laws": Layout(
        parts=("laws",),
        figure="restart_laws",
        rows=("law", "case", "process", "solver", "interval", "ball"),
    ),
    "cycle_laws": Layout(
        parts=("laws",),
        figure="cycle_laws",
        rows=("law", "residual", "noise", "schedule", "pair", "target"),
    ),
    "loops_laws": Layout(
        parts=("laws",),
        figure="loops_laws",
        rows=("law", "regime", "coordinate", "start", "sampling", "corrector"),
    ),
    "calibration": Layout(parts=("rates",), figure="calibration", rows=("arm",)),
    "metric_sensitivity": Layout(parts=("floors",), figure="metric_sensitivity", order=DAMAGES),
    "metric_sensitivity_cifar": Layout(
        parts=("floors",), figure="metric_sensitivity", order=DAMAGES
    ),
    "scenes_detector": Layout(
        parts=("detection",),
        figure="scenes_detector",
        rows=("size", "layout", "damage", "severity"),
        order=("none", "blur", "noise", "jpeg"),
    ),
    "scenes_t2i": Layout(
        parts=("means", "specifications"),
        figure="scenes_t2i",
        rows=("arm", "guidance"),
        columns=SCORES,
        order=("renderer", "model", "shuffled", "chance"),
    ),
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
        parts=("means", "effects", "resolvable", "specifications"),
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
        ablation("pool", "arm"),
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
            "2.5 %",
            "5 %",
            "7.5 %",
            "10 %",
            "15 %",
            "20 %",
            "50 %",
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
        order=("clean", "again", "swapped", "edited", "perturbed", "7.5 %", "50 %"),
        against=Against("clean", (("geneval", "difference"), ("fd_random_conv", "log_ratio"))),
        series="guidance",
    ),
    "fluid_grid": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
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
    "gmm_bridge": Layout(
        parts=("means", "effects", "resolvable", "specifications"),
        figure="gmm_bridge",
        rows=("network", "pair", "n1", "arm"),
        columns=("excess", "bias", "variance", "trainings", "departure"),
        order=ARMS,
        against=Against("clean", RISKS),
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
    "ambient_scenes": Layout(
        parts=("means", "effects", "resolvable", "specifications", "published"),
        figure="arms",
        rows=("arm",),
        columns=SCORES,
        order=("clean", "all", "finetuned", "gated", "oracle"),
        against=Against("clean", (("geneval", "difference"), ("fd_random_conv", "log_ratio"))),
    ),
}


def layout(study: str) -> Layout:
    """The layout of a study, or the default one."""
    return LAYOUTS.get(study, DEFAULT)
