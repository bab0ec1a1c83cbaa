"""Wording of answers that are numbers over time. Every number in them stands in what the backend gave, but for relative changes, which
are worked out from two that are shown."""

from datetime import UTC, datetime, timedelta, tzinfo

from core.conversation.tables import aligned
from core.markup import literal
from core.messages import Block, Code, Note, Text
from core.telemetry.measuring import Found, Line
from core.telemetry.numbers import change, told
from core.times import ago
from core.workflow.durations import written

_ROWS = 15
"""Series that stand in a message."""


def measured(found: Found, zone: tzinfo) -> list[Block]:
    """The value now, what it was one window earlier, and between what it moved; of several series a table."""
    if not found.lines:
        return [Text(f"The query is fine, and **nothing matches it** {_when(found, zone)}.")]
    if len(found.lines) == 1:
        blocks: list[Block] = [Text(_headline(found, found.lines[0], found.names[0], zone))]
    else:
        blocks = [Code(_table(found))]
    left_out = found.whole.left_out + max(0, len(found.lines) - _ROWS)
    if left_out:
        every = len(found.lines) + found.whole.left_out
        blocks.append(Note(f"**Not all is shown**: {left_out} more of {every} series are left out."))
    return blocks


def gist(found: Found) -> str:
    """The value of an only series, for notifications; "" where a table says it."""
    if not found.lines:
        return "nothing matches"
    now = found.lines[0].now
    return told(now, found.quantity) if len(found.lines) == 1 and now is not None else ""


def notes(found: Found, zone: tzinfo) -> list[Block]:
    """What is to be known about where the numbers come from."""
    blocks: list[Block] = [Note(f"The backend says: {literal(warning)}") for warning in found.whole.warnings]
    if found.whole.known_since:
        blocks.append(stale(found.whole.known_since, found.end, zone))
    return blocks


def stale(since: datetime, now: datetime, zone: tzinfo) -> Note:
    """An answer that was kept, because whoever gives it does not answer."""
    age = ago(max(0.0, (now - since).total_seconds()))
    return Note(f"**This is {age} old**, of {clock(since, zone, now)}: the backend does not answer now.")


def span(found: Found, zone: tzinfo) -> str:
    """ "last 1h, to 13:40 CET": the stretch of time that is shown."""
    return stretch(found.end - found.start, found.look.end, found.end, zone)


def stretch(length: timedelta, end: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The same of any answer; `end`: None where it goes on with the time."""
    shown = written(length.total_seconds())
    return f"{shown}, to {clock(end, zone, now)}" if end else f"last {shown}, to {clock(now, zone, now)}"


def clock(at: datetime, zone: tzinfo, now: datetime) -> str:
    """The time of day in a zone; with the date where it is another day."""
    local = at.astimezone(zone)
    day = "" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%d} "
    return f"{day}{local:%H:%M} {local.tzname() or 'UTC'}"


def _when(found: Found, zone: tzinfo) -> str:
    start, end = (clock(at, zone, found.end) for at in (found.start, found.end))
    return f"from {start} to {end}"


def _headline(found: Found, line: Line, name: str, zone: tzinfo) -> str:
    of = found.quantity
    label = f" ({literal(name)})" if name else ""
    if line.now is None:
        at, value = line.points[-1]
        when = clock(datetime.fromtimestamp(at, UTC), zone, found.end)
        return f"**No value now**{label}; the last was {told(value, of)} at {when}."
    parts = [f"**{told(line.now, of)}**{label}"]
    length = written((found.end - found.start).total_seconds())
    if line.before is not None:
        moved = change(line.now, line.before)
        parts.append(f"{told(line.before, of)} {length} before" + (f" ({moved})" if moved else ""))
    if finite := line.finite:
        low, high = told(min(finite), of), told(max(finite), of)
        parts.append(f"always {low}" if low == high else f"between {low} and {high} since")
    return " · ".join(parts)


def _table(found: Found) -> str:
    of = found.quantity
    length = written((found.end - found.start).total_seconds())
    rows = [("", "now", f"{length} before", "least", "most")]
    for line, name in list(zip(found.lines, found.names, strict=True))[:_ROWS]:
        finite = line.finite
        rows.append(
            (
                name or "value",
                "–" if line.now is None else told(line.now, of),
                "–" if line.before is None else told(line.before, of),
                told(min(finite), of) if finite else "–",
                told(max(finite), of) if finite else "–",
            )
        )
    return aligned(rows)
