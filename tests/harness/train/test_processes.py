"""Two processes train what one does: each of the two runs this file.

They have torchrun's names in their environment, and find each other by a file in the place of its
port. The second annotates otherwise than the first, which is to make no difference. The largest
difference of weights was measured as 4e-7 of their norm, by tensor, but for one whose gradient is
zero in exact arithmetic, the bias of keys in attention, of which Adam takes the rounding for a
gradient: 1e-4 of it, some 1e-6 in its own units.
"""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from torch import Tensor

from harness.cell import Cell, Part, Stage, factors, part
from harness.problem import Problem
from harness.run import collect
from harness.run.shard import whole
from harness.train import loop, processes
from harness.train.condition import Condition
from harness.train.material import Material, gather
from harness.train.training import Training

NOISE = part("gaussian_noise", sigma=0.2)
MIXED: dict[str, Any] = {
    "pool": "mixed",
    "corruption": part("gaussian_blur", sigma=0.8),
    "annotator": part("fixed", sigma_min=0.3),
}
IMPERFECT = {"pool": "imperfect", "corruption": NOISE, "annotator": part("oracle")}
ARMS: dict[str, dict[str, Any]] = {
    "fresh, then clean alone": {
        **MIXED,
        "objective": part("ambient", weight="one", fresh=True),
        "finetune": 0.5,
        "checkpoints": 2,
    },
    "consistency": {**IMPERFECT, "objective": part("consistency", antithetic=False)},
    "captions, image first": {
        **MIXED,
        "dataset": part("digits"),
        "draw": "image",
        "network": part("dit", width=16, depth=1),
        "condition": Condition("label", 0.4),
    },
    "perturbed": {
        "pool": "oracle",
        "dataset": part("digits"),
        "network": part("mlp", width=16, blocks=1, embedding="learned"),
        "condition": Condition("label", 0.4, part("cep_gaussian")),
    },
}


def cells() -> list[Cell]:
    """A training of twenty steps each, of two replicates."""
    photos: Part = part("photos", side=8, channels=1)
    common = {"dataset": photos, "network": part("mlp", width=16, blocks=1), "images": 640}
    common |= {"objective": part("denoising"), "batch": 32, "warmup": 64}
    return [
        Cell(factors(arm=arm), (Stage("train", Training(**{**common, **given})),), 2)
        for arm, given in ARMS.items()
    ]


def otherwise(*given: Any) -> Material:
    """The material with other annotations: those of the first process are to hold."""
    made = gather(*given)
    made.levels[~made.clean] *= 1.5
    return made


def shard() -> None:
    """Run the cells as one shard, in the current folder."""
    plan = SimpleNamespace(
        sizes=SimpleNamespace(device="cpu"),
        scale="tiny",
        cells=lambda study: cells(),
        shard=lambda study, name: cells(),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collect, "Plan", SimpleNamespace(read=lambda *given: plan))
        collect.run_shard("study", "0-of-1", "tiny", None, 1)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The folders of a process alone, and of the first and the second of two."""
    alone, first, second = (tmp_path_factory.mktemp(each) for each in ("alone", "first", "second"))
    given = {
        **os.environ,
        "WORLD_SIZE": "2",
        "MEETING": str(tmp_path_factory.mktemp("meeting") / "file"),
        "GLOO_SOCKET_IFNAME": "lo",
    }
    running = [
        subprocess.Popen([sys.executable, __file__], cwd=folder, env={**given, "RANK": str(rank)})
        for rank, folder in enumerate((first, second))
    ]
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(alone)
            shard()
        assert [each.wait(600) for each in running] == [0, 0]
    finally:
        for each in running:
            each.kill()
    return alone, first, second


def weights(folder: Path) -> dict[str, Tensor]:
    return {
        f"{path.parent.name} {path.stem} {name}": tensor
        for path in sorted((folder / collect.CACHE / "train").glob("*/*.safetensors"))
        for name, tensor in load_file(path).items()
    }


def test_two_processes_train_what_one_does(both: tuple[Path, Path, Path]) -> None:
    alone, first, _ = both
    found, expected = weights(first), weights(alone)
    assert found.keys() == expected.keys()
    arms = {name.split()[0] for name in found}
    assert len(arms) == len(ARMS)
    for arm in arms:
        own = [name for name in found if name.startswith(arm)]
        one, two = (torch.cat([w[name].flatten() for name in own]) for w in (expected, found))
        assert (one - two).norm() < 1e-6 * one.norm()
    for name, one in expected.items():  # a step is up to 1e-3
        assert torch.allclose(found[name], one, rtol=0, atol=1e-5), name


def test_the_loss_is_that_of_the_whole_batch(both: tuple[Path, Path, Path]) -> None:
    for path in sorted((both[0] / collect.CACHE / "train").glob("*/training.json")):
        other = both[1] / collect.CACHE / "train" / path.parent.name / path.name
        found, expected = (json.loads(each.read_text()) for each in (other, path))
        for one, two in zip(found.pop("curve"), expected.pop("curve"), strict=True):
            assert one["images"] == two["images"]
            assert one["loss"] == pytest.approx(two["loss"], rel=1e-4)
        assert found == expected


def test_the_first_process_alone_writes(both: tuple[Path, Path, Path]) -> None:
    alone, first, second = ({p.name for p in each.rglob("*")} for each in both)
    assert first == alone
    assert second == set()
    folders = list((both[1] / collect.CACHE / "train").iterdir())
    assert len(folders) == len(ARMS)
    assert all(whole(each) for each in folders)


def test_a_batch_that_processes_cannot_divide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "count", lambda: 3)
    whole = SimpleNamespace(training=SimpleNamespace(batch=32))
    with pytest.raises(Problem, match=r"32 images.*3 processes.*divides the batch"):
        processes.divided(whole)  # type: ignore[arg-type]


if __name__ == "__main__":
    rank = int(os.environ["RANK"])
    meeting = {"init_method": f"file://{os.environ['MEETING']}", "rank": rank, "world_size": 2}
    dist.init_process_group = functools.partial(dist.init_process_group, **meeting)
    torch.set_num_threads(1)
    loop.gather = otherwise if rank else loop.gather
    shard()
