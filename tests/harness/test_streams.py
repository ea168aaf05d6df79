"""Streams: named, independent, and the only source of randomness."""

import ast
from pathlib import Path

import numpy as np
import torch

from harness.streams import numpy_generator, seed, torch_generator

ROOT = Path(__file__).parents[2]
GLOBAL = {"manual_seed", "seed", "rand", "randn", "normal", "choice", "permutation", "shuffle"}


def test_seeds_are_fixed_for_ever() -> None:
    assert seed("photos", 0, "noise") == 7181809918625514862


def test_streams_differ_by_every_part_of_their_name() -> None:
    names = [("a", 0, "x"), ("b", 0, "x"), ("a", 1, "x"), ("a", 0, "y")]
    assert len({seed(*name) for name in names}) == len(names)
    first = [numpy_generator(*name).standard_normal() for name in names]
    assert len(set(first)) == len(names)


def test_a_stream_starts_anew_each_time() -> None:
    draws = [torch.randn(3, generator=torch_generator("a", 0, "x")) for _ in range(2)]
    assert torch.equal(*draws)
    assert np.array_equal(*(numpy_generator("a", 0, "x").random(3) for _ in range(2)))


def test_no_code_uses_a_global_generator() -> None:
    """torch.manual_seed, np.random.<draw>, random.<draw>: none of them outside a generator."""
    for path in [*ROOT.glob("harness/**/*.py"), *ROOT.glob("theory/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                module, _, name = called.rpartition(".")
                assert not (module in ("torch", "np.random", "numpy.random", "random")
                            and name in GLOBAL
                            and not any(k.arg == "generator" for k in node.keywords)), (
                    f"{path}: {called}"
                )  # fmt: skip
