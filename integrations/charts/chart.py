"""Draws charts: large letters, since most are looked at on a phone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.charts.chart import Chart, Line
from core.telemetry.numbers import plain
from integrations.charts.canvas import COLOURS, FAINT, INK, LINE, Format, figure, saved, style

WIDTH, HEIGHT = 720, 460
_ROW = 34
"""Pixels of a line of the legend."""
_TITLE, _LETTERS, _SMALL = 17.0, 15.0, 14.5
"""Points: at the width of a phone they are as large as the text around."""
_TITLE_WIDTH = 46
_DASHES = ((), (6, 2), (2, 2), (8, 2, 2, 2))


def draw(chart: Chart, form: Format) -> bytes:
    """The file. The same chart gives the same bytes."""
    rows = _rows(chart)
    legend = len(rows) * _ROW + (12 if rows else 0)
    height = HEIGHT + legend
    with style():
        sheet = figure(WIDTH, height)
        top, bottom = 88 if chart.title else 40, 76 + legend
        axes = sheet.add_axes((96 / WIDTH, bottom / height, (WIDTH - 124) / WIDTH, (height - top - bottom) / height))
        if chart.title:
            title = chart.title if len(chart.title) <= _TITLE_WIDTH else f"{chart.title[: _TITLE_WIDTH - 1]}…"
            sheet.text(24 / WIDTH, 1 - 20 / height, title, fontsize=_TITLE, weight="bold", va="top")
        _axes(axes, chart)
        if any(value is not None for line in chart.lines for _, value in line.points):
            _lines(axes, chart)
        else:
            axes.set_yticks([])
            axes.text(
                0.5, 0.5, "no data in this time", transform=axes.transAxes, ha="center", fontsize=_TITLE, color=FAINT
            )
        for number, (colour, dashes, name, last) in enumerate(rows):
            y = (legend - 8 - _ROW * (number + 0.5)) / height
            if colour:
                mark = axes.figure.add_artist(_stroke(colour, dashes, y))
                mark.set_clip_on(False)
            sheet.text(84 / WIDTH, y, name, fontsize=_LETTERS, va="center")
            sheet.text(1 - 28 / WIDTH, y, last, fontsize=_LETTERS, va="center", ha="right", weight="bold")
        return saved(sheet, form)


def _stroke(colour: str, dashes: tuple[int, ...], y: float) -> Line2D:
    stroke = Line2D([28 / WIDTH, 70 / WIDTH], [y, y], color=colour, linewidth=3)
    if dashes:
        stroke.set_dashes(dashes)
    return stroke


def _rows(chart: Chart) -> list[tuple[str, tuple[int, ...], str, str]]:
    """(colour, dashes, name, last value) of the legend; one line without a name needs none."""
    if len(chart.lines) == 1 and not chart.others and not chart.lines[0].name:
        return []
    rows = [(*_look(number, line), line.name or "now", line.last) for number, line in enumerate(chart.lines)]
    if chart.others:
        rows.append((LINE, (), f"{chart.others} others, between their least and greatest", ""))
    return rows


def _look(number: int, line: Line) -> tuple[str, tuple[int, ...]]:
    colour = COLOURS[number % len(COLOURS)]
    return (FAINT, (5, 3)) if line.dashed else (colour, _DASHES[(number // 3) % len(_DASHES)])


def _axes(axes: Axes, chart: Chart) -> None:
    zone = _zone(chart.zone)
    axes.set_xlim(_time(chart.start), _time(max(chart.end, chart.start + 1)))
    locator = AutoDateLocator(tz=zone, minticks=3, maxticks=5)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone, show_offset=False))  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(float(f"{value:.6g}"))))
    axes.tick_params(labelsize=_SMALL, length=0, pad=8)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=1)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.text(
        1, -0.15, _dates(chart, zone), transform=axes.transAxes, ha="right", va="top", fontsize=_SMALL, color=FAINT
    )
    if chart.unit and chart.lines:
        axes.text(-0.016, 1.045, chart.unit, transform=axes.transAxes, ha="right", fontsize=_SMALL, color=FAINT)


def _lines(axes: Axes, chart: Chart) -> None:
    if chart.band:
        ats, lows, highs = zip(*chart.band, strict=True)
        axes.fill_between([_time(at) for at in ats], lows, highs, color=LINE, alpha=0.7, linewidth=0, zorder=1)
    least = 0.0
    for number, line in reversed(list(enumerate(chart.lines))):
        colour, dashes = _look(number, line)
        times = [_time(at) for at, _ in line.points]
        values = [np.nan if value is None else value for _, value in line.points]
        (drawn,) = axes.plot(times, values, color=colour, linewidth=2.6, zorder=3, solid_capstyle="round")
        if dashes:
            drawn.set_dashes(dashes)
        alone = _alone(values)
        axes.plot([times[n] for n in alone], [values[n] for n in alone], "o", color=colour, markersize=8, zorder=4)
        least = min([least, *(value for value in values if not np.isnan(value))])
    for mark in chart.marks:
        axes.axvline(_time(mark.at), color=INK, linewidth=1.2, linestyle=(0, (3, 3)), zorder=2)
        late = mark.at > (chart.start + chart.end) / 2
        axes.text(
            _time(mark.at), 0.99, f" {mark.label} ", transform=axes.get_xaxis_transform(),
            ha="right" if late else "left", va="top", fontsize=_LETTERS, color=INK, zorder=5,
        )  # fmt: skip
    low, high = axes.get_ylim()
    span = high - low or 1.0
    # From zero, so that a small change does not look like a large one.
    axes.set_ylim(0 if least >= 0 else low, high + (0.12 * span if chart.marks else 0.04 * span))
    if len(chart.lines) == 1 and len(chart.lines[0].points) == 1:
        at, value = chart.lines[0].points[0]
        axes.annotate(
            chart.lines[0].last, (_time(at), value or 0.0), xytext=(0, 14), textcoords="offset points",
            ha="right" if at > (chart.start + chart.end) / 2 else "left", fontsize=_LETTERS, weight="bold",
        )  # fmt: skip


def _dates(chart: Chart, zone: ZoneInfo) -> str:
    first, last = (datetime.fromtimestamp(at, UTC).astimezone(zone) for at in (chart.start, chart.end))
    days = f"{last:%Y-%m-%d}" if first.date() == last.date() else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{days}, {last.tzname() or 'UTC'}"


def _alone(values: list[float]) -> list[int]:
    """Places of values with nothing on either side, which a line does not show."""
    there = [False, *(not np.isnan(value) for value in values), False]
    return [n for n in range(len(values)) if there[n + 1] and not there[n] and not there[n + 2]]


def _time(at: float) -> float:
    """Days since the epoch, as matplotlib counts."""
    return at / 86_400


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
