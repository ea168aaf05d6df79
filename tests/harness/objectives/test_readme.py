"""The README's recipe for an objective is code that weighs errors as it says."""

import re
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from harness.objectives.denoising import Denoising
from harness.objectives.objective import Objective
from harness.table import Table

ROOT = Path(__file__).parents[3]


def test_the_objective_of_the_readme_is_denoising_whose_errors_at_low_noise_count_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = (c for c in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "OBJECTIVES" in c)
    table = Table("objective", {})
    module = types.ModuleType("low_noise")
    module.__dict__.update(dataclass=dataclass, Denoising=Denoising, OBJECTIVES=table)
    monkeypatch.setitem(sys.modules, "low_noise", module)  # where the row says that it lies
    exec(compile(code, "README.md", "exec"), module.__dict__)
    assert sum(bool(line.strip()) for line in code.splitlines()) == 5
    made: Objective = table["low_noise"]()
    sigma = torch.tensor([[0.05, 0.1, 3.0], [0.09, 0.2, 0.01]])
    expected = torch.tensor([[2.0, 1.0, 1.0], [2.0, 1.0, 2.0]])
    found = made.factor(sigma, torch.zeros(2, 3))
    assert found is not None
    assert torch.equal(found, expected)
    assert Denoising().factor(sigma, torch.zeros(2, 3)) is None
    x0, noise = torch.randn(2, 2, 3, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    level = sigma[:, :, None, None, None]
    pairs = [each.pair(x0, level, 0 * level, noise, noise) for each in (made, Denoising())]
    assert all(torch.equal(a, b) for a, b in zip(*pairs))
