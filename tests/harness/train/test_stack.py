"""A copy that is trained in a stack is the copy that is trained alone, to rounding.

With a condition that is perturbed too, each copy by draws of its own.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from harness.cell import part
from harness.streams import torch_generator
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.loop import train
from harness.train.material import gather
from harness.train.training import Training

TRAINING = Training(
    dataset=part("photos", side=8, channels=1),
    pool="mixed",
    corruption=part("gaussian_blur", sigma=0.8),
    annotator=part("fixed", sigma_min=0.3),
    network=part("mlp", width=16, blocks=1),
    objective=part("ambient"),
    images=640,
    batch=32,
    warmup=64,
)


TOLD = replace(
    TRAINING,
    dataset=part("digits"),
    pool="clean",
    clean_fraction=0.2,
    corruption=None,
    annotator=None,
    network=part("mlp", width=16, blocks=1, embedding="learned"),
)
ASKED = {
    "unconditional": TRAINING,
    "perturbed": replace(TOLD, condition=Condition("label", 0.2, part("cep_gaussian"))),
    "fixed": replace(TOLD, condition=Condition("label", 0.2, part("cep_uniform", fixed=True))),
}


def trained(asked: Training, replicates: int, folder: Path) -> dict[str, torch.Tensor]:
    folder.mkdir()
    train(asked, replicates, {}, folder, "cpu", lambda share: None)
    return load_file(folder / "weights.safetensors")


@pytest.mark.parametrize(
    ("name", "copy"),
    [*(("unconditional", copy) for copy in (0, 1, 2)), ("perturbed", 2), ("fixed", 1)],
)
def test_a_copy_of_a_trained_stack_is_the_copy_trained_alone(
    name: str, copy: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty steps; alone, the streams and the material are those of replicate ``copy``."""
    asked = ASKED[name]
    stack = trained(asked, 3, tmp_path / "stack")
    loop = "harness.train.loop"
    monkeypatch.setattr(
        f"{loop}.torch_generator", lambda label, _, *rest: torch_generator(label, copy, *rest)
    )
    monkeypatch.setattr(
        f"{loop}.gather", lambda asked, images, _, to: gather(asked, images, copy, to)
    )
    monkeypatch.setattr(
        f"{loop}.Drawing", lambda m, loss, asked, _, *rest: Drawing(m, loss, asked, copy, *rest)
    )
    alone = trained(asked, 1, tmp_path / "alone")
    for name, own in alone.items():
        if name.startswith("basis."):
            continue
        torch.testing.assert_close(stack[name][copy], own[0], rtol=1e-4, atol=1e-6)
        others = [k for k in range(3) if k != copy]
        if not name.endswith("bias"):
            assert all((stack[name][k] - own[0]).abs().max() > 1e-3 for k in others), name
