"""The door to the data sets, and what holds for every embedded one."""

import inspect
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from harness.data import DATASETS
from harness.data.images import Images
from harness.data.load import load
from harness.problem import Problem
from harness.table import Table

EMBEDDED = [
    pytest.param("digits", {}, id="digits"),
    pytest.param("scenes", {"count": 600}, id="scenes"),
    pytest.param("gaussian_mixture", {"count": 600, "held_out": 60}, id="gaussian_mixture"),
    *(
        pytest.param("procedural", {"kind": kind, "count": 600}, id=f"procedural-{kind}")
        for kind in ("dead_leaves", "power_law", "waves")
    ),
    *(
        pytest.param(name, {"side": side, "channels": channels}, id=f"{name}-{side}-{channels}")
        for name in ("photos", "textures")
        for side in (8, 16, 32)
        for channels in (1, 3)
    ),
]


@pytest.mark.parametrize(("name", "params"), EMBEDDED)
def test_every_embedded_set_keeps_the_contract(name: str, params: dict[str, Any]) -> None:
    images = load(name, **params)
    again = load(name, **params)
    assert images.name == name
    assert images.content_hash == again.content_hash
    assert images.train.count + images.held_out.count == images.count
    assert len(np.unique(images.pixels.reshape(images.count, -1), axis=0)) > 0.99 * images.count
    assert not set(images.train.region) & set(images.held_out.region)
    assert (
        set(images.train.source) == set(images.held_out.source) == set(range(len(images.sources)))
    )
    report = images.describe()
    assert report["train"] + report["test"] == report["count"]
    assert report["shape"] == list(images.pixels.shape[1:])
    assert report["licence"]
    assert report["citation"]


def test_an_unknown_name_names_the_known_ones() -> None:
    known = "digits, photos, textures, procedural, gaussian_mixture, scenes, cifar10, .*npz, folder"
    with pytest.raises(Problem, match=f"did you mean 'photos'.*{known}"):
        load("photo")


def test_an_unknown_parameter_names_the_known_ones() -> None:
    with pytest.raises(
        Problem, match=r"parameter 'sides' of the dataset 'photos'.*did you mean 'side'.*, channels"
    ):
        load("photos", sides=8)
    with pytest.raises(Problem, match="the known ones are classes, sources"):
        load("digits", side=8)
    with pytest.raises(Problem, match=r"'clases' of the dataset 'digits'.*did you mean 'classes'"):
        load("digits", clases=("0",))


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(Problem, match="the dataset 'folder'; got no 'path'; give path="):
        load("folder", side=8)


def test_a_users_row_must_give_images(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("dataset", {"mine": "os:getcwd"})
    monkeypatch.setattr("harness.data.load.DATASETS", table)
    with pytest.raises(Problem, match="the dataset 'mine'; got a str; return harness"):
        load("mine")


def test_every_row_is_a_function_of_keyword_only_parameters() -> None:
    for name in DATASETS:
        signature = inspect.signature(DATASETS[name])
        kinds = {parameter.kind for parameter in signature.parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, name
        assert signature.return_annotation is Images, name


def test_no_data_set_loads_torch_and_reading_the_table_loads_nothing() -> None:
    code = (
        "import sys; import harness.data;"
        "assert not {'numpy', 'torch'} & set(sys.modules);"
        "from harness.data import DATASETS; [DATASETS[name] for name in DATASETS];"
        "heavy = {'torch', 'PIL', 'skimage', 'sklearn', 'scipy', 'pandas'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "from harness.data.load import load; load('photos');"
        "assert not {'torch', 'skimage', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
