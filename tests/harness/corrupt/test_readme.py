"""The README's recipe for a corruption is code that passes the contract it speaks of."""

import re
import sys
import types
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (2, 3, 5, 12), (2, 1, 1, 7)], ids=str)
def test_the_corruption_of_the_readme_moves_values_to_the_nearest_level(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    module = types.ModuleType("posterise")
    monkeypatch.setitem(sys.modules, "posterise", module)  # a dataclass looks its module up
    exec(compile(code, "README.md", "exec"), module.__dict__)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(shape, generator=generator) * 2 - 1
    found = module.Posterise(levels=4)(x, generator)
    assert found.shape == x.shape
    assert found.dtype == x.dtype
    near = (x[..., None] - torch.tensor([-1.0, -1 / 3, 1 / 3, 1.0])).abs().min(dim=-1).values
    assert torch.allclose((found - x).abs(), near, atol=1e-6)
