"""Studies of laws: exact values beside printed bounds, a row a point."""

from harness.report.layout import Layout

LAWS: dict[str, Layout] = {
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
}
