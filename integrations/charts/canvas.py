"""What all drawings share: paper, ink, letters, and a file that is the same whenever the drawing is."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Format = Literal["png", "svg"]
DPI = 100
INK, FAINT, LINE, PAPER = "#1d1f24", "#5f6673", "#d5d9e0", "#ffffff"
"""Chats are light or dark: a drawing brings its own paper, and is the same on both."""
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b4fa3", "#8c6d31", "#444444", "#b22222",
)  # fmt: skip
"""Okabe and Ito's, which people with any colour vision tell apart, and some of their like."""
BAD = "#c2185b"


@contextmanager
def style() -> Iterator[None]:
    """While the block runs: text stays text in an SVG, ids do not depend on chance, a dollar sign begins no formula."""
    with (
        warnings.catch_warnings(),
        mpl.rc_context(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "copilot",
                "font.family": ["DejaVu Sans"],
                "text.parse_math": False,
                "text.color": INK,
                "axes.edgecolor": LINE,
                "xtick.color": FAINT,
                "ytick.color": FAINT,
            }
        ),
    ):
        # Names may be in any script: a letter that the font lacks is a box, and no reason to complain.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def figure(width: float, height: float) -> Figure:
    """An empty sheet of so many pixels."""
    made = Figure(figsize=(width / DPI, height / DPI), facecolor=PAPER)
    FigureCanvasAgg(made)
    return made


def saved(made: Figure, form: Format, *, scale: float = 1.0) -> bytes:
    """The file; no time and no program is named in it."""
    file = io.BytesIO()
    unnamed = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
    made.savefig(file, format=form, dpi=DPI * scale, metadata=unnamed)
    return file.getvalue()
