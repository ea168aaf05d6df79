"""The extra ``[t2i]``: its libraries, loaded when they are needed, and weights without code.

Weights are read from safetensors alone. Other formats of weights are pickles, which can run code.

They must be whole. These libraries draw at random what a file lacks, warn in a log, and go on; a
network that is half noise then finds or draws something, and nobody sees why. So a parameter that
is missing, or that has another shape, is a ``Problem``. Two kinds of tensors may be missing: those
that the library's own class says it can do without, and buffers, which a network computes when it
is built, but for the running means and variances of its normalisations. A tokenizer without its
files is built all the same, and takes every word for an unknown one; it is refused too.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.metrics.extractor import hash_of
from harness.problem import Problem

INSTALL = (
    "run `python -m pip install -e '.[t2i]'` in the folder of Patina's source, or "
    "`python -m pip install diffusers transformers accelerate`"
)
GIVE = "give a folder of such a model with safetensors, or a name while the hub is in reach"
SHOWN = 3  # names in a message
LONGEST = 240  # letters of what a library says


def imported(library: str, *names: str) -> list[Any]:
    """Classes of a library of the extra; ``Problem`` with the command that installs it.

    These libraries import lazily, so that what they lack shows only when a class is asked for.
    """
    try:
        with _without_warnings():
            module = import_module(library)
            return [getattr(module, name) for name in names]
    except (ImportError, RuntimeError, AttributeError) as error:
        said = (str(error).strip().splitlines() or [""])[-1]
        got = f"no {library} that works ({type(error).__name__}: {said})"
        raise Problem(f"the library {library}, of the extra [t2i]", got, INSTALL) from error


def loaded(kind: Any, weights: str, by: str = "from_pretrained", **options: Any) -> Any:
    """What a class loads by one of its methods, its errors in one line and without its warnings.

    kind: a class of transformers or diffusers; weights: a name on the hub, or a folder.
    """
    asked = f"{kind.__name__} with the weights {_place(weights, options)}"
    try:
        with _without_warnings():
            return getattr(kind, by)(weights, **options)
    except ImportError as error:
        raise Problem(asked, first_line(error), INSTALL) from error
    except MemoryError:
        raise
    except Exception as error:  # the readers of weights raise nearly anything on broken bytes
        raise Problem(asked, f"{type(error).__name__}: {first_line(error)}", GIVE) from error


def network(kind: Any, weights: str, **options: Any) -> Any:
    """A network with all of its weights; ``Problem`` that names some of those that are not there.

    kind, weights: as :func:`loaded`, of a class that tells what it has loaded.
    """
    model, said = loaded(kind, weights, output_loading_info=True, **options)
    total = len(model.state_dict())
    faults = []
    missing = sorted(_needed(model, said["missing_keys"]))
    if missing:
        faults.append(f"{len(missing)} of {total} tensors missing, such as {_some(missing)}")
    other = sorted(key if isinstance(key, str) else key[0] for key in said["mismatched_keys"])
    if other:
        faults.append(f"{len(other)} of {total} tensors in another shape, such as {_some(other)}")
    if said.get("error_msgs"):
        faults.append("; ".join(map(str, said["error_msgs"]))[:LONGEST])
    if faults:
        raise Problem(
            f"{kind.__name__} with the weights {_place(weights, options)}",
            "; ".join(faults),
            "give the whole weights of such a model: what a file lacks would be drawn at random",
        )
    return model


def check_words(tokenizer: Any, weights: str) -> None:
    """``Problem`` for a tokenizer to which two words are one: it was built without its files."""
    one, other = tokenizer([f"a {word} cup" for word in ("red", "tan")])["input_ids"]
    if list(one) == list(other):
        got = "one that tells no words: its vocabulary is missing"
        raise Problem(f"a tokenizer with the weights {weights}", got, GIVE)


def _needed(model: Any, missing: Iterable[str]) -> set[str]:
    """What a network cannot do without, of the names that a file lacks."""
    spared = {
        pattern
        for part in model.modules()
        for pattern in (getattr(type(part), "_keys_to_ignore_on_load_missing", None) or ())
    }
    built = {name for name, _ in model.named_buffers() if ".running_" not in f".{name}"}
    return {
        name
        for name in missing
        if name not in built and not any(re.search(pattern, name) for pattern in spared)
    }


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN])


def _place(weights: str, options: dict[str, Any]) -> str:
    """Where weights are from, as a message says it."""
    return f"{weights}/{options['subfolder']}" if "subfolder" in options else weights


def first_line(error: BaseException) -> str:
    """The first line of what an error says, or its name."""
    lines = str(error).strip().splitlines()
    return lines[0][:LONGEST] if lines else type(error).__name__


@contextmanager
def _without_warnings() -> Iterator[None]:
    """The logs of these libraries, without the many lines that a refusal here gives in one."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        yield
    finally:
        logging.disable(before)


def placed(model: Any, device: str, what: str) -> Any:
    """A network or a pipeline on a device; ``Problem`` where it does not go there."""
    try:
        return model.to(device)
    except (RuntimeError, NotImplementedError) as error:
        got = f"{type(error).__name__}: {first_line(error)}"
        raise Problem(f"{what} on {device}", got, "give whole weights, or more memory") from error


def device_of(asked: str) -> str:
    """The device to work on: what was asked, or for "auto" a GPU where torch sees one."""
    import torch

    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=asked)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise Problem(f"--device {asked}", first_line(error), "say auto, cpu or cuda") from error
    return asked


def weights_hash(model: Any) -> str:
    """The sha256 over every number of a torch module, with their names."""
    return hash_of(type(model).__name__, _Numbers(model.state_dict()))


@final
class _Numbers(Mapping[str, NDArray[np.float32]]):
    """The tensors of a state as singles, one at a time: a large network fits twice in no memory."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state = state

    def __getitem__(self, key: str) -> NDArray[np.float32]:
        return self.state[key].detach().cpu().float().numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self.state)

    def __len__(self) -> int:
        return len(self.state)


def named(weights: str) -> str:
    """What a file says of where weights are from: a name on the hub, or the folder's own name."""
    name = Path(weights).resolve().name if Path(weights).exists() else weights
    return name.encode(errors="backslashreplace").decode()


def versions(*names: str) -> dict[str, str]:
    """The versions of installed packages, "none" for one that is not."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found
