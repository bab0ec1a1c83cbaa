"""Wording of answers that a query gave. Every number in them stands in a row of the result."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.markup import literal
from core.messages import Actions, Block, Button, Code, Note, Reply, Text
from core.ports.records import Table
from core.ports.telemetry import Measured, Series
from core.query.translation import Language, QueryRefused, Translation

_NAMES = {
    Language.PROMQL: "PromQL",
    Language.LOGQL: "LogQL",
    Language.TRACEQL: "TraceQL",
    Language.SQL: "SQL",
}
_ROWS = 15
"""Of a result shown in a message."""
_WIDTH = 36
"""Characters of one cell."""


def answered(made: Translation, understood: str, result: Sequence[Block], edit: Button) -> Reply:
    """The result, and the query that gave it."""
    return Reply(
        (
            *result,
            Text(literal(made.explanation)),
            Code(made.query, made.language.value),
            Actions((edit,)),
            Note(f"Understood as: {literal(understood)} · {_NAMES[made.language]}"),
        ),
        made.explanation,
    )


def not_run(made: Translation, understood: str, edit: Button) -> Reply:
    """The query was made and checked, but nothing is connected that could run it."""
    name = _NAMES[made.language]
    where = {
        Language.PROMQL: "No metrics backend is connected (`prometheus.url`), so I did not run it",
        Language.LOGQL: "No log store is connected, so I did not run it",
        Language.TRACEQL: "No trace store is connected, so I did not run it",
    }.get(made.language, "I did not run it")
    return Reply(
        (
            Text(literal(made.explanation)),
            Code(made.query, made.language.value),
            Actions((edit,)),
            Note(f"{where}; it is valid {name}. Understood as: {literal(understood)}"),
        ),
        made.explanation,
    )


def refused(error: QueryRefused, query: str, language: Language, edit: Button | None) -> Reply:
    """A query that must not run, with the reason and the way out."""
    blocks: list[Block] = [Text(f"I did not run that: {literal(error.message)}")]
    if error.hint:
        blocks.append(Text(literal(error.hint)))
    if query:
        blocks.append(Code(query, language.value))
    if edit:
        blocks.append(Actions((edit,)))
    return Reply(tuple(blocks), error.message)


def measured(found: Measured, at: datetime) -> list[Block]:
    """Values by series, largest first; of lines their last, least and greatest value."""
    if not found.series:
        return [Text("The query is fine, and **nothing matches it** in this time.")]
    lines = found.series[0].points and len(max(found.series, key=lambda one: len(one.points)).points) > 1
    names = _naming(found.series)
    ordered = sorted(zip(names, found.series, strict=True), key=lambda pair: -_rank(pair[1]))
    if len(ordered) == 1 and not lines:
        value = ordered[0][1].points[-1][1]
        label = f" ({literal(ordered[0][0])})" if ordered[0][0] else ""
        blocks: list[Block] = [Text(f"**{number(value)}**{label} at {at.astimezone(UTC):%H:%M} UTC")]
    else:
        header = ("", "last", "least", "most") if lines else ("", "value")
        rows = [(name or "value", *_summary(series, lines=bool(lines))) for name, series in ordered[:_ROWS]]
        blocks = [Code(_aligned((header, *rows)))]
    left_out = found.left_out + max(0, len(ordered) - _ROWS)
    if left_out:
        blocks.append(
            Note(f"**Not all is shown**: {left_out} more of {len(ordered) + found.left_out} series are left out.")
        )
    blocks += [Note(f"The backend says: {literal(warning)}") for warning in found.warnings]
    return blocks


def table(found: Table) -> list[Block]:
    """The rows of a query over the bot's own records."""
    if not found.rows:
        return [Text("The query is fine, and **no row matches it**.")]
    rows = [tuple(_cell(value) for value in row) for row in found.rows[:_ROWS]]
    blocks: list[Block] = [Code(_aligned((found.columns, *rows)))]
    if found.truncated or len(found.rows) > _ROWS:
        more = "more" if found.truncated else str(len(found.rows))
        blocks.append(Note(f"**Not all is shown**: the first {len(rows)} rows of {more}."))
    return blocks


def number(value: float) -> str:
    """Four significant digits, without an exponent where people would not write one."""
    if math.isnan(value):
        return "no value"
    if math.isinf(value):
        return "+∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", " ")
    return f"{value:.4g}"


def _summary(series: Series, *, lines: bool) -> tuple[str, ...]:
    values = [value for _, value in series.points if not math.isnan(value)]
    if not values:
        return ("no value",) * (3 if lines else 1)
    return (number(values[-1]), number(min(values)), number(max(values))) if lines else (number(values[-1]),)


def _rank(series: Series) -> float:
    value = series.points[-1][1] if series.points else math.nan
    return -math.inf if math.isnan(value) else value


def _naming(series: Sequence[Series]) -> list[str]:
    """What tells the series apart: labels that all of them share are left out."""
    shared = set(series[0].labels.items())
    for one in series[1:]:
        shared &= set(one.labels.items())
    if len(series) == 1:
        shared = set()
    return [
        _joined({name: value for name, value in one.labels.items() if (name, value) not in shared}) for one in series
    ]


def _joined(labels: Mapping[str, str]) -> str:
    return ", ".join(value if len(labels) == 1 else f"{name}={value}" for name, value in sorted(labels.items()))


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return number(value)
    return str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    cut = [[cell if len(cell) <= _WIDTH else f"{cell[: _WIDTH - 1]}…" for cell in map(_flat, row)] for row in rows]
    widths = [max(len(row[column]) for row in cut) for column in range(len(cut[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut
    )


def _flat(cell: str) -> str:
    return " ".join(cell.split())
