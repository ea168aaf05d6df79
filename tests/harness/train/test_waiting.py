"""No step waits for the card: nothing on it is asked for as a number, but where a loss is kept.

Asking (``item``, ``bool``, ``tolist``, ``nonzero``) is counted here on a CPU, where it costs
nothing; on a card each would stop the row of kernels until all before it are done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from harness.cell import part
from harness.objectives import ambient
from harness.train.condition import Condition
from harness.train.loop import REPORTS, train
from harness.train.relabelling import Relabelling
from harness.train.training import Training

ASKING = ("_local_scalar_dense", "nonzero", "is_nonzero", "masked_select", "unique")
BLUR = {"pool": "mixed", "corruption": part("gaussian_blur", sigma=0.8)}
NOISY = {
    "pool": "imperfect",
    "corruption": part("gaussian_noise", sigma=0.2),
    "annotator": part("oracle"),
}
KINDS: dict[str, dict[str, Any]] = {
    "clean": {"pool": "clean"},
    "gated": {**BLUR, "annotator": part("fixed", sigma_min=0.3)},
    "donut": {**BLUR, "annotator": part("fixed", sigma_min=0.5, sigma_max=0.1)},
    "ambient": {**BLUR, "annotator": part("fixed", sigma_min=0.3), "objective": part("ambient")},
    "image first": {**BLUR, "annotator": part("fixed", sigma_min=0.3), "draw": "image"},
    "noisy": {**NOISY, "objective": part("ambient", noised=True)},
    "consistency": {**NOISY, "objective": part("consistency", steps=1)},
    "told": {"pool": "clean", "condition": Condition("label")},
    "perturbed": {"pool": "clean", "condition": Condition("label", 0.1, part("cep_gaussian"))},
    "fixed": {
        "pool": "clean",
        "condition": Condition("label", 0.1, part("cep_uniform", fixed=True)),
    },
    "smoothed": {"pool": "clean", "condition": Condition("label", 0.1, part("label_smoothing"))},
    "redrawn": {
        "pool": "clean",
        "condition": Condition("label"),
        "relabelling": Relabelling(part("flips"), 0.1, redrawn=True),
    },
}


class Asked(TorchDispatchMode):
    """Counts the questions."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += str(func).split(".")[1] in ASKING
        return func(*args, **(kwargs or {}))


@contextmanager
def on_a_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A check that is made on a CPU alone is left out."""
    with monkeypatch.context() as patched:
        patched.setattr(ambient, "CHECKED", ())
        yield


def asked(kind: str, steps: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    given: dict[str, Any] = {"objective": part("denoising"), **KINDS[kind]}
    training = Training(
        dataset=part("digits"),
        network=part("mlp", width=8, blocks=1),
        images=16 * steps,
        batch=16,
        **given,
    )
    lists = []
    plain = torch.Tensor.tolist
    with monkeypatch.context() as patched, on_a_card(monkeypatch):
        patched.setattr(torch.Tensor, "tolist", lambda x: lists.append(1) or plain(x))
        with Asked() as counter:
            train(training, 2, {}, folder, "cpu", lambda share: None)
    points = REPORTS + 1
    assert len(lists) <= (2 * points + 1 if "condition" in given else points)  # loss and norm
    return counter.count


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_asks_as_often_however_long_it_is(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(kind, 4, tmp_path, monkeypatch) == asked(kind, 120, tmp_path, monkeypatch)


def test_questions_are_seen() -> None:
    with Asked() as counter:
        bool(torch.ones(1) > 0)
        float(torch.ones(1))
        torch.nonzero(torch.ones(2))
    assert counter.count == 3
