"""The extra: what is missing is said with the command that installs it; weights have no code."""

import logging
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from harness.cell import digest
from harness.metrics.extractor import hash_of
from harness.problem import Problem
from harness.t2i import color, generation, mask2former, pipeline
from harness.t2i.extra import (
    device_of,
    imported,
    loaded,
    named,
    network,
    placed,
    versions,
    weights_hash,
)  # fmt: skip


def test_a_missing_library_is_a_problem_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("transformers", "diffusers"):
        monkeypatch.setitem(sys.modules, name, None)
    for load in (
        lambda: mask2former.load(),
        lambda: color.load(("red",)),
        lambda: pipeline.load("model", generation.Setting()),
    ):
        with pytest.raises(Problem, match=r"pip install -e '\.\[t2i\]'` in the folder") as caught:
            load()
        assert "patina[t2i]" not in str(caught.value)  # another project's on the index


def test_a_library_that_breaks_when_a_class_is_asked_for_is_one_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Lazy(ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("Failed to import\nNo module named 'wcwidth'")

    monkeypatch.setitem(sys.modules, "diffusers", Lazy("diffusers"))
    with pytest.raises(Problem, match=r"no diffusers that works .*No module named 'wcwidth'"):
        imported("diffusers", "AutoPipelineForText2Image")


class Spared(torch.nn.Linear):
    """A part whose library says that it can do without its bias."""

    _keys_to_ignore_on_load_missing = (r"head\.bias",)


class Kind(torch.nn.Module):
    """A class of a library, which keeps what it was asked."""

    asked: list[tuple[str, dict[str, Any]]] = []  # noqa: RUF012
    says: Exception | None = None
    missing: tuple[str, ...] = ()
    mismatched: tuple[Any, ...] = ()
    index: dict[str, Any] = {"unet": ["diffusers", "Kind"], "vae": [None, None]}  # noqa: RUF012

    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.body, self.head = torch.nn.Linear(2, 2), Spared(2, 1)
        self.norm = torch.nn.BatchNorm1d(2)
        for numbers in self.parameters():
            torch.nn.init.constant_(numbers, value)
        self.register_buffer("positions", torch.arange(3))
        labels = dict(enumerate(mask2former.COCO.classes))
        self.config = SimpleNamespace(id2label=labels)

    @classmethod
    def from_pretrained(
        cls, weights: str, output_loading_info: bool = False, **options: Any
    ) -> Any:
        cls.asked.append((weights, options))
        logging.getLogger("transformers.modeling").warning("some weights are missing")
        if cls.says is not None:
            raise cls.says
        if output_loading_info:
            told = {"missing_keys": set(cls.missing), "mismatched_keys": set(cls.mismatched)}
            return cls(), {**told, "unexpected_keys": {"more"}, "error_msgs": []}
        return cls()


class Tokens:
    """A tokenizer: a number a letter, or one for all where it has no files."""

    letters = "abcdefghijklmnopqrstuvwxyz"

    @classmethod
    def from_pretrained(cls, weights: str) -> "Tokens":
        return cls()

    def __call__(self, texts: list[str]) -> dict[str, list[list[int]]]:
        return {"input_ids": [[self.letters.find(letter) for letter in text] for text in texts]}

    def convert_ids_to_tokens(self) -> None:
        """What tokenizers of the library are known by."""


class Whole(Kind):
    """A pipeline of one network."""

    @classmethod
    def load_config(cls, weights: str) -> dict[str, Any]:
        return cls.index

    @classmethod
    def from_pretrained(cls, weights: str, **options: Any) -> Any:  # type: ignore[override]
        cls.asked.append((weights, options))
        config = {"beta": 0.1, "steps": 9, "_use_default_values": ["steps"], "_version": "1"}
        made = SimpleNamespace(
            components={"unet": options["unet"], "tokenizer": Tokens(), "image_encoder": None},
            scheduler=SimpleNamespace(config=config),
            config=SimpleNamespace(_commit_hash="abc"),
            set_progress_bar_config=lambda **_: None,
        )
        made.to = lambda place: made
        return made


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries of these classes in place of the real ones."""
    monkeypatch.setattr(Kind, "asked", [])
    names = ("Mask2FormerForUniversalSegmentation", "CLIPModel", "Kind", "PreTrainedModel",
             "ModelMixin")  # fmt: skip
    pipelines = SimpleNamespace(stable_diffusion=SimpleNamespace(Checker=Kind))
    made = SimpleNamespace(
        **dict.fromkeys(names, Kind), AutoPipelineForText2Image=Whole, CLIPTokenizer=Tokens,
        pipelines=pipelines,
    )  # fmt: skip
    for name in ("transformers", "diffusers"):
        monkeypatch.setitem(sys.modules, name, made)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error", [OSError("no file\nat all"), ValueError(""), ImportError("x"), Exception("header")]
)
def test_weights_that_cannot_be_had_are_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Kind, "says", error)
    with pytest.raises(Problem) as caught:
        loaded(Kind, "somewhere/model")
    assert "Kind with" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not caplog.records
    logging.getLogger("transformers.modeling").warning("said again")
    assert len(caplog.records) == 1


def test_memory_that_is_not_there_is_no_fault_of_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Kind, "says", MemoryError())
    with pytest.raises(MemoryError):
        loaded(Kind, "somewhere/model")


@pytest.mark.parametrize("missing", ["body.weight", "norm.running_mean", "norm.running_var"])
def test_a_network_without_a_part_of_its_weights_is_refused(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kind, "missing", (missing, "head.bias"))
    with pytest.raises(Problem, match=rf"with the weights w; got 1 of 10 .* such as {missing};"):
        network(Kind, "w")


def test_a_network_with_a_tensor_of_another_shape_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Kind, "mismatched", (("body.weight", (2, 2), (3, 3)),))
    with pytest.raises(Problem, match=r"w/part; got 1 of 10 tensors in another shape, such as bo"):
        network(Kind, "w", subfolder="part")


def test_what_a_network_builds_and_what_its_library_spares_may_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spared = ("positions", "norm.num_batches_tracked", "head.bias")
    monkeypatch.setattr(Kind, "missing", spared)
    assert isinstance(network(Kind, "w"), Kind)


def test_networks_are_read_from_safetensors_alone(library: None) -> None:
    detector = mask2former.load(device="cpu")
    pipeline.load("sd", generation.Setting(), device="cpu")
    asked = dict(Kind.asked)
    assert asked.pop(mask2former.WEIGHTS) == {"use_safetensors": True}
    unet = asked["sd"].pop("unet")
    assert isinstance(unet, Kind)
    assert asked["sd"] == {"use_safetensors": True, "dtype": torch.float32}
    assert ("sd", {**asked["sd"], "subfolder": "unet"}) in Kind.asked
    assert (color.WEIGHTS, {"use_safetensors": True}) in Kind.asked
    assert set(detector.weights) == {"mask2former", "clip"}
    assert detector.settings["source"] == mask2former.WEIGHTS


@pytest.mark.parametrize("library_of", ["diffusers", "transformers", "stable_diffusion"])
def test_a_pipeline_that_lacks_a_part_of_a_network_is_refused(
    library_of: str, library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "Checker" if library_of == "stable_diffusion" else "Kind"
    monkeypatch.setattr(Whole, "index", {"unet": [library_of, name], "_class_name": "Whole"})
    pipeline.load("sd", generation.Setting(), device="cpu")
    monkeypatch.setattr(Kind, "missing", ("body.weight",))
    with pytest.raises(Problem, match=r"Kind with the weights sd/unet; got 1 of 10 tensors miss"):
        pipeline.load("sd", generation.Setting(), device="cpu")


def test_a_tokenizer_without_its_vocabulary_is_refused(
    library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    color.load(("red",), device="cpu")
    pipeline.load("sd", generation.Setting(), device="cpu")
    monkeypatch.setattr(Tokens, "letters", "")
    with pytest.raises(Problem, match=rf"tokenizer with the weights {color.WEIGHTS}; got one that"):
        color.load(("red",), device="cpu")
    with pytest.raises(Problem, match=r"tokenizer with the weights sd/tokenizer; got one that"):
        pipeline.load("sd", generation.Setting(), device="cpu")


def test_a_pipeline_is_known_by_its_weights_and_by_what_is_said_of_its_scheduler(
    library: None,
) -> None:
    _, place, said = pipeline.load("sd", generation.Setting(), device="cpu")
    assert place == "cpu"
    assert said["weights"] == {"unet": weights_hash(Kind())}
    assert said["weights"] != {"unet": weights_hash(Kind(2.0))}
    assert said["scheduler_settings"] == digest({"beta": 0.1})
    assert said["revision"] == "abc"
    assert said["dtype"] == "float32"


def test_a_network_that_does_not_go_to_its_device_is_one_line() -> None:
    def to(place: str) -> None:
        raise NotImplementedError("Cannot copy out of meta tensor; no data!\nmore")

    with pytest.raises(Problem, match=r"sd on cpu; got NotImplementedError: Cannot .* no data!;"):
        placed(SimpleNamespace(to=to), "cpu", "sd")


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
    assert named("\udcff") == r"\udcff"  # a byte that is no text


def test_devices_and_versions_are_told() -> None:
    assert device_of("cpu") == "cpu"
    assert device_of("auto") in ("cpu", "cuda")
    with pytest.raises(Problem, match="say auto, cpu or cuda"):
        device_of("abacus")
    found = versions("torch", "no-such-package")
    assert found == {"torch": torch.__version__, "no-such-package": "none"}
