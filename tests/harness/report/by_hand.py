"""Records of studies by hand: fixtures with the few cells and values that tests name."""

from collections.abc import Callable

import numpy as np
import pytest

from harness.geneval.vocabulary import TASKS
from harness.records.record import Record

Rows = Callable[..., list[Record]]


@pytest.fixture(scope="session")
def blur(trained: Rows) -> list[Record]:
    """Records of ``ambient_blur``: every arm of the MLP, 8 and 3 replicates."""
    found = trained(0, 8, arm="clean", network="mlp") + trained(1, 3, arm="oracle", network="mlp")
    for sigma in (0.4, 0.8):
        found += trained(2, 8, arm="gated", network="mlp", blur=sigma)
        found += trained(3, 8, arm="ambient", network="mlp", blur=sigma)
        found += trained(4, 3, arm="all", network="mlp", blur=sigma)
    found += trained(5, 3, arm="clean", network="unet") + trained(
        6, 3, arm="oracle", network="unet"
    )
    found += trained(7, 3, arm="gated", network="unet", blur=0.8)
    found += trained(8, 3, arm="all", network="unet", blur=0.8)
    return found


@pytest.fixture(scope="session")
def laws(law: Callable[..., list[Record]]) -> list[Record]:
    """Records of ``ambient_laws``: three noise levels of each law."""
    found: list[Record] = []
    for p, q in (("beta(2,5)", "beta(5,2)"), ("beta(2,2)", "beta(4,4)")):
        for sigma in (0.1, 1.0, 10.0):
            values = {"exact": 0.2 / sigma, "printed": 0.5 / sigma, "dobrushin": 0.3 / sigma}
            void = float(sigma < 0.5)
            found += law("contraction_tv", {**values, "void": void}, p=p, q=q, sigma=sigma)
    for n in (25, 100):
        for sigma in (0.1, 1.0):
            values = {"exact": 0.1, "printed": 2.0, "expectation": 0.15, "void": 1.0}
            found += law(
                "kernel_estimate", values, {"exact": 0.01}, p="beta(2,5)", n=n, sigma=sigma
            )
    for sigma, ratio in ((0.1, 2.0), (1.0, 1.01), (10.0, 0.5)):
        values = {"exact": ratio, "printed": 0.9, "order_ratio": ratio, "void": 0.0}
        where = {"p": "beta(2,2)", "q": "beta(4,4)", "n1": 100, "n2": 900, "sigma": sigma}
        found += law("switching_point", values, {"exact": 0.05}, **where)
    return found


@pytest.fixture(scope="session")
def pairs(rows: Rows) -> list[Record]:
    """Records of ``calibration``: eight pairs, four groups of the smoke scale's size."""
    draw = np.random.default_rng(5)
    found: list[Record] = []
    for arm in ("copy 0", "copy 1"):
        for metric in ("denoising_loss", "fd_zca_pixels"):
            values = np.exp(0.1 * draw.normal(size=8))
            found += rows(metric, values, study="calibration", arm=arm)
    return found


@pytest.fixture(scope="session")
def damages(rows: Rows) -> list[Record]:
    """Records of ``metric_sensitivity``: the floor and two damages, one at two severities."""
    found: list[Record] = []
    kind = {"study": "metric_sensitivity", "dataset": "photos"}
    levels = (("none", 0.0, 1.0), ("blur", 0.4, 2.0), ("blur", 0.8, 8.0), ("noise", 0.2, 1.2))
    for damage, severity, size in levels:
        where = {**kind, "damage": damage, "severity": severity}
        for metric in ("fd_random_conv", "high_frequency_error"):
            found += rows(metric, [size, 1.5 * size], **where)
        found += rows("precision_random_conv", [1 - size / 20, 1 - size / 20], **where)
        found += rows("inception_score_trained_photos", [3 + size, 4 + 3 * size], **where)
    return found


@pytest.fixture(scope="session")
def detections(rows: Rows) -> list[Record]:
    """Records of ``scenes_detector``: two clean worlds, one of them under damages."""
    found: list[Record] = []
    levels = ((24, "none", 0.0, 0.0), (64, "none", 0.0, 0.0))
    for size, damage, severity, share in (
        *levels,
        (24, "blur", 0.6, 0.02),
        (24, "blur", 1.0, 0.5),
        (24, "noise", 0.4, 0.04),
        (24, "jpeg", 25.0, 0.2),
        (24, "jpeg", 75.0, 0.3),
    ):
        where = {"size": size, "layout": "grid", "damage": damage, "severity": severity}
        for kind in ("detection_error", "verdict_error"):
            for task in TASKS:
                found += rows(f"{kind}/{task}", [share], "scenes_detector", images=50, **where)
            found += rows(kind, [share], "scenes_detector", images=300, **where)
        found += rows("largest_detection_error", [share], "scenes_detector", images=50, **where)
        found += rows("allowed_error", [0.005], "scenes_detector", **where)
    return found


@pytest.fixture(scope="session")
def guided(rows: Rows) -> list[Record]:
    """Records of ``scenes_t2i``: the renderer, chance, and a model at two strengths of guidance."""
    arms = (
        *({"arm": arm} for arm in ("renderer", "chance")),
        *({"arm": arm, "guidance": w} for w in (0.0, 2.0) for arm in ("model", "shuffled")),
    )
    found: list[Record] = []
    for number, where in enumerate(arms):
        share = 1 / (1 + number)
        for metric in ("geneval", "binding_gap", *(f"geneval/{task}" for task in TASKS)):
            found += rows(metric, [share, 0.9 * share], "scenes_t2i", **where)
        if where["arm"] == "model":
            found += rows("fd_random_conv", [number, number + 1], "scenes_t2i", **where)
    return found


@pytest.fixture(scope="session")
def further(trained: Rows) -> list[Record]:
    """Records of ``ambient_blur_more``: one setting with its own baseline, one without."""
    kind = {"study": "ambient_blur_more", "network": "mlp"}
    found = trained(0, 4, arm="clean", setting="headline", **kind)
    found += trained(1, 4, arm="oracle", setting="headline", **kind)
    found += trained(2, 4, arm="clean", setting="2 % clean", **kind)
    for setting in ("2 % clean", "4 times longer", "64 sampler steps", "scalar preconditioning"):
        found += trained(3, 4, arm="gated", setting=setting, **kind)
    return found + trained(4, 3, arm="buffered", setting="buffered gate", **kind)
