"""The figure of the bridge from corrupted conditions: paired effects, each at its place."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.records.record import Plain, Record, measured
from harness.report import style
from harness.report.figures.cep_bridge import NAMES, draw, effect
from harness.report.results import Results
from harness.studies.cep_bridge_cells import ARMS, FEW, FLIPS, MANY, MODELS, NOISES

Rows = Callable[..., list[Record]]
STUDY = "cep_bridge"
SPREAD = np.array([0.8, 1.0, 1.2])


def rows(metric: str, values: object, **params: Plain) -> list[Record]:
    """One row a replicate; images is a factor here."""
    cell = "-".join(str(params[name]) for name in sorted(params))
    return [
        measured(
            float(value), study=STUDY, cell_id=cell, params=params, replicate=k, metric=metric,
            unit="1", tier="tolerance",
        )
        for k, value in enumerate(np.asarray(values))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def bridge() -> list[Record]:
    """W2^2 halves from clean to noise 8 and entropy rises by .1 an arm; models differ in size."""
    found: list[Record] = []
    for size, model in enumerate(MODELS, 1):
        for images in (FEW, MANY):
            for place, arm in enumerate(ARMS):
                where = {"network": model, "images": images, "arm": arm}
                w2 = size * SPREAD * 2 ** (-place / 5)
                found += rows("class_w2_squared", w2, **where)
                entropy = size + SPREAD * 0.1 * place
                found += rows("class_entropy", entropy, **where)
                found += rows("mean_kept", [1 - place / 10, 1 - place / 10], **where)
    return found


def drawn(records: list[Record]) -> Figure:
    with style.applied(STUDY):
        made = draw(Results(STUDY, "smoke", records))
        made.set_layout_engine("none")
        made.draw_without_rendering()
    return made


def test_an_effect_is_the_paired_mean_with_the_interval_of_student(bridge: list[Record]) -> None:
    results = Results(STUDY, "smoke", bridge)
    middle, half = effect(results, "mlp", "noise 8", FEW, "class_w2_squared")  # type: ignore[misc]
    assert middle == pytest.approx(np.log(2))  # a gain is above 0
    assert half == pytest.approx(0, abs=1e-12)
    middle, half = effect(results, "mlp", "noise 1", FEW, "class_entropy")  # type: ignore[misc]
    assert middle == pytest.approx(0.2)
    assert half == pytest.approx(4.302653 * 0.2 * 0.2 / 3**0.5)  # t of 2
    assert effect(results, "mlp", "noise 3", FEW, "class_entropy") is None
    assert effect(results, "mlp", "noise 1", 7, "class_entropy") is None


@pytest.fixture(scope="module")
def picture(bridge: list[Record]) -> Figure:
    return drawn(bridge)


def series(axes: Axes) -> dict[str, np.ndarray]:
    """The points of each model, [k, 2]."""
    found = {}
    for held in axes.containers:
        line = held.lines[0]  # type: ignore[attr-defined]
        found[str(held.get_label())] = np.array(line.get_xydata())
    return found


def test_six_panels_have_every_model_at_its_places(picture: Figure) -> None:
    axes = picture.get_axes()
    assert [each.get_title(loc="left")[:3] for each in axes] == [f"({x})" for x in "abcdef"]
    for each in axes:
        assert set(series(each)) == set(NAMES.values())
    for place, at in ((0, NOISES), (1, NOISES), (3, NOISES), (4, FLIPS), (5, FLIPS)):
        scale = 100.0 if at is FLIPS else 1.0
        for name, points in series(axes[place]).items():
            beside = {"trained MLP": 0.95, "MLP, guided": 1.05}.get(name, 1.0)
            assert points[:, 0] == pytest.approx([beside * scale * x for x in at.values()])
    assert series(axes[1])["trained MLP"][:, 1] == pytest.approx(np.log(2) * np.arange(1, 6) / 5)
    assert series(axes[0])["trained MLP"][:, 1] == pytest.approx(0.1 * np.arange(1, 6))
    assert series(axes[5])["exact law"][:, 1] == pytest.approx(np.log(2) * np.arange(6, 10) / 5)
    kept = series(axes[2])["exact law"]
    assert kept[:, 1] == pytest.approx(1 - np.arange(6) / 10)
    assert kept[0, 0] < min(NOISES.values())  # clean has a place of its own, left of the noise


def test_flips_and_noise_have_their_own_axes(picture: Figure) -> None:
    labels = [each.get_xlabel() for each in picture.get_axes()]
    assert labels == ["γ √n"] * 4 + ["flipped labels (%)"] * 2


def test_what_has_no_place_on_a_logarithm_is_left_out(bridge: list[Record]) -> None:
    fallen = [
        row
        for row in bridge
        if not (row.metric == "class_entropy" and row.params["network"] == "free")
    ]
    for arm in ARMS:
        where = {"network": "free", "images": FEW, "arm": arm}
        fallen += rows("class_entropy", [float(arm == "noise 8")] * 2, **where)
    shown = series(drawn(fallen).get_axes()[0])["unrestricted optimum"]
    assert shown.tolist() == [[8.0, 1.0]]


def test_it_is_drawn_without_rows(failed: Rows) -> None:
    lost = failed("no luck", 2, study=STUDY, arm="clean", network="mlp")
    assert len(drawn(lost).get_axes()) == 6
