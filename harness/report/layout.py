"""What the table of each study shows, and its figure: one row a study.

A study without a row here gets ``DEFAULT``: the mean of every metric in every cell, as a table and
as dots. To show a new study otherwise, add its row.
"""

from dataclasses import dataclass
from typing import final

from harness.claims.contrast import Scale


@final
@dataclass(frozen=True)
class Against:
    """Paired effects of every arm against one.

    baseline: the arm that the others are held against, in the cell that shares the other factors.
    readings: metrics, each with the scale of its effect. shared: factors with the level at which
    the baseline stands for all, where it has no cell at the others.
    """

    baseline: str
    readings: tuple[tuple[str, Scale], ...]
    shared: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True)
class Layout:
    """parts: rows of ``PARTS``; rows: the factors that label a row, first those that group;
    columns: metrics, all without a slash where none is named; order: of the levels of factors."""

    parts: tuple[str, ...] = ("means",)
    figure: str = "cells"
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    against: Against | None = None


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

SETTINGS = (
    "headline",
    "blur 0.6",
    "blur 1.0",
    "2 % clean",
    "4 times longer",
    "64 sampler steps",
    "scalar preconditioning",
    "buffered gate",
)

DEFAULT = Layout()

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
        parts=("means", "effects", "resolvable", "leave_one_out"),
        figure="ambient_blur",
        rows=("network", "blur", "arm"),
        columns=SAMPLES,
        order=ARMS,
        against=Against("clean", READINGS),
    ),
    "ambient_blur_more": Layout(
        parts=("means", "effects", "resolvable", "leave_one_out"),
        figure="ambient_blur_more",
        rows=("setting", "network", "arm"),
        columns=SAMPLES,
        order=(*SETTINGS, *ARMS),
        against=Against("clean", READINGS, (("setting", "headline"),)),
    ),
}

WORDS = {
    "initialisation_kl": "initialisation, KL",
    "initialisation_w2": "initialisation, W2",
    "parametric_tv": "parametric TV",
    "kernel_tv": "kernel TV",
    "sde": "SDE",
    "ode": "ODE",
    "w2_gain": "W2 gain",
    "w2_gain_line": "W2 gain on the line",
    "w2_slope": "W2 slope",
    "gamma_window": "γ window",
    "gamma_window_line": "γ window on the line",
    "cep_noise": "CEP noise",
    "denoising_loss": "held-out loss",
    "fd_random_conv": "FD random conv",
    "fd_zca_pixels": "FD ZCA pixels",
    "high_frequency_ratio": "high-frequency ratio",
    "high_frequency_error": "high-frequency error",
    "spectrum_distance": "spectrum distance",
    "nearest_neighbour_ratio": "nearest-neighbour ratio",
    "geneval": "GenEval score",
    "geneval/single_object": "single object",
    "geneval/two_object": "two object",
    "geneval/counting": "counting",
    "geneval/colors": "colors",
    "geneval/position": "position",
    "geneval/color_attr": "color attribute",
    "shuffled": "other captions",
    "mlp": "MLP",
    "unet": "U-Net",
    "gaussian": "Gaussian field",
    "jpeg": "JPEG",
    "dropped": "dropped groups",
    "duplicates": "repeated images",
    "copies": "copies of reference",
    "cifar10_jpeg75": "CIFAR-10, JPEG 75",
    "fd": "FD",
    "fd_infinity": "FD∞",
    "spatial_fd": "spatial FD",
    "kid": "KID",
    "sliced_w2": "sliced W2",
    "mind": "MIND",
    "authpct": "AuthPct",
    "mifid_like": "memorisation FD",
    "relative_mahalanobis": "relative Mahalanobis",
    "relative_mahalanobis_trained": "relative Mahalanobis trained",
    "fd_trained": "FD trained",
    "fd_infinity_trained": "FD∞ trained",
    "spatial_fd_trained": "spatial FD trained",
    "spatial_fd_random_conv": "spatial FD random conv",
    "fd_pixels": "FD pixels",
    "kid_trained": "KID trained",
    "kid_random_conv": "KID random conv",
    "sliced_w2_trained": "sliced W2 trained",
    "mind_trained": "MIND trained",
    "authpct_trained": "AuthPct trained",
    "mifid_like_trained": "memorisation FD trained",
    "patch_fd_2": "patch FD 2 px",
    "patch_fd_4": "patch FD 4 px",
    "patch_fd_8": "patch FD 8 px",
    "istd_affine": "ISTD, affine sampler",
    "istd_monotone": "ISTD, two modes on the line",
    "istd_flow": "ISTD, three modes in the plane",
    "trade_off": "cost of the regulariser",
    "lerp": "line",
    "slerp": "arc",
    "beta_tilde": "posterior",
    "ddim_inversion": "DDIM inversion",
    "there_and_back": "there and back",
    "elbo": "ELBO",
    "ddpm": "DDPM",
    "plug_in": "plug-in",
    "over_optimisation": "over-optimisation",
    "gamma = 1": "γ = 1",
    "other gamma": "other γ",
}


def layout(study: str) -> Layout:
    """The layout of a study, or the default one."""
    return LAYOUTS.get(study, DEFAULT)


def words(name: object) -> str:
    """A metric or a level of a factor as a reader sees it; an absent one is a dash."""
    return "–" if name is None else WORDS.get(str(name), str(name).replace("_", " "))
