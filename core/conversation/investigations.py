"""What stands out around an alert, the nearest to its beginning first: facts with where they come from, never as certainty."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from core.actors import Actor
from core.alerts.group import AlertGroup
from core.charts.critical import critical_path, shares
from core.conversation import trace_cards
from core.conversation.alert_cards import headline
from core.conversation.desk import Desk
from core.conversation.findings import Findings
from core.conversation.marks import NUMBERS, happened
from core.conversation.metric_cards import clock
from core.markup import literal
from core.messages import Block, Code, Note, Reply, Text
from core.nlp.entities.times.clocks import zone_of
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.ports.telemetry import Trace
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.query.translation import Language
from core.telemetry.investigation import LOGS, METRICS, TRACES, Expression, Investigation, Suspect
from core.telemetry.log_patterns import Pattern
from core.telemetry.numbers import told
from core.times import ago

_SOURCES = {METRICS: Language.PROMQL, LOGS: Language.LOGQL, TRACES: Language.TRACEQL}
_CHANGES_BEFORE = timedelta(hours=2)
_EARLIER = timedelta(minutes=30)
_PATTERNS = 3
_FIRES = "!"
"""Its beginning, on the chart."""
_SECONDS = Quantity(Unit.SECONDS)
_DIGITS = re.compile(r"\d+")
_WIDTH = 110
"""Characters of a kind of line."""


@dataclass(frozen=True, slots=True)
class _Fact:
    at: datetime
    text: str


def suspect(group: AlertGroup) -> Suspect | None:
    """What of a group can be investigated; None where it names no service."""
    if not group.service:
        return None
    labels = dict(group.labels)
    began = min((track.started for track in group.tracks.values()), default=group.first_seen)
    name = labels.get("alertname") or headline(group).partition(":")[0]
    return Suspect(name, labels, group.service, labels.get("environment", ""), began)


async def investigated(desk: Desk, executor: Executor, findings: Findings, alert: Suspect, actor: Actor) -> Reply:
    """The findings, as far as this person may ask for them."""
    now, zone = desk.clock.now(), zone_of(actor.timezone)
    allowed = frozenset(
        source
        for source, language in _SOURCES.items()
        if desk.judge(actor, permissions.query(language, alert.environment)).allowed
    )
    runs = desk.judge(actor, permissions.needed(plan.Status())).allowed
    changes = await happened(
        desk, executor, (alert.service,), alert.environment, alert.since - _CHANGES_BEFORE, now, runs=runs
    )
    others = tuple(one for one in changes if one.text != f"{alert.name} fires")
    found = await findings.investigated(alert, allowed)
    facts = [
        *(_Fact(one.at, literal(one.text)) for one in others),
        *_lines(found.new),
        *_traces(found),
        *slow_facts(found),
    ]
    facts.sort(key=lambda fact: (abs((fact.at - alert.since).total_seconds()), fact.text))
    ranked = list(zip(NUMBERS, facts, strict=False))
    chart: Sequence[Block] = ()
    if found.expression:
        moments = [(number, fact.at) for number, fact in ranked]
        chart = await findings.drawn(found.expression, alert.name, zone, [*moments, (_FIRES, alert.since)])
    return _reply(alert, found, ranked, chart, now, zone)


def _reply(
    alert: Suspect,
    found: Investigation,
    ranked: Sequence[tuple[str, _Fact]],
    chart: Sequence[Block],
    now: datetime,
    zone: tzinfo,
) -> Reply:
    where = f" in {alert.environment}" if alert.environment else ""
    head = (
        f"**{literal(alert.name)}** of **{literal(alert.service)}**{literal(where)} fires since"
        f" {clock(alert.since, zone, now)} ({ago((now - alert.since).total_seconds())})"
    )
    blocks: list[Block] = [Text(head)]
    if found.expression:
        blocks.append(Text(_value(found.expression, alert)))
    if ranked:
        lines = [f"{number} {_when(fact.at, alert, zone, now)}: {fact.text}" for number, fact in ranked]
        blocks.append(Text("What stands out, the nearest to its beginning first:\n" + "\n".join(lines)))
    else:
        blocks.append(
            Text(
                "Nothing stands out: no deploy, run or other alert, no new kind of error line, no failed or slow trace."
            )
        )
    if told_ := failed_alike(found.examples):
        blocks.append(Text(told_))
    if found.expression:
        blocks.append(Code(found.expression.query, Language.PROMQL.value))
    if found.missing:
        blocks.append(Note(f"**Something is missing**: the store of {' and of '.join(found.missing)} did not answer."))
    drawn = f"The chart has them by number, and **{_FIRES}** where it began to fire. " if chart and ranked else ""
    blocks.append(Note(f"{drawn}These are facts, not a cause: whether one led to the other is yours to judge."))
    things = "1 thing stands out" if len(ranked) == 1 else f"{len(ranked)} things stand out"
    return Reply((*blocks, *chart), f"{alert.name} of {alert.service}: {things}")


def _value(expression: Expression, alert: Suspect) -> str:
    """What the rule looks at, now and before it began."""
    of, line = expression.found.quantity, expression.found.lines[0]
    parts = ["It has no value now" if line.now is None else f"It is at **{told(line.now, of)}**"]
    early = [value for at, value in line.points if at < (alert.since - _EARLIER).timestamp()]
    if early:
        parts.append(f"{told(early[-1], of)} half an hour before it fired")
    if expression.limit:
        parts.append(f"the rule fires at {literal(expression.limit.op)} {told(expression.limit.number, of)}")
    return " · ".join(parts)


def _lines(new: Sequence[Pattern]) -> list[_Fact]:
    facts = []
    for pattern in new[:_PATTERNS]:
        text = " ".join(pattern.text.split())
        shown = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
        facts.append(
            _Fact(
                datetime.fromtimestamp(pattern.first / 1e9, UTC), f"new in its logs, {pattern.count}×: {literal(shown)}"
            )
        )
    return facts


def _traces(found: Investigation) -> list[_Fact]:
    if not found.failed or not found.failed.traces:
        return []
    first = min(found.failed.traces, key=lambda one: one.start)
    many = "at least " if found.failed.many else ""
    count = len(found.failed.traces)
    text = f"{many}{count} failed {'trace' if count == 1 else 'traces'} through it"
    return [_Fact(datetime.fromtimestamp(first.start, UTC), text)]


def slow_facts(found: Investigation) -> list[_Fact]:
    """From the first of them on; the slowest with what it waited for most."""
    slow = found.slow
    if slow is None:
        return []
    first = min(slow.traces, key=lambda one: one.start)
    many = "at least " if slow.many else ""
    text = f"{many}{len(slow.traces)} traces through it are slower than any before ({told(slow.usual, _SECONDS)}); the slowest took {told(slow.traces[0].duration, _SECONDS)}"
    if slow.example and (waited := shares(critical_path(slow.example))):
        span, seconds = waited[0]
        text += (
            f", {told(seconds, _SECONDS)} of it in {literal(span.service)} · {literal(span.name)} (`{slow.example.id}`)"
        )
    return [_Fact(datetime.fromtimestamp(first.start, UTC), text)]


def failed_alike(examples: Sequence[Trace]) -> str:
    """Where most of them failed; of as many the slower ones. "" where none says where."""
    alike: dict[str, list[tuple[Trace, list[str]]]] = {}
    for trace in examples:
        if failures := trace_cards.failures(trace):
            alike.setdefault(_DIGITS.sub("*", failures[0]), []).append((trace, failures))
    if not alike:
        return ""
    most = max(alike.values(), key=len)
    trace, failures = most[0]
    one = f"{literal(trace_cards.title(trace))} (`{trace.id}`)"
    many = f"{len(most)} of {len(examples)} failed traces that were looked at failed alike, the slowest in {one}:"
    return "\n".join((many if len(examples) > 1 else f"The failed trace is {one}:", *failures))


def _when(at: datetime, alert: Suspect, zone: tzinfo, now: datetime) -> str:
    seconds = (alert.since - at).total_seconds()
    apart = ago(abs(seconds))
    relation = f"{apart} before" if seconds > 0 else f"{apart} after"
    return f"{clock(at, zone, now)} ({'when it began' if abs(seconds) < 30 else relation})"
