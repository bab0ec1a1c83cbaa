"""Wording of what calls of language models cost, took and how they failed: sums and means over a window, and single calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from core.conversation.metric_cards import stale
from core.conversation.tables import aligned
from core.markup import literal
from core.messages import Block, Code, Note, Text
from core.ports.usage import ModelCall, ModelCalls
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.numbers import change, plain, told
from core.telemetry.usage import Counted
from core.workflow.durations import written

_ROWS = 15
_CALLS = 10
_SAID = 60
"""Characters of an error in a table."""
_DOLLARS, _SECONDS = Quantity(Unit.DOLLARS), Quantity(Unit.SECONDS)


def totals(counted: Counted) -> list[Block]:
    """What came together, and in the window before; apart in a table."""
    found = counted.found
    if not found.lines:
        return _nothing(counted)
    length = written(found.look.length.total_seconds())
    if len(found.lines) == 1 and not found.names[0]:
        return [Text(_headline(counted, length))]
    whole = counted.whole
    head = ("", "total" if counted.adds else "mean", *(("share",) if whole else ()), f"{length} before")
    rows: list[tuple[str, ...]] = [head]
    for line, name in list(zip(found.lines, found.names, strict=True))[:_ROWS]:
        now = "–" if line.now is None else told(line.now, found.quantity)
        before = "–" if line.before is None else told(line.before, found.quantity)
        moved = change(line.now, line.before) if line.now is not None and line.before is not None else ""
        before += f" ({moved})" if moved else ""
        share = (f"{100 * (line.now or 0.0) / whole:.0f} %",) if whole else ()
        rows.append((name or ", ".join(line.labels.values()) or "all", now, *share, before))
    blocks: list[Block] = [Text(f"**{told(whole, found.quantity)}** in all")] if whole is not None else []
    blocks.append(Code(aligned(rows)))
    if len(found.lines) > _ROWS:
        blocks.append(
            Note(f"**Not all is shown**: {len(found.lines) - _ROWS} more of {len(found.lines)} are left out.")
        )
    return blocks


def notes(counted: Counted, zone: tzinfo) -> list[Block]:
    """What is to be known about where the numbers come from."""
    whole = counted.found.whole
    blocks: list[Block] = [Note(literal(warning)) for warning in whole.warnings]
    if whole.known_since:
        blocks.append(stale(whole.known_since, counted.found.end, zone))
    return blocks


def gist(counted: Counted) -> str:
    """For notifications."""
    if not counted.found.lines:
        return "no calls match"
    whole = counted.whole
    return told(whole, counted.found.quantity) if whole is not None else ""


def calls(found: ModelCalls, now: datetime, zone: tzinfo) -> list[Block]:
    """The first of them in a table. What was asked and answered in them is never shown."""
    if not found.calls:
        return [Text("The question is fine, and **no call matches it** in this time.")]
    count = len(found.calls)
    number = f"**{'More than ' if found.truncated else ''}{count} {'call' if count == 1 else 'calls'}**"
    blocks: list[Block] = [Text(number), Code(_table(found.calls[:_CALLS], now, zone))]
    if count > _CALLS:
        blocks.append(Note(f"**Not all is shown**: the first {_CALLS} of them."))
    if errors := _errors(found.calls):
        blocks.append(Text("\n".join(f"- {times} × {literal(error)}" for error, times in errors)))
    if found.known_since:
        blocks.append(stale(found.known_since, now, zone))
    return blocks


def call_gist(found: ModelCalls) -> str:
    """For notifications."""
    count = len(found.calls)
    return f"{count} {'call' if count == 1 else 'calls'}" if count else "no call matches"


def _nothing(counted: Counted) -> list[Block]:
    blocks: list[Block] = [Text("The question is fine, and there were **no such calls** in this time.")]
    if counted.others:
        listed = ", ".join(f"`{literal(name)}`" for name in counted.others[:_ROWS])
        blocks.append(Text(f"There were calls of {listed}."))
    return blocks


def _headline(counted: Counted, length: str) -> str:
    line, of = counted.found.lines[0], counted.found.quantity
    if line.now is None:
        return "**No value** in this time."
    parts = [f"**{told(line.now, of)}**"]
    if line.before is not None:
        moved = change(line.now, line.before)
        parts.append(f"{told(line.before, of)} {length} before" + (f" ({moved})" if moved else ""))
    if counted.adds:
        step = written(counted.found.step.total_seconds())
        parts.append(f"at most {told(max(line.finite, default=0.0), of)} in {step}")
    return " · ".join(parts)


def _table(found: Sequence[ModelCall], now: datetime, zone: tzinfo) -> str:
    """Narrow enough for a phone: the zone stands above, and whether one failed only where any did."""
    failed = any(one.failed for one in found)
    rows: list[tuple[str, ...]] = [("", "at", "model", "took", "tokens", "cost", *([""] if failed else []))]
    for number, one in enumerate(found, 1):
        local = one.at.astimezone(zone)
        other_day = local.date() != now.astimezone(zone).date()
        tokens = None
        if one.prompt_tokens is not None or one.completion_tokens is not None:
            tokens = (one.prompt_tokens or 0) + (one.completion_tokens or 0)
        rows.append(
            (
                str(number),
                f"{local:%m-%d %H:%M}" if other_day else f"{local:%H:%M}",
                one.model,
                "–" if one.duration is None else told(one.duration, _SECONDS),
                "–" if tokens is None else plain(tokens),
                "–" if one.cost is None else told(one.cost, _DOLLARS),
                *(["failed" if one.failed else ""] if failed else []),
            )
        )
    return aligned(rows)


def _errors(found: Sequence[ModelCall]) -> list[tuple[str, int]]:
    """What failures say, the most frequent first."""
    said: dict[str, int] = {}
    for one in found:
        if one.error:
            said[one.error[:_SAID]] = said.get(one.error[:_SAID], 0) + 1
    return sorted(said.items(), key=lambda pair: -pair[1])[:3]


def traces(found: ModelCalls) -> Mapping[str, str]:
    """What can be looked at whole: what the button says → id."""
    wanted: dict[str, str] = {}
    for number, one in enumerate(found.calls[:3], 1):
        if one.trace and one.trace not in wanted.values():
            wanted[f"Call {number}"] = one.trace
    return wanted
