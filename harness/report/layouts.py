"""What the table of each study shows, and its figure: one row a study.

A study without a row here gets ``DEFAULT``: the mean of every metric in every cell, as a table and
as dots. To show a new study otherwise, add its row.
"""

from dataclasses import replace

from harness.claims.contrast import Scale
from harness.report.layout import Against, Layout

ARMS = ("clean", "all", "gated", "buffered", "ambient", "oracle")
SAMPLES = (
    "denoising_loss",
    "fd_random_conv",
    "fd_zca_pixels",
    "high_frequency_ratio",
    "high_frequency_error",
    "spectrum_distance",
    "nearest_neighbour_ratio",
)
READINGS: tuple[tuple[str, Scale], ...] = (
    ("denoising_loss", "log_ratio"),
    ("fd_random_conv", "log_ratio"),
    ("high_frequency_error", "difference"),
    ("spectrum_distance", "log_ratio"),
)

RISKS: tuple[tuple[str, Scale], ...] = (
    ("excess", "log_ratio"),
    ("excess/0.2", "log_ratio"),
    ("excess/2", "log_ratio"),
)
SCORES = (
    "geneval",
    "geneval/single_object",
    "geneval/two_object",
    "geneval/counting",
    "geneval/colors",
    "geneval/position",
    "geneval/color_attr",
    "binding_gap",
    "fd_random_conv",
)

DAMAGES = (
    "noise",
    "blur",
    "jpeg",
    "colour",
    "dropped",
    "imbalance",
    "duplicates",
    "copies",
    "gaussian",
)

LOSSES = (
    "plain",
    "image first",
    "lambda 1",
    "weighted",
    "clip 2",
    "clip 4",
    "buffer 2",
    "buffer 4",
    "buffer 8",
    "fresh",
)
SHARES = ("1 % clean", "5 % clean", "10 % clean", "30 % clean", "50 % clean")
ANNOTATORS = (
    "spectral",
    "spectral, 0.4",
    "spectral, 0.48",
    "per image",
    "population",
    "accuracy",
    "leaking",
    "shuffled",
    "quality",
    "Bayes, mean",
    "Bayes, accuracy",
)
ANNOTATIONS = ("sigma_min_mean", "sigma_min_sd", "annotation_flops")
TILTED = ("class_tilt_trained_digits", "fd_trained_digits")
NOISY = ("noisy", "ambient", "consistent", "averaged", "mixed", "clean", "oracle")
RECALLED: tuple[tuple[str, Scale], ...] = (
    ("attack_auc/0.5", "difference"),
    ("attack_over_.95_excess/1", "difference"),
    ("extracted_ratio", "log_ratio"),
)
REMEMBERED = (
    "attack_auc/0.5",
    "attack_auc_calibrated/0.5",
    "attack_over_.95_seen/1",
    "attack_over_.95_excess/1",
    "attack_auc/box",
    "extracted",
    "extracted_ratio",
)

BRIDGED = ("exact", "lemma", "free", "linear", "mlp", "guided")
CODED = (
    "clean",
    "noise 0.25",
    "noise 1",
    "noise 2",
    "noise 4",
    "noise 8",
    "flips 2.5 %",
    "flips 7.5 %",
    "flips 20 %",
)

LOOPED: tuple[tuple[str, Scale], ...] = (
    ("fd_random_conv", "log_ratio"),
    ("coverage_trained_digits", "difference"),
    ("class_accuracy_trained_digits", "difference"),
)
FORGOTTEN = ("error", "error_exact", "gap", "gap_exact", "gap_printed")  # by loops of Gaussians

SETTINGS = (
    "headline",
    "blur 0.6",
    "blur 1",
    "4 times longer",
    "best checkpoint",
    "64 sampler steps",
    "half as wide",
    "U-Net",
)

TOLD: tuple[tuple[str, Scale], ...] = (
    ("denoising_loss", "log_ratio"),
    ("fd_random_conv", "log_ratio"),
    ("per_class_fd_trained", "log_ratio"),
    ("inception_score_trained", "log_ratio"),
    ("class_accuracy_trained", "difference"),
    ("sample_entropy_trained", "difference"),
)
HEARD = (
    "chosen_guidance",
    "denoising_loss",
    "fd_random_conv",
    "per_class_fd_trained",
    "per_class_w2_trained",
    "inception_score_trained",
    "class_accuracy_trained",
    "sample_entropy_trained",
    "recall_trained",
    "coverage_trained",
    "relative_mahalanobis_trained",
)
GUIDED = ("0", "1", "best", "equal accuracy", "clean", "again")


