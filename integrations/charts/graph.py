"""The picture of a workflow or a run, drawn: boxes in the colour of their state, gates with points and a lock, frames for blocks."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Arc, FancyBboxPatch, Patch, Polygon, Rectangle

from core.workflow.layout import HEAD, LINE, Box, Frame, Picture
from integrations.charts.canvas import Format, figure, saved, style

_MOST = 8000
"""Pixels along a side; what is larger is drawn smaller."""
_SCALE = 1.5
"""Of a picture that is small enough, so that it stays sharp when it is looked at closely."""
_INK, _FAINT, _PAPER = "#1d1f24", "#8a8f98", "#ffffff"
_COLOURS: Mapping[str, tuple[str, str, str]] = {
    "": ("#eef2f8", "#6b7a90", ""),
    "pending": ("#f4f5f7", "#b3b9c4", ""),
    "running": ("#dbeafe", "#2563eb", "▶ "),
    "waiting": ("#fef3c7", "#d97706", "‖ "),
    "done": ("#dcfce7", "#16a34a", "✓ "),
    "failed": ("#fee2e2", "#dc2626", "✗ "),
    "skipped": ("#ffffff", "#c9ced6", "– "),
    "cancelled": ("#e5e7eb", "#6b7280", "■ "),
    "undone": ("#ede9fe", "#7c3aed", "↶ "),
}
"""Fill, edge, and the sign that says the same to who cannot tell the colours apart."""


def draw(picture: Picture, form: Format) -> bytes:
    """The file. The same picture gives the same bytes."""
    scale = min(_SCALE, _MOST / max(picture.width, picture.height))
    with style():
        sheet = figure(picture.width, picture.height)
        axes = sheet.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, picture.width), ylim=(picture.height, 0))
        axes.set_axis_off()
        for depth, frame in enumerate(picture.frames):
            _frame(axes, frame, depth)
        for arrow in picture.arrows:
            _arrow(axes, arrow)
        for box in picture.boxes:
            _box(axes, box)
        _text(axes, picture.width / 2, HEAD / 2 + 4, picture.title, size=9.5, weight="bold")
        return saved(sheet, form, scale=scale)


def _frame(axes: Axes, frame: Frame, number: int) -> None:
    _, edge, sign = _COLOURS[frame.state]
    shape = FancyBboxPatch(
        (frame.x, frame.y), frame.width, frame.height,
        boxstyle="round,pad=0,rounding_size=8", facecolor="#00000008", edgecolor=edge, linestyle="--", zorder=number / 1000,
    )  # fmt: skip
    axes.add_patch(shape)
    _text(axes, frame.x + 10, frame.y + HEAD / 2, sign + frame.title, size=7.5, colour="#4b5563", align="left")


def _arrow(axes: Axes, points: tuple[tuple[float, float], ...]) -> None:
    xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, color=_FAINT, linewidth=1, zorder=2, solid_joinstyle="round")
    head = {"arrowstyle": "-|>", "color": _FAINT, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=head, zorder=2)


def _box(axes: Axes, box: Box) -> None:
    fill, edge, sign = _COLOURS[box.state]
    shape = _shape(box)
    shape.set(facecolor=fill, edgecolor=edge, linewidth=1.2, zorder=3)
    axes.add_patch(shape)
    middle, lines = box.x + box.width / 2, len(box.lines) + bool(box.detail)
    y = box.y + box.height / 2 - LINE * (lines - 1) / 2
    for number, line in enumerate(box.lines):
        colour = _FAINT if box.state == "skipped" else _INK
        _text(axes, middle, y + number * LINE, (sign if number == 0 else "") + line, size=8, colour=colour)
    if box.detail:
        _text(axes, middle, y + (lines - 1) * LINE, box.detail, size=6.5, colour="#4b5563")
    if box.type == "approval":
        _lock(axes, box.x + 17, box.y + box.height / 2, edge)


def _shape(box: Box) -> Patch:
    if box.type in ("approval", "condition"):
        left, right, top, bottom, middle, point = (
            box.x, box.x + box.width, box.y, box.y + box.height, box.y + box.height / 2, 14.0,
        )  # fmt: skip
        corners = [(left, middle), (left + point, top), (right - point, top),
                   (right, middle), (right - point, bottom), (left + point, bottom)]  # fmt: skip
        return Polygon(corners, closed=True)
    rounding = box.height / 2 if box.type == "wait" else 5.0
    style = f"round,pad=0,rounding_size={rounding}"
    return FancyBboxPatch((box.x, box.y), box.width, box.height, boxstyle=style)


def _lock(axes: Axes, x: float, y: float, colour: str) -> None:
    axes.add_patch(Rectangle((x - 4, y - 1), 8, 6.5, facecolor=colour, edgecolor=colour, zorder=4))
    axes.add_patch(Arc((x, y - 1), 5.5, 8, theta1=180, theta2=360, edgecolor=colour, linewidth=1.2, zorder=4))


def _text(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    colour: str = _INK,
    weight: str = "normal",
    align: str = "center",
) -> None:
    # What people wrote is no formula, whatever signs are in it.
    axes.text(x, y, text, fontsize=size, color=colour, weight=weight, ha=align, va="center", zorder=5, parse_math=False)
