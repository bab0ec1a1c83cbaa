"""Wording of answers that are traces: the slowest ones in a table, then one of them whole: where its time went, and what failed in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from core.charts.critical import critical_path, shares
from core.charts.tree import tree
from core.conversation.metric_cards import clock, stale
from core.conversation.tables import aligned
from core.markup import literal
from core.messages import Block, Code, Note, Text
from core.ports.telemetry import Span, Trace, TraceSummary
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.numbers import told
from core.telemetry.slowest import Slowest

_ROWS = 8
_STRETCHES = 4
"""Spans that the critical path is told by."""
_LEAST_SHARE = 0.02
"""Of the whole time; what took less is not told."""
_FAILURES = 3
_WIDTH = 48
_SAID = 160
"""Characters of what a failure says."""
_SECONDS = Quantity(Unit.SECONDS)


def traces(found: Slowest, now: datetime, zone: tzinfo) -> list[Block]:
    """How many there are, and the slowest of them."""
    if not found.traces:
        return [Text("The query is fine, and **no trace matches it** in this time.")]
    count = len(found.traces)
    number = f"**{'At least ' if found.many else ''}{count} {'trace' if count == 1 else 'traces'}**"
    took = told(found.traces[0].duration, _SECONDS)
    blocks: list[Block] = [Text(f"{number} · the slowest took {took}" if count > 1 else number)]
    if count > 1:
        blocks.append(Code(_table(found.traces, now, zone)))
    if count > _ROWS:
        blocks.append(Note(f"**Not all is shown**: the {_ROWS} slowest of them."))
    if not found.certain:
        blocks.append(Note("The search stopped early: **there may be slower ones**. A shorter time shows them."))
    if found.known_since:
        blocks.append(stale(found.known_since, now, zone))
    return blocks


def gist(found: Slowest) -> str:
    """For notifications."""
    if not found.traces:
        return "no trace matches"
    took = told(found.traces[0].duration, _SECONDS)
    return f"{len(found.traces)} traces, the slowest took {took}" if len(found.traces) > 1 else f"one trace of {took}"


def title(trace: Trace) -> str:
    """Of its picture: what began it."""
    root = tree(trace).roots[0]
    return f"{root.service} · {root.name}"


def whole(trace: Trace, now: datetime, zone: tzinfo) -> list[Block]:
    """One trace in words."""
    path = critical_path(trace)
    total = path[-1].end - path[0].start
    begin = min(span.start for span in trace.spans)
    count = len(trace.spans)
    services = len({span.service for span in trace.spans})
    spans = f"{count} {'span' if count == 1 else 'spans'}"
    within = f"in {services} services" if services > 1 else f"in {literal(trace.spans[0].service)}"
    blocks: list[Block] = [
        Text(f"**{literal(title(trace))}** · {told(total, _SECONDS)} · {spans} {within} · {_moment(begin, now, zone)}")
    ]
    if total > 0:
        blocks.append(Text(_where_time_went(trace, total)))
    if failed := failures(trace):
        blocks.append(Text("\n".join(failed)))
    blocks.append(Note(f"Trace {literal(trace.id)}"))
    if trace.known_since:
        blocks.append(stale(trace.known_since, now, zone))
    return blocks


def unknown(id_: str, where: str) -> list[Block]:
    """No trace of this id. `where`: it was looked for."""
    return [
        Text(f"{where} has **no trace {literal(id_)}**."),
        Text("It may be too old, not sampled, or not have arrived yet; ids have 32 hexadecimal digits."),
    ]


def _where_time_went(trace: Trace, total: float) -> str:
    """The critical path: what had to be waited for, one thing after the other."""
    parts = [(span, seconds) for span, seconds in shares(critical_path(trace)) if seconds >= _LEAST_SHARE * total]
    shown = parts[:_STRETCHES] or list(shares(critical_path(trace))[:1])
    words = [f"{told(seconds, _SECONDS)} ({seconds / total:.0%}) in {_named(span)}" for span, seconds in shown]
    rest = total - sum(seconds for _, seconds in shown)
    if rest > _LEAST_SHARE * total:
        words.append(f"{told(rest, _SECONDS)} in the rest")
    return f"**Where the time went:** {', '.join(words)}."


def failures(trace: Trace) -> list[str]:
    """A line for each failed span without a failed one beneath it: there it began."""
    found = tree(trace)
    failed = [
        span
        for span, _ in found.walk()
        if span.failed and not any(child.failed for child in found.children.get(span.id, ()))
    ]
    lines = [f"**Failed** in {_named(span)}{_reason(span)}" for span in failed[:_FAILURES]]
    if len(failed) > _FAILURES:
        lines.append(f"… and in {len(failed) - _FAILURES} more spans.")
    return lines


def _reason(span: Span) -> str:
    """What it says of itself."""
    attributes = span.attributes
    kind = attributes.get("exception.type", "")
    message = attributes.get("exception.message") or attributes.get("status.message") or ""
    status = attributes.get("http.status_code") or attributes.get("http.response.status_code") or ""
    said = ": ".join(part for part in (kind, message) if part) or (f"HTTP status {status}" if status else "")
    text = " ".join(said.split())
    return f": {literal(text if len(text) <= _SAID else f'{text[: _SAID - 1]}…')}" if text else "."


def _named(span: Span) -> str:
    return literal(f"{span.service} · {span.name}" if span.service else span.name)


def _table(ordered: Sequence[TraceSummary], now: datetime, zone: tzinfo) -> str:
    rows = [("", "took", "at", "began with")]
    for number, one in enumerate(ordered[:_ROWS], 1):
        at = _moment(one.start, now, zone)
        rows.append((str(number), told(one.duration, _SECONDS), at, f"{one.service} · {one.name}"))
    return aligned(rows, _WIDTH)


def _moment(seconds: float, now: datetime, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.date() == now.astimezone(zone).date() else clock(at, zone, now)
