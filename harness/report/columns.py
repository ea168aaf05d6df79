"""The readings that the columns of tables and the panels of figures show, and orders of levels.

A reading of effects stands beside the scale on which it is compared.
"""

from harness.claims.contrast import Scale
from harness.metrics.measurement import SAMPLES as MEASURED
from harness.metrics.sensitivity import KINDS

ARMS = ("clean", "all", "gated", "buffered", "ambient", "oracle")
SAMPLES = ("denoising_loss", *MEASURED)
READINGS: tuple[tuple[str, Scale], ...] = (
    ("denoising_loss", "log_ratio"),
    ("fd_random_conv", "log_ratio"),
    ("high_frequency_error", "difference"),
    ("spectrum_distance", "log_ratio"),
)

TOKENS = (
    "fd_random_conv",
    "ceiling_fd_random_conv",
    "geneval",
    "ceiling_geneval",
    "token_loss/diffusion",
    "token_loss/cross_entropy",
    "token_loss/squared",
)
COSTS = ("training_flops", "sampling_flops")
TOKENED = ("images", "scenes", "continuous", "discrete", "quantised", "squared", "raster", "random",
           "masked", "even", "one by one", "updates", "operations")  # fmt: skip

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

DAMAGES = tuple(KINDS)
LOSSES = (
    "plain",
    "image first",
    "lambda 1",
    "weighted",
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
    "flips 50 %",
    "again",
)

LOOPED: tuple[tuple[str, Scale], ...] = (
    ("fd_random_conv", "log_ratio"),
    ("coverage_trained_digits", "difference"),
    ("class_accuracy_trained_digits", "difference"),
)
CORRECTED = ("centres", "oracle", "biased")
FORGOTTEN = ("error", "error_exact", "gap", "gap_exact", "gap_printed")  # by loops of Gaussians

CLASSIFIED = (
    "error",
    "error_out",
    "error_out/blur",
    "error_out/noise",
    "error_out/contrast",
    "cross_entropy",
    "recognisability",
    "fd_random_conv",
    "nearest_neighbour_ratio",
)

SETTINGS = (
    "headline",
    "blur 0.6",
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
)
HEARD_TOO = (
    "precision_trained",
    "recall_trained",
    "density_trained",
    "coverage_trained",
    "relative_mahalanobis_trained",
    "nearest_neighbour_ratio",
    "embedding_norm",
)
GUIDED = ("0", "1", "best", "equal accuracy", "clean", "again")
