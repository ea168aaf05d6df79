"""What a browser draws of the rows: points that tell where they are from, curves, and a law."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from harness.records.files import read_jsonl

from .browser import Browser
from .opened import LAW, ROWS, put, seen

pytestmark = pytest.mark.browser


def test_a_view_that_changes_its_own_size_as_it_is_drawn_anew_reports_no_loop(
    page: Browser,
) -> None:
    """The box that is watched shrinks in its own drawing, as a scroll bar that comes makes it."""
    page.size(420, 900)
    page.js(
        "window.loops = []; addEventListener('error', one => loops.push(one.message));"
        "window.drawings = 0; window.box = patina.make('div', {style: 'width: 400px'}, '.');"
        "document.body.prepend(box); scrollTo(0, 0);"
        "patina.whenSeen(box, () => Promise.resolve(() => {"
        " drawings += 1; if (drawings < 3) { box.style.width = 300 - 30 * drawings + 'px'; } }))"
    )
    page.until("box.dataset.drawn")
    page.js("box.style.width = '300px'")
    page.until("drawings >= 3")
    assert page.js("loops") == []
    page.js("box.remove()")


def _mean(made: Path, arm: str) -> tuple[float, int, str]:
    """The mean of the first metric that is drawn, its replicates and cell, from the records."""
    rows = [
        row
        for row in read_jsonl(made / "ambient_blur" / "records.jsonl")
        if row.metric == "denoising_loss" and row.ok and row.params == ARMS[arm]
    ]
    values = [row.value for row in rows if row.value is not None]
    return sum(values) / len(values), len(values), rows[0].cell_id


ARMS: dict[str, dict[str, Any]] = {
    "clean": {"arm": "clean", "network": "mlp"},
    "gated": {"arm": "gated", "network": "mlp", "blur": 0.4},
}


def test_a_point_tells_its_row_its_cell_and_its_run(page: Browser, made: Path) -> None:
    seen(page, ROWS)
    cells = len(
        {
            row.cell_id
            for row in read_jsonl(made / "ambient_blur" / "records.jsonl")
            if row.metric == "denoising_loss" and row.ok
        }
    )
    assert page.js(f"document.querySelectorAll('{ROWS} .point').length") == cells
    left, top = page.js(
        f"(() => {{ const box = document.querySelector('{ROWS} .point').getBoundingClientRect();"
        " return [box.left + box.width / 2, box.top + box.height / 2]; })()"
    )
    page.point(left, top)
    page.until("document.getElementById('tip').textContent.includes('commit')")
    tip = page.js("document.getElementById('tip').textContent")
    assert page.js("!document.getElementById('tip').hidden")
    found = [arm for arm in ARMS if _mean(made, arm)[2] in tip]
    assert found
    value, count, cell = _mean(made, found[0])
    told = float(tip.partition(" = ")[2].split()[0].replace("−", "-"))
    assert told == pytest.approx(value, rel=1e-3)
    assert "nats [95 %: " in tip
    assert f"n = {count} of {count} replicates" in tip
    assert f"cell {cell}" in tip
    assert "run: measure k" in tip
    assert "commit abc123" in tip


def test_points_are_reached_by_keys_alone(page: Browser) -> None:
    seen(page, ROWS)
    page.js(f"document.querySelector('{ROWS} .area').focus()")
    page.key("ArrowRight")
    first = page.js(f"document.querySelector('{ROWS} .readout').textContent")
    page.key("ArrowRight")
    page.until(f"document.querySelector('{ROWS} .readout').textContent.includes('commit abc123')")
    assert page.js(f"document.querySelector('{ROWS} .readout').textContent") != first
    page.key("Escape")
    assert page.js("document.getElementById('tip').hidden")
    page.key("Enter")
    page.until("document.querySelector('.made[open]')")
    assert page.js("location.hash").startswith("#cell-ambient_blur-")


def test_a_metric_over_noise_levels_is_a_curve(page: Browser) -> None:
    seen(page, ROWS)
    put(page, f"{ROWS} [name=metric]", "curve:denoising_error")
    points = page.js(f"document.querySelectorAll('{ROWS} .point').length")
    assert points == page.js(
        "patina.unpack('points').then(packs => packs.ambient_blur.metrics.map((one, at) =>"
        " one[0].startsWith('denoising_error/') ? packs.ambient_blur.rows[at]"
        ".filter(row => row[1] !== null).length : 0).reduce((a, b) => a + b))"
    )
    assert points > 8


def test_the_slider_goes_over_the_rows_of_a_law(page: Browser, made: Path) -> None:
    seen(page, LAW)
    now = f"document.querySelector('{LAW} .now').textContent"
    cell = f"document.querySelector('{LAW} .values a').hash"
    rows = read_jsonl(made / "ambient_laws" / "records.jsonl")
    told = set()
    for at in range(int(page.js(f"document.querySelector('{LAW} [name=point]').max")) + 1):
        put(page, f"{LAW} [name=point]", str(at))
        told.add(page.js(now))
        name = unquote(page.js(cell)).removeprefix("#cell-ambient_laws-")
        own = {row.metric: row.value for row in rows if row.cell_id == name}
        assert own
        shown = page.js(
            f"Object.fromEntries([...document.querySelectorAll('{LAW} .values tbody tr')]"
            ".map(row => [row.cells[0].textContent, patina.value(row.cells[1].textContent)]))"
        )
        for metric in ("exact", "printed"):
            if own.get(metric) is not None:
                assert shown[metric] == pytest.approx(own[metric], rel=1e-3)
        assert ("Void here" in page.js(now)) == bool(own.get("void"))
    assert len(told) > 1
