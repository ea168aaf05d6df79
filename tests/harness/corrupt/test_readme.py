"""The README's recipe for a corruption is code that passes the contract it speaks of."""

import re
import sys
import types
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (2, 3, 5, 12), (2, 1, 1, 7)], ids=str)
def test_the_corruption_of_the_readme_keeps_shapes_and_block_means(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    module = types.ModuleType("pixelate")
    monkeypatch.setitem(sys.modules, "pixelate", module)  # a dataclass looks its module up
    exec(compile(code, "README.md", "exec"), module.__dict__)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(shape, generator=generator) * 2 - 1
    found = module.Pixelate(block=2)(x, generator)
    assert found.shape == x.shape
    assert found.dtype == x.dtype
    if shape[-1] % 2 == 0 and shape[-2] % 2 == 0:
        assert torch.allclose(found.mean(dim=(-1, -2)), x.mean(dim=(-1, -2)), atol=1e-6)
