"""The norm of a network's words, read from the weights that a training left."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from harness.cell import Part, Upstream, part
from harness.metrics.embedding_norm import Embedding, measure
from harness.problem import Problem
from harness.train.condition import Condition
from harness.train.loop import train
from harness.train.training import Training

DIT = part("dit", width=16, depth=1, heads=2)
LEARNED = part("mlp", width=16, blocks=1, embedding="learned")


def trained(folder: Path, kind: str | None, network: Part, rate: float = 0.05) -> Training:
    """A short training of two replicates, whose words move."""
    asked = Training(
        dataset=part("digits"),
        pool="oracle",
        network=network,
        objective=part("denoising"),
        images=160,
        batch=32,
        rate=rate,
        warmup=32,
        ema=0.5,
        condition=None if kind is None else Condition(kind),
    )
    folder.mkdir()
    train(asked, 2, {}, folder, "cpu", lambda share: None)
    return asked


def norms(folder: Path, asked: Training) -> list[dict[str, object]]:
    out = folder.with_name("embedding")
    out.mkdir()
    seen: list[float] = []
    upstream = {"train": Upstream(asked, folder)}
    measure(Embedding(), 2, upstream, out, "cpu", seen.append)
    assert seen == [1.0]
    return json.loads((out / "measurements.json").read_text())


def test_of_captions_it_is_the_mean_over_words_without_the_null(tmp_path: Path) -> None:
    asked = trained(tmp_path / "train", "caption", DIT)
    rows = norms(tmp_path / "train", asked)
    tables = load_file(tmp_path / "train" / "weights.safetensors")["network.word"]  # [2, m + 1, 16]
    known = tables.shape[1] - 1
    assert [(row["metric"], row["replicate"], row["n"]) for row in rows] == [
        ("embedding_norm", 0, known),
        ("embedding_norm", 1, known),
    ]
    for row, table in zip(rows, tables):
        squares = (table[1:].astype(np.float64) ** 2).sum(1)
        assert row["value"] == pytest.approx(np.sqrt(squares).mean(), rel=1e-6)
        assert (row["unit"], row["status"]) == ("1", "ok")
    assert rows[0]["value"] != rows[1]["value"]


def test_of_labels_it_is_the_row_that_their_training_leaves(tmp_path: Path) -> None:
    asked = trained(tmp_path / "train", "label", LEARNED)
    left = json.loads((tmp_path / "train" / "measurements.json").read_text())
    rows = norms(tmp_path / "train", asked)
    assert rows == left
    assert all(abs(float(str(row["value"])) - 1) > 1e-3 for row in rows)  # they start at 1


def test_words_that_have_diverged_have_no_norm(tmp_path: Path) -> None:
    asked = trained(tmp_path / "train", "label", LEARNED, rate=1e30)
    assert [row["status"] for row in norms(tmp_path / "train", asked)] == ["diverged"] * 2


def test_a_training_that_is_told_nothing_is_refused(tmp_path: Path) -> None:
    asked = trained(tmp_path / "train", None, part("mlp", width=16, blocks=1))
    with pytest.raises(Problem, match=r"norm of words.*told nothing"):
        norms(tmp_path / "train", asked)
