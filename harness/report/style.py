"""The look of every figure: for print, for colour-blind eyes, and for grey copies.

Sizes are written for a report of 6.5 inches; ``harness.report.styles`` has the other ones.

Colours are those of Okabe and Ito (2008), and never stand alone: what differs in colour differs in
marker and in line style as well. Text is at least 7 points. Files are byte-stable: no dates, and
the identifiers inside an SVG derive from the study's name.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from harness.report.number import scientific
from harness.report.styles import BASE_WIDTH, REPORT, Style

WIDTH = BASE_WIDTH  # inches
DOTS = 220  # an inch, in the png
KINDS = ("pdf", "svg", "png")
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#767676"

RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.borderaxespad": 0.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    **{f"{axis}tick.major.width": 0.6 for axis in "xy"},
    **{f"{axis}tick.minor.width": 0.4 for axis in "xy"},
    **{f"{axis}tick.major.size": 3.5 for axis in "xy"},
    **{f"{axis}tick.minor.size": 2.0 for axis in "xy"},
    **{f"{axis}tick.major.pad": 3.5 for axis in "xy"},
    "axes.titlepad": 6.0,
    "axes.labelpad": 4.0,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "errorbar.capsize": 1.5,
    "figure.dpi": 100,
    "patch.linewidth": 1.0,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "path.simplify": True,
}


@final
@dataclass(frozen=True)
class Look:
    """How one series is drawn."""

    colour: str
    marker: str
    line: Any = "-"

    def line_kwargs(self) -> dict[str, Any]:
        """For a line with markers."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.line}


DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
LOOKS = (
    Look(BLUE, "o", DASHES[0]),
    Look(VERMILION, "s", DASHES[1]),
    Look(GREEN, "^", DASHES[3]),
    Look(PURPLE, "D", DASHES[2]),
    Look(ORANGE, "v", (0, (7, 2))),
    Look(SKY, "P", (0, (3, 1, 1, 1, 1, 1))),
    Look(BLACK, "X", (0, (2, 3))),
)
ARMS = {
    "clean": Look(BLACK, "o", DASHES[0]),
    "gated": Look(BLUE, "s", DASHES[0]),
    "ambient": Look(GREEN, "^", DASHES[1]),
    "all": Look(VERMILION, "v", DASHES[2]),
    "oracle": Look(PURPLE, "D", DASHES[3]),
    "buffered": Look(ORANGE, "P", (0, (7, 2))),
}


def looks(names: Sequence[str]) -> dict[str, Look]:
    """A look for each series: its own where ``ARMS`` has one, and no colour twice while there are
    others."""
    found = {name: ARMS[name] for name in names if name in ARMS}
    taken = {look.colour for look in found.values()}
    free = [look for look in LOOKS if look.colour not in taken] or list(LOOKS)
    others = [name for name in names if name not in ARMS]
    found |= {name: free[i % len(free)] for i, name in enumerate(others)}
    return {name: found[name] for name in names}


_STYLE: ContextVar[Style] = ContextVar("style", default=REPORT)


@contextmanager
def applied(study: str, style: Style = REPORT) -> Iterator[None]:
    """The look in a style, for drawing and for saving; the study's name salts the SVG's
    identifiers."""
    before = _STYLE.set(style)
    try:
        rc: dict[Any, Any] = {**style.rc(RC), "svg.hashsalt": f"patina {study}"}
        with matplotlib.rc_context(rc):
            yield
    finally:
        _STYLE.reset(before)


def figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure with its own canvas and no global state; inches, as in a report."""
    style = _STYLE.get()
    size = (width * style.width / WIDTH, height * style.factor)
    made = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(made)
    return made


def small() -> float:
    """The size of the smallest text, points: that of a word beside a line."""
    return float(matplotlib.rcParams["legend.fontsize"])


def panel(axes: Axes, letter: str, title: str) -> None:
    """The letter and the title of a panel, on its left."""
    axes.set_title(f"({letter}) {title}")


def legend(axes: Axes, on: Axes | Figure | None = None, **where: Any) -> None:
    """The legend of a panel, on it or elsewhere; none where nothing with a name was drawn."""
    handles, names = axes.get_legend_handles_labels()
    if handles:
        (on or axes).legend(handles, names, **where)


def log_ticks(axes: Axes, which: str = "x") -> None:
    """Ticks of the logarithmic axes named: every decade; at 1, 2 and 5 where few decades show, more
    where less than one does, and even ones where less than a factor of 2.5 does."""
    for name in which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        low, high = sorted(axis.get_view_interval())
        if low <= 0:  # nothing is drawn
            low, high = 1.0, 10.0
            (axes.set_xlim if name == "x" else axes.set_ylim)(low, high)
        subs = (1, 1.5, 2, 3, 5, 7) if high / low < 5 else (1, 2, 5) if high / low < 200 else (1,)
        if high / low < 2.5:
            axis.set_major_locator(FixedLocator(MaxNLocator(4).tick_values(low, high)))
        else:
            axis.set_major_locator(LogLocator(subs=subs, numticks=9))
        axis.set_major_formatter(FuncFormatter(_level))
        axis.set_minor_formatter(NullFormatter())


def _level(value: float, _: int = 0) -> str:
    """A tick as text: a short number, or a power of ten, with no digit less than it has."""
    if value <= 0 or 1e-2 <= value < 1e4:
        return f"{value:g}"
    digits = len(f"{value:.3e}".partition("e")[0].rstrip("0").rstrip(".").replace(".", ""))
    return scientific(value, digits).removeprefix("1×")


def saved(made: Figure, kinds: Sequence[str] = KINDS) -> dict[str, bytes]:
    """The bytes of a figure in each of some formats; the same figure gives the same bytes."""
    made.draw_without_rendering()  # lays the panels out, once for all of them
    made.set_layout_engine("none")
    files = {}
    for kind in kinds:
        out = io.BytesIO()
        if kind == "pdf":
            FigureCanvasPdf(made).print_pdf(out, metadata={"CreationDate": None})
        elif kind == "svg":
            FigureCanvasSVG(made).print_svg(out, metadata={"Date": None})
        else:
            made.dpi = DOTS
            FigureCanvasAgg(made).print_png(out, metadata={"Software": None})
        files[kind] = out.getvalue()
    return files
