"""The extra ``[t2i]``: its libraries, loaded when they are needed, and weights without code.

Weights are read from safetensors alone. Other formats of weights are pickles, which can run code.
"""

from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from harness.metrics.extractor import hash_of
from harness.problem import Problem

INSTALL = (
    "run `python -m pip install 'patina[t2i]'`, or `pip install diffusers transformers accelerate`"
)


def imported(library: str, *names: str) -> list[Any]:
    """Classes of a library of the extra; ``Problem`` with the command that installs it.

    These libraries import lazily, so that what they lack shows only when a class is asked for.
    """
    try:
        module = import_module(library)
        return [getattr(module, name) for name in names]
    except (ImportError, RuntimeError, AttributeError) as error:
        said = (str(error).strip().splitlines() or [""])[-1]
        got = f"no {library} that works ({type(error).__name__}: {said})"
        raise Problem(f"the library {library}, of the extra [t2i]", got, INSTALL) from error


def loaded(kind: Any, weights: str, **options: Any) -> Any:
    """``kind.from_pretrained``, with its errors in one line.

    kind: a class of transformers or diffusers; weights: a name on the hub, or a folder.
    """
    name = kind.__name__
    try:
        return kind.from_pretrained(weights, **options)
    except ImportError as error:
        first = str(error).strip().splitlines()[0]
        raise Problem(f"{name} with {weights}", first, INSTALL) from error
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Problem(
            f"{name} with the weights {weights}",
            f"{type(error).__name__}: {first}",
            "give a folder of such a model with safetensors, or a name while the hub is in reach",
        ) from error


def device_of(asked: str) -> str:
    """The device to work on: what was asked, or for "auto" a GPU where torch sees one."""
    import torch

    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=asked)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).splitlines()[0]
        raise Problem(f"--device {asked}", first, "say auto, cpu or cuda") from error
    return asked


def weights_hash(model: Any) -> str:
    """The sha256 over every number of a torch module, with their names."""
    numbers = model.state_dict().items()
    return hash_of(
        type(model).__name__, {key: each.detach().cpu().float().numpy() for key, each in numbers}
    )


def named(weights: str) -> str:
    """What a file says of where weights are from: a name on the hub, or the folder's own name."""
    return Path(weights).resolve().name if Path(weights).exists() else weights


def versions(*names: str) -> dict[str, str]:
    """The versions of installed packages, "none" for one that is not."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found
