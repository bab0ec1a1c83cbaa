"""Wording of answers that are log lines: what they have in common first, then the latest of them, the whole as a page to look through."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from core.conversation.log_page import page
from core.conversation.metric_cards import stale
from core.conversation.tables import aligned
from core.messages import Block, Code, File, Note, Text
from core.ports.telemetry import Lines, LogLine
from core.telemetry.log_patterns import Pattern, patterns, said

_PATTERNS = 8
_SAMPLES = 5
_WIDTH = 90
"""Characters of a pattern that are shown."""
_LINE = 300
"""Characters of a sample."""
PAGE = "lines.html"


def lines(found: Lines, title: str, now: datetime, zone: tzinfo) -> list[Block]:
    """How many lines there are, their patterns, the newest of them, and all in a file. `title`: of the file."""
    if not found.lines:
        return [Text("The query is fine, and **no line matches it** in this time.")]
    grouped = patterns(found.lines)
    count = len(found.lines)
    kinds = f"of {len(grouped)} kinds" if len(grouped) > 1 else "all of one kind"
    more = "The latest " if found.truncated else ""
    blocks: list[Block] = [
        Text(f"**{more}{count} {'line' if count == 1 else 'lines'}**" + (f", {kinds}" if count > 1 else ""))
    ]
    if count > 1:
        blocks.append(Code(_table(grouped, now, zone)))
    if len(grouped) > _PATTERNS:
        rest = sum(one.count for one in grouped[_PATTERNS:])
        blocks.append(Note(f"**Not all is shown**: {len(grouped) - _PATTERNS} more kinds, {rest} lines."))
    blocks.append(Code("\n".join(_sample(line, zone) for line in found.lines[:_SAMPLES])))
    if found.truncated:
        blocks.append(Note(f"**There are more lines** than the {count} that were read; a shorter time shows them."))
    if found.known_since:
        blocks.append(stale(found.known_since, now, zone))
    blocks.append(File(PAGE, page(found.lines, title, zone).encode(), "text/html", "All lines, with a filter"))
    return blocks


def by_text(query: str) -> list[Block]:
    """What is said above lines that another query found, because the one that was asked for found none."""
    return [
        Text(
            "**No line has such a level in its fields**, as the query beneath asks. These have the word in their text:"
        ),
        Code(query, "logql"),
    ]


def _table(grouped: Sequence[Pattern], now: datetime, zone: tzinfo) -> str:
    rows = [("", "first", "last", "")]
    for one in grouped[:_PATTERNS]:
        level = f"{one.level.upper()} " if one.level else ""
        rows.append((f"{one.count}×", _time(one.first, now, zone), _time(one.last, now, zone), level + one.text))
    return aligned(rows, _WIDTH)


def _time(nanoseconds: int, now: datetime, zone: tzinfo) -> str:
    local = _moment(nanoseconds).astimezone(zone)
    return f"{local:%H:%M:%S}" if local.date() == now.astimezone(zone).date() else f"{local:%m-%d %H:%M}"


def _sample(line: LogLine, zone: tzinfo) -> str:
    """What a structured line says; the file has all of it."""
    message, level = said(line)
    text = " ".join((level.upper(), message)) if message != line.text and level else message
    text = " ".join(text.split())
    shown = text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"
    return f"{_moment(line.at).astimezone(zone):%H:%M:%S.%f}"[:12] + f" {shown}"


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