def told(*rows: str, order: tuple[str, ...] = ()) -> Layout:
    """The layout of an ablation of conditions: every arm against clean, guidance by guidance."""
    return Layout(
        parts=("means", "effects", "resolvable", "published"),
        figure="arms",
        rows=(*rows, "guidance"),
        columns=HEARD,
        order=(*GUIDED, *order),
        against=Against("clean", TOLD),
        series="guidance",
    )


DEFAULT = Layout()


def ablation(*rows: str, order: tuple[str, ...] = ARMS) -> Layout:
    """The layout of an ablation of imperfect images: every arm against clean-only."""
    return Layout(
        parts=("means", "effects", "resolvable", "leave_one_out", "published"),
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
        parts=("means",),
        figure="scenes_t2i",
        rows=("arm", "guidance"),
        columns=SCORES,
        order=("renderer", "model", "shuffled", "chance"),
    ),
    "ambient_blur": Layout(
        parts=("means", "effects", "resolvable", "leave_one_out", "published"),
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
        ablation("data", "corruption", "annotator", "arm"),
        parts=("means", "effects", "resolvable", "leave_one_out"),
    ),
    "ambient_loss": ablation("loss", "arm", order=(*ARMS, *LOSSES)),
    "ambient_ood": ablation("network", "data", "other", "annotator", "arm"),
    "clean_fraction": replace(
        ablation("setting", "arm", order=(*SHARES, *ARMS)),
        against=Against("clean", READINGS, (("setting", "10 % clean"),)),
    ),
    "annotators": replace(
        ablation("network", "data", "corruption", "annotator", "arm", order=ANNOTATORS),
        parts=("annotations", "means", "effects", "resolvable", "leave_one_out", "published"),
        columns=(*SAMPLES[:2], *SAMPLES[3:6], *ANNOTATIONS),
    ),
    "class_tilt": replace(
        ablation("pool", "arm"),
        parts=("means", "effects", "resolvable"),
        columns=(*TILTED, *SAMPLES[:1], *SAMPLES[2:]),
        against=Against("clean", (("class_tilt_trained_digits", "difference"), *READINGS)),
    ),
    "tweedie_noisy_only": replace(ablation("arm", order=NOISY), against=Against("noisy", READINGS)),
    "memorisation": replace(
        ablation("images", "end", "arm", order=("clean", "noisy", "ambient")),
        columns=REMEMBERED,
        parts=("means", "effects", "resolvable"),
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
        "network",
        "embedding",
        "arm",
        "gamma",
        "share",
        order=(
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
        ),
    ),
    "captions": Layout(
        parts=("means", "effects", "resolvable", "published"),
        figure="arms",
        rows=("arm", "share", "guidance"),
        columns=SCORES,
        order=("clean", "again", "swapped", "edited", "perturbed"),
        against=Against("clean", (("geneval", "difference"), ("fd_random_conv", "log_ratio"))),
        series="guidance",
    ),
    "gmm_bridge": Layout(
        parts=("means", "effects", "resolvable"),
        figure="gmm_bridge",
        rows=("network", "pair", "n1", "arm"),
        columns=("excess", "bias", "variance", "trainings", "departure"),
        order=ARMS,
        against=Against("clean", RISKS),
    ),
    "cep_bridge": Layout(
        parts=("means", "effects", "resolvable"),
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
    "self_consuming": Layout(
        parts=("means", "effects", "resolvable"),
        figure="self_consuming",
        rows=("data", "arm", "lambda", "gamma", "generations"),
        columns=(*(metric for metric, _ in LOOPED), *FORGOTTEN),
        order=("digits", "Gaussian", "none", "fresh", "synthetic", "centres", "oracle", "biased"),
        against=Against("none", LOOPED),
    ),
    "ambient_scenes": Layout(
        parts=("means", "effects", "resolvable", "published"),
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
