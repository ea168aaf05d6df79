"""Small token models of four kinds, and their training."""

import json
from pathlib import Path
from typing import Any

from harness.cell import Upstream, part
from harness.tokenwise.loop import train
from harness.tokenwise.training import TokenTraining
from harness.train.condition import Condition

DIGITS = part("digits")
NET = part("transformer", width=8, depth=1, heads=2)
CODES = part("codebook", codes=8, patch=2, steps=3, limit=400)
PATCHES = part("patches", patch=2)
DIFFUSION = part("diffusion", hidden=8, blocks=1, draws=2)
ARMS: dict[str, dict[str, Any]] = {
    "patches": {"tokeniser": PATCHES, "head": DIFFUSION},
    "codes": {"tokeniser": CODES, "head": part("cross_entropy")},
    "quantised": {"tokeniser": PATCHES, "source": CODES, "head": DIFFUSION},
    "squared": {"tokeniser": PATCHES, "head": part("squared")},
}


def training(arm: str = "patches", order: str = "raster", **changes: Any) -> TokenTraining:
    given = {
        "dataset": DIGITS,
        "order": part(order),
        "network": NET,
        "images": 96,
        "batch": 32,
        "condition": Condition("label", 0.25),
        **ARMS[arm],
    }
    return TokenTraining(**{**given, **changes})


def trained(asked: TokenTraining, out: Path, replicates: int = 2) -> dict[str, Upstream]:
    out.mkdir(parents=True, exist_ok=True)
    train(asked, replicates, {}, out, "cpu", lambda share: None)
    return {"train_tokens": Upstream(asked, out)}


def rows_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "measurements.json").read_text())
    return found
