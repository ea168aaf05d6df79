"""The grids of the laws behind Consistent Diffusion Meets Tweedie."""

import math

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

MIXTURE = {
    "weights": [0.3, 0.5, 0.2],
    "means": [[-1.0, 0.5], [1.0, 0.0], [0.5, -2.0]],
    "variances": [0.04, 0.25, 0.1],
}
POINTS = ((0.4, -0.3), (-2.0, 1.0), (1.5, -1.5))
NOISE = 0.4
EXPLODING = (0.3, 0.41, 0.45, 0.5, 0.6, 0.8, 1.2, 3.0)
PRESERVING = (0.3, 0.41, 0.45, 0.5, 0.6, 0.8, 0.95, 0.99)

PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"
MATCHED = "normal(0.4,0.9643650760992956)"  # the mean and the variance of the pair
NEAR = "0.5*normal(-0.5,0.2)+0.5*normal(0.5,0.2)"
ATOM = "0.5*atoms(0)+0.5*normal(1,0.5)"


def comb(spacing: float, width: float) -> str:
    """Normals of one width on an even grid, under the envelope N(0, 1)."""
    places = [spacing * k for k in range(round(-7 / spacing), round(7 / spacing) + 1)]
    heights = [math.exp(-0.5 * x * x / (1 - width**2)) for x in places]
    total = math.fsum(heights)
    terms = (f"{h / total:.10g}*normal({x:g},{width:g})" for h, x in zip(heights, places))
    return "+".join(terms)


DATA = {
    "pair": (PAIR, MATCHED, (0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)),
    "comb": ("normal(0,1)", comb(0.5, 0.1), (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)),
}
CASES = ("exact", "anchored", "unanchored", "inside")

STEPS = (1, 2, 4, 8, 16, 32)
ENDS = (0.95, 0.9, 0.7, 0.5, 0.3)
TIMES = (0, 1, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 999)


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [
        law_cell(
            f"tweedie.{law}",
            {**MIXTURE, "at": list(at), "sigma_n": NOISE, "sigma": sigma},
            sigma=sigma,
            point=index,
        )
        for law, levels in (("double_tweedie_ve", EXPLODING), ("double_tweedie_vp", PRESERVING))
        for sigma in levels
        for index, at in enumerate(POINTS)
    ]
    grid += [
        law_cell(
            "tweedie.ambient_minimiser",
            {
                "p": p,
                "sigma_n": NOISE,
                "sigma": sigma,
                "denoiser": denoiser,
                "draws": sizes.law_draws,
            },
            sigma=sigma,
            data=data,
            denoiser=denoiser,
        )
        for data, p in (("pair", PAIR), ("atom", ATOM))
        for denoiser in ("uncorrected", "identity", "linear")
        for sigma in (0.5, 0.6, 0.8, 1.2)
    ]
    grid += [
        law_cell(
            "tweedie.target_variance",
            {"p": p, "sigma_n": NOISE, "sigma": sigma},
            sigma=sigma,
            data=data,
        )
        for data, p in (("normal", "normal(0,0.5)"), ("pair", PAIR), ("near", NEAR), ("atom", ATOM))
        for sigma in (0.404, 0.42, 0.45, 0.5, 0.6, 0.8, 1.2, 3.0)
    ]
    grid += [
        law_cell(
            "tweedie.continuation",
            {"variance": variance, "sigma_n": 1.0, "lower": lower, "anchor_error": error},
            variance=variance,
            lower=lower,
            anchor_error=error,
        )
        for variance in (1.0, 0.1, 0.01)
        for error in (0.0, 0.01, 0.1)
        for lower in (0.9, 0.5, 0.2, 0.1, 0.05)
    ]
    grid += _consistency()
    grid += _estimators(sizes)
    grid += _samplers()
    grid += [
        law_cell(
            "tweedie.one_step_output",
            {"variances": [variance], "sigma_n": sigma},
            variance=variance,
            sigma=sigma,
        )
        for variance in (1.0, 0.1, 0.01)
        for sigma in (0.03, 0.1, 0.3, 1.0, 3.0)
    ]
    grid += [law_cell("tweedie.ve_equivalent", {"time": time}, time=time) for time in TIMES]
    return grid


def _consistency() -> list[Cell]:
    """exact: h of p; anchored: of p from sigma_n up and another below; unanchored: of another
    throughout; inside: as anchored, with both levels below sigma_n."""
    found = []
    for data, (p, other, noises) in DATA.items():
        for case in CASES:
            above = other if case == "unanchored" else p
            below = p if case == "exact" else other
            found += [
                law_cell(
                    "tweedie.consistency",
                    {
                        "p": p,
                        "above": above,
                        "below": below,
                        "sigma_n": noise,
                        "sigma": (0.9 if case == "inside" else 1.25) * noise,
                        "lower": 0.05,
                    },
                    data=data,
                    case=case,
                    noise=noise,
                )
                for noise in noises
            ]
    return found


def _estimators(sizes: Sizes) -> list[Cell]:
    found = []
    for case, below in (("exact", PAIR), ("anchored", MATCHED)):
        for lower in (0.9, 0.7, 0.5, 0.3, 0.1):
            point = {
                "p": PAIR,
                "above": PAIR,
                "below": below,
                "sigma_n": 1.0,
                "sigma": 1.0,
                "lower": lower,
                "draws": sizes.law_draws,
            }
            found.append(law_cell("tweedie.product_estimator", point, case=case, lower=lower))
            found += [
                law_cell(
                    "tweedie.average_estimator",
                    {**point, "count": count},
                    case=case,
                    lower=lower,
                    count=count,
                )
                for count in (1, 4, 6)
            ]
    return found


def _samplers() -> list[Cell]:
    """Along steps to 0.1, and along ever smaller gaps at one step and at four."""
    return [
        law_cell(
            "tweedie.coarse_sampler",
            {
                "p": p,
                "sigma": 1.0,
                "lower": lower,
                "steps": steps,
                "sampler": sampler,
                "at": 0.6,
            },
            data=data,
            process="flow" if sampler == "ddim" else "reverse",
            sampler=sampler,
            lower=lower,
            steps=steps,
        )
        for data, p in (("pair", PAIR), ("near", NEAR))
        for sampler in ("euler", "ancestral", "ddim")
        for lower, steps in (
            *((0.1, count) for count in STEPS),
            *((end, count) for end in ENDS for count in (1, 4)),
        )
    ]
