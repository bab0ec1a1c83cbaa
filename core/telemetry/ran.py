"""What a query ran over and what came back, in one line that can be compared years later."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.ports.telemetry import LogLine, Measured, Trace, TraceSummary
from core.ports.usage import ModelCall


@dataclass(frozen=True, slots=True)
class Ran:
    """One query that ran."""

    source: str
    """Who answered: metrics, logs, traces, usage, records."""
    start: datetime
    end: datetime
    rows: int
    """Series, lines, traces or rows."""
    digest: str
    """SHA-256 of them, in hexadecimal digits; of rows in any order the same."""


def of_series(source: str, start: datetime, end: datetime, found: Measured) -> Ran:
    """By labels and points."""
    rows = [[sorted(one.labels.items()), [[at, repr(value)] for at, value in one.points]] for one in found.series]
    return Ran(source, start, end, len(rows), digest(rows))


def of_lines(start: datetime, end: datetime, lines: Sequence[LogLine]) -> Ran:
    """By time, labels and text; those behind `end` were not there yet."""
    last = end.timestamp() * 1e9
    rows = [[line.at, sorted(line.labels.items()), line.text] for line in lines if line.at < last]
    return Ran("logs", start, end, len(rows), digest(rows))


def of_traces(start: datetime, end: datetime, traces: Sequence[TraceSummary]) -> Ran:
    """By id, root and length; a trace that still grew is another one."""
    rows = [[one.id, one.service, one.name, one.start, one.duration] for one in traces if one.start < end.timestamp()]
    return Ran("traces", start, end, len(rows), digest(rows))


def of_calls(start: datetime, end: datetime, calls: Sequence[ModelCall]) -> Ran:
    """Of language models, by what is known of each."""
    rows = [[one.at.isoformat(), one.trace, one.span, one.model, repr(one.cost), repr(one.duration)] for one in calls]
    return Ran("usage", start, end, len(rows), digest(rows))


def of_trace(at: datetime, trace: Trace) -> Ran:
    """One trace with all its spans."""
    rows = [asdict(span) for span in trace.spans]
    return Ran("traces", at, at, 1, digest(rows))


def of_rows(at: datetime, rows: Sequence[Sequence[object]]) -> Ran:
    """Of the bot's own records, read at this moment."""
    return Ran("records", at, at, len(rows), digest([[str(cell) for cell in row] for row in rows]))


def digest(rows: Sequence[Any]) -> str:
    """Of JSON-compatible rows, whatever their order."""
    written = sorted(json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True) for row in rows)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()
