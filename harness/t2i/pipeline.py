"""The pipeline: a text-to-image model of diffusers, whole, and with what tells it from others.

A pipeline is a folder of parts: networks of diffusers and of transformers, a tokenizer, a
scheduler. Its networks are loaded one by one, so that each says what its files lack, and then put
together. What is recorded of it are the sha256 over every number of each network, and that of what
is said of the scheduler: by a name alone, two models of one name would draw into one folder.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

from harness.cell import digest
from harness.problem import Problem
from harness.t2i.extra import (
    check_words,
    device_of,
    first_line,
    imported,
    loaded,
    named,
    network,
    placed,
    versions,
    weights_hash,
)  # fmt: skip
from harness.t2i.generation import Setting

if TYPE_CHECKING:
    import torch
    from PIL import Image


@final
class Pipeline:
    """A pipeline of diffusers that draws images of a text. flagged: images that its safety checker
    made black, so far."""

    def __init__(self, pipeline: Any, setting: Setting) -> None:
        self.pipeline, self.setting, self.flagged = pipeline, setting, 0

    def __call__(
        self, text: str, count: int, generator: "torch.Generator"
    ) -> "Sequence[Image.Image]":
        """``count`` images from a call; ``Problem`` for settings that the model does not take."""
        setting = self.setting
        options = {
            "height": setting.height,
            "width": setting.width,
            "negative_prompt": setting.negative_prompt,
        }
        try:
            made = self.pipeline(
                text,
                num_inference_steps=setting.steps,
                guidance_scale=setting.guidance,
                num_images_per_prompt=count,
                generator=generator,
                **{name: value for name, value in options.items() if value is not None},
            )
        except MemoryError:
            raise
        except Exception as error:  # pipelines raise nearly anything on what they do not take
            got = f"{type(error).__name__}: {first_line(error)}"
            fix = "give settings that this model takes, or fewer and smaller images at a time"
            raise Problem(f"{count} images of {text!r}", got, fix) from error
        self.flagged += sum(map(bool, getattr(made, "nsfw_content_detected", None) or ()))
        images = list(made.images)
        asked = (setting.width, setting.height)
        for image in images:
            if None not in asked and image.size != asked:
                size = "images of {} x {} pixels"
                fix = "ask for that size, or for one that this model draws"
                raise Problem(size.format(*asked), size.format(*image.size), fix)
        return images


def load(
    model: str, setting: Setting, dtype: str | None = None, device: str = "auto"
) -> tuple[Pipeline, str, dict[str, Any]]:
    """A pipeline, its device, and what is recorded of it; dtype: by default half precision on a
    GPU, as published, and single on a CPU.

    Raises ``Problem`` where the extra is not installed, where the model cannot be had, and where
    its files lack a part of a network.
    """
    (kind,), place = imported("diffusers", "AutoPipelineForText2Image"), device_of(device)
    import torch

    dtype = dtype or ("float32" if place == "cpu" else "float16")
    options = {"dtype": getattr(torch, dtype), "use_safetensors": True}
    networks = {
        part: network(of, model, subfolder=part, **options)
        for part, of in _networks(loaded(kind, model, "load_config")).items()
    }
    pipeline = placed(loaded(kind, model, **options, **networks), place, model)
    pipeline.set_progress_bar_config(disable=True)
    for part, each in pipeline.components.items():
        if hasattr(each, "convert_ids_to_tokens"):
            check_words(each, f"{model}/{part}")
    said = {
        "model": named(model),
        "pipeline": type(pipeline).__name__,
        "weights": {
            part: weights_hash(each)
            for part, each in sorted(pipeline.components.items())
            if isinstance(each, torch.nn.Module)
        },
        "revision": getattr(pipeline.config, "_commit_hash", None),
        "scheduler": type(pipeline.scheduler).__name__,
        "scheduler_settings": _stated(pipeline.scheduler.config),
        "safety_checker": getattr(pipeline, "safety_checker", None) is not None,
        "dtype": dtype,
        "device": place.split(":")[0],
        "versions": versions("torch", "diffusers", "transformers"),
    }
    return Pipeline(pipeline, setting), place, said


def _networks(index: Mapping[str, Any]) -> dict[str, Any]:
    """The classes of the networks that the index of a pipeline names, by their parts.

    An entry is [library, class]; for a library of neither name it is a pipeline's own module.
    """
    bases = (*imported("transformers", "PreTrainedModel"), *imported("diffusers", "ModelMixin"))
    found = {}
    for part, entry in index.items():
        if not isinstance(entry, (list, tuple)) or len(entry) != 2 or None in entry:
            continue
        library, name = map(str, entry)
        if library in ("diffusers", "transformers"):
            (kind,) = imported(library, name)
        else:
            (pipelines,) = imported("diffusers", "pipelines")
            kind = getattr(getattr(pipelines, library, None), name, None)
        if isinstance(kind, type) and issubclass(kind, bases):
            found[part] = kind
    return found


def _stated(config: Mapping[str, Any]) -> str:
    """The digest of what a scheduler's file says, without what the library adds to it."""
    added = config.get("_use_default_values", ())
    said = {key: value for key, value in config.items() if key not in added and key[:1] != "_"}
    return digest(said)
