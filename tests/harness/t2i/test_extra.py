"""The extra: what is missing is said with the command that installs it; weights have no code."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from harness.metrics.extractor import hash_of
from harness.problem import Problem
from harness.t2i import color, generation, mask2former
from harness.t2i.extra import device_of, imported, loaded, named, versions, weights_hash


def test_a_missing_library_is_a_problem_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("transformers", "diffusers"):
        monkeypatch.setitem(sys.modules, name, None)
    for load in (
        lambda: mask2former.load(),
        lambda: color.load(("red",)),
        lambda: generation.load("model", generation.Setting()),
    ):
        with pytest.raises(Problem, match=r"pip install 'patina\[t2i\]'"):
            load()


def test_a_library_that_breaks_when_a_class_is_asked_for_is_one_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Lazy(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("Failed to import\nNo module named 'wcwidth'")

    monkeypatch.setitem(sys.modules, "diffusers", Lazy("diffusers"))
    with pytest.raises(Problem, match=r"no diffusers that works .*No module named 'wcwidth'"):
        imported("diffusers", "AutoPipelineForText2Image")


class Kind:
    """A class of a library, which keeps what it was asked."""

    asked: list[tuple[str, dict[str, Any]]] = []  # noqa: RUF012
    says: Exception | None = None

    @classmethod
    def from_pretrained(cls, weights: str, **options: Any) -> Any:
        cls.asked.append((weights, options))
        if cls.says is not None:
            raise cls.says
        labels = dict(enumerate(mask2former.COCO.classes))
        model = torch.nn.Linear(2, 2)
        model.config = SimpleNamespace(id2label=labels)  # type: ignore[assignment]
        model.scheduler = model.set_progress_bar_config = lambda **_: None  # type: ignore[assignment]
        return model


@pytest.mark.parametrize("error", [OSError("no file\nat all"), ValueError(""), ImportError("x")])
def test_weights_that_cannot_be_had_are_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kind, "says", error)
    with pytest.raises(Problem) as caught:
        loaded(Kind, "somewhere/model")
    assert "Kind with" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_networks_are_read_from_safetensors_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kind, "asked", [])
    names = ("Mask2FormerForUniversalSegmentation", "CLIPModel", "AutoPipelineForText2Image")
    library = SimpleNamespace(**dict.fromkeys(names, Kind), CLIPTokenizer=Kind)
    monkeypatch.setitem(sys.modules, "transformers", library)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "diffusers", library)  # type: ignore[arg-type]
    detector = mask2former.load(device="cpu")
    generation.load("sd", generation.Setting(), device="cpu")
    asked = dict(Kind.asked)
    assert asked.pop(mask2former.WEIGHTS) == {"use_safetensors": True}
    assert asked["sd"] == {"use_safetensors": True, "dtype": torch.float32}
    assert (color.WEIGHTS, {"use_safetensors": True}) in Kind.asked
    assert set(detector.weights) == {"mask2former", "clip"}
    assert detector.settings["source"] == mask2former.WEIGHTS


def test_the_hash_is_of_every_number_and_name() -> None:
    model = torch.nn.Linear(2, 3)
    numbers = {key: value.detach().numpy() for key, value in model.state_dict().items()}
    assert weights_hash(model) == hash_of("Linear", numbers)
    before = weights_hash(model)
    with torch.no_grad():
        model.bias[2] += 1e-3
    assert weights_hash(model) != before
    assert np.shape(numbers["weight"]) == (3, 2)


def test_a_folder_of_weights_goes_by_its_own_name(tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    assert named(str(tmp_path / "mine")) == "mine"
    assert named("facebook/model") == "facebook/model"


def test_devices_and_versions_are_told() -> None:
    assert device_of("cpu") == "cpu"
    assert device_of("auto") in ("cpu", "cuda")
    with pytest.raises(Problem, match="say auto, cpu or cuda"):
        device_of("abacus")
    found = versions("torch", "no-such-package")
    assert found == {"torch": torch.__version__, "no-such-package": "none"}
