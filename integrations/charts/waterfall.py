"""Draws traces: a bar a span, its name within or beside it, what was waited for in full colour."""

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.charts.waterfall import Bar, Waterfall
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.numbers import axis, plain
from integrations.charts.canvas import BAD, COLOURS, FAINT, INK, LINE, Format, figure, saved, style

WIDTH = 720
_ROW = 44
_LETTERS, _TITLE, _SMALL = 14.0, 17.0, 13.5
_NAME = 38
"""Characters beside a bar."""


def draw(waterfall: Waterfall, form: Format) -> bytes:
    """The file. The same waterfall gives the same bytes."""
    foot = 78 if waterfall.left_out else 50
    height = 66 + _ROW * max(1, len(waterfall.bars)) + foot
    factor, unit = axis(Quantity(Unit.SECONDS), waterfall.total)
    services = list(dict.fromkeys(bar.service for bar in waterfall.bars))
    with style():
        sheet = figure(WIDTH, height)
        sheet.text(24 / WIDTH, 1 - 20 / height, waterfall.title[:46], fontsize=_TITLE, weight="bold", va="top")
        axes = sheet.add_axes((24 / WIDTH, foot / height, (WIDTH - 48) / WIDTH, 1 - (66 + foot) / height))
        total = waterfall.total or 1.0
        axes.set(xlim=(0, total), ylim=(max(1, len(waterfall.bars)), 0))
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{plain(float(f'{at * factor:.4g}'))} {unit}"))
        axes.tick_params(labelsize=_SMALL, length=0, pad=8)
        axes.grid(visible=True, axis="x", color=LINE, linewidth=1, zorder=0)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        if not waterfall.bars:
            axes.text(0.5, 0.5, "no spans", transform=axes.transAxes, ha="center", fontsize=_TITLE, color=FAINT)
        for row, bar in enumerate(waterfall.bars):
            _bar(axes, bar, row, COLOURS[services.index(bar.service) % len(COLOURS)], total)
        if waterfall.left_out:
            words = f"{waterfall.left_out} shorter spans are left out"
            sheet.text(24 / WIDTH, 14 / height, words, fontsize=_SMALL, color=FAINT)
        return saved(sheet, form)


def _bar(axes: Axes, bar: Bar, row: int, colour: str, total: float) -> None:
    least = total * 0.004
    axes.add_patch(
        Rectangle(
            (bar.start, row + 0.56), max(bar.seconds, least), 0.34, color=colour, alpha=0.3, linewidth=0, zorder=2
        )
    )
    for start, end in bar.waited:
        axes.add_patch(
            Rectangle((start, row + 0.56), max(end - start, least), 0.34, color=colour, linewidth=0, zorder=3)
        )
    name = f"{bar.service}  {bar.name}" if bar.service else bar.name
    name = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    words = f"{'✗ ' if bar.failed else ''}{name}  {bar.duration}"
    late = bar.start > total * 0.45
    at = min(bar.start + bar.seconds, total) if late else bar.start
    axes.text(
        at, row + 0.5, words, fontsize=_LETTERS, ha="right" if late else "left", va="bottom",
        color=BAD if bar.failed else INK, zorder=4,
    )  # fmt: skip
