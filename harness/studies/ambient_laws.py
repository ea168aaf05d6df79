"""The laws behind Ambient Diffusion Omni: contraction, the kernel estimate, the switching point."""

from typing import Any

import numpy as np

from harness.cell import Cell
from harness.claims.bound import BoundHolds, SignAgreement
from harness.claims.claim import Claim
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Ambient Diffusion Omni (Daras et al. 2025)"

PAIRS = (
    ("beta(2,5)", "beta(5,2)"),
    ("beta(2,2)", "beta(3,2)"),
    ("beta(2,2)", "beta(4,4)"),
    ("beta(2,2)", "beta(8,8)"),
    ("atoms(0)", "atoms(1)"),
    ("normal(0,1)", "normal(1,1)"),
)
SIGMAS = tuple(float(f"{sigma:.4g}") for sigma in np.geomspace(0.02, 20, 25))

SWITCHING = (
    ("beta(2,2)", "beta(4,4)"),
    ("beta(2,2)", "beta(3,2)"),
    ("beta(2,2)", "beta(2.1,2)"),
)
SWITCHING_SIGMAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
CLEAN = (25, 100, 400)
SHARE = 9  # biased samples for one clean sample

KERNEL_SIGMAS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
KERNEL_COUNTS = (25, 100, 400, 1600)


def _law(name: str, **params: Any) -> Cell:
    labels = {key: value for key, value in params.items() if key != "datasets"}
    return law_cell(f"ambient.{name}", params, **labels)


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [
        _law(f"contraction_{distance}", p=p, q=q, sigma=sigma)
        for distance in ("tv", "kl", "w1", "w2")
        for p, q in PAIRS
        for sigma in SIGMAS
        if not (distance == "kl" and p == "atoms(0)" and sigma < 0.05)
    ]
    grid += [
        _law("kernel_estimate", p="beta(2,5)", n=n, sigma=sigma, datasets=sizes.law_datasets)
        for n in KERNEL_COUNTS
        for sigma in KERNEL_SIGMAS
    ]
    grid += [
        _law(
            "switching_point",
            p=p,
            q=q,
            n1=n1,
            n2=SHARE * n1,
            sigma=sigma,
            datasets=sizes.law_datasets,
        )
        for p, q in SWITCHING
        for n1 in CLEAN
        for sigma in SWITCHING_SIGMAS
    ]
    return grid


STUDY = Study(
    name="ambient_laws",
    title="The laws behind Ambient Diffusion Omni",
    question="Do the bounds hold, are they tight, and do they predict when biased data help?",
    cells=cells,
    cells_per_job=200,
    core_minutes=(("cpu", 1.0),),
    claims=(
        Claim(
            id="noise-contracts",
            statement="Gaussian noise contracts the total variation between two laws on a set of "
            "diameter D: TV(P_sigma, Q_sigma) <= TV(P, Q) D/(2 sigma).",
            source=f"{SOURCE}, theorem 4.2",
            study="ambient_laws",
            rule=BoundHolds("exact", "printed", "void", {"law": "contraction_tv"}),
            regime="paper",
        ),
        Claim(
            id="kernel-estimate-rate",
            statement="The Gaussian kernel estimate of a Lipschitz density from n samples is "
            "within the printed bound of the noised density.",
            source=f"{SOURCE}, theorem 4.1 with the constants of its proof",
            study="ambient_laws",
            rule=BoundHolds("exact", "printed", "void", {"law": "kernel_estimate"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="bound-predicts-switch",
            statement="Biased data help at the noise levels at which the bound for clean and "
            "biased data together, with the constants of its proof, lies below that for clean data "
            "alone, and hurt where it lies above.",
            source=f"{SOURCE}, section 4, after theorem 4.2",
            study="ambient_laws",
            rule=SignAgreement("printed", "exact", 0.9, "void", {"law": "switching_point"}),
            regime="paper",
        ),
        Claim(
            id="order-predicts-switch",
            statement="The same with the bounds as the theorem states them, every constant set to "
            "one: their order is that of the errors.",
            source=f"{SOURCE}, theorem 4.1 and section 4",
            study="ambient_laws",
            rule=SignAgreement("order_ratio", "exact", 0.9, where={"law": "switching_point"}),
            regime="paper",
        ),
    ),
)
