"""What can be found out about an alert: its rule's own expression around the time when it began to fire, error lines that are new since,
and requests that failed. Whatever store does not answer leaves a gap, and is named."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from core.errors import BotError
from core.ports.telemetry import Logs, Metrics, Rule, Telemetry, Trace, TraceStore, TraceSummary
from core.query import running
from core.query.promql.asked import Limit
from core.query.translation import QueryRefused
from core.telemetry.log_patterns import Pattern, patterns
from core.telemetry.looks import Look
from core.telemetry.measuring import Found, measure
from core.telemetry.slowest import Slowest, slowest
from core.together import together

log = structlog.get_logger()

T = TypeVar("T")

_BEFORE = timedelta(hours=1)
"""Of the expression, that is looked at before it began."""
_LONGEST = timedelta(hours=4)
_EARLY = timedelta(minutes=10)
"""Before it fires the trouble has lasted for as long as the rule waits."""
_LATE = timedelta(minutes=20)
_LINES = 1000
_EXAMPLES = 5
"""Failed requests that are looked at whole."""
_STEP = timedelta(minutes=1)
_SLOWER, _LEAST = 1.5, 3
"""Times as long as the slowest before, and requests, from which on slow ones are worth telling: some are always the slowest."""
METRICS, LOGS, TRACES = "metrics", "logs", "traces"


@dataclass(frozen=True, slots=True)
class Suspect:
    """An alert that is investigated."""

    name: str
    labels: Mapping[str, str]
    service: str
    environment: str
    """"" where it names none."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Expression:
    """What a rule looks at."""

    query: str
    """Without the threshold."""
    limit: Limit | None
    found: Found


@dataclass(frozen=True, slots=True)
class Slow:
    """Requests that took longer than any before."""

    traces: tuple[TraceSummary, ...]
    """The slowest first."""
    usual: float
    """Seconds of the slowest before."""
    many: bool = False
    """There are more than were read."""
    example: Trace | None = None
    """The slowest of them."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """What was found out. None, or nothing, where nobody could tell; those who did not answer are `missing`."""

    expression: Expression | None = None
    new: tuple[Pattern, ...] = ()
    """Kinds of error lines that did not occur before, the most frequent first."""
    failed: Slowest | None = None
    examples: tuple[Trace, ...] = ()
    """Some of the failed requests, the slowest first: slow, usual and quick ones, since the slowest may have failed for another reason."""
    missing: tuple[str, ...] = ()
    slow: Slow | None = None
    """None where there are none, or nobody can tell."""


async def investigate(
    telemetry: Telemetry, alert: Suspect, now: datetime, allowed: frozenset[str] = frozenset({METRICS, LOGS, TRACES})
) -> Investigation:
    """Ask all that is connected, and allowed, at once."""
    missing: list[str] = []

    async def expression() -> Expression | None:
        if telemetry.metrics is None or METRICS not in allowed:
            return None
        try:
            return await _expression(telemetry.metrics, alert, now)
        except BotError as error:
            _noted(missing, METRICS, error)
            return None

    async def new() -> tuple[Pattern, ...]:
        if telemetry.logs is None or LOGS not in allowed:
            return ()
        try:
            return await _new(telemetry.logs, alert, now)
        except BotError as error:
            _noted(missing, LOGS, error)
            return ()

    async def requests(ask: Callable[[TraceStore, Suspect, datetime], Awaitable[T]]) -> T | None:
        if telemetry.traces is None or TRACES not in allowed:
            return None
        try:
            return await ask(telemetry.traces, alert, now)
        except BotError as error:
            _noted(missing, TRACES, error)
            return None

    looked, lines, (failed, slow) = await together(expression(), new(), together(requests(_failed), requests(_slow)))
    searched, examples = failed or (None, ())
    return Investigation(looked, lines, searched, examples, tuple(sorted(set(missing))), slow)


def _noted(missing: list[str], what: str, error: BotError) -> None:
    log.info("investigation.gap", what=what, error=error.message)
    if not isinstance(error, QueryRefused):
        missing.append(what)


async def _expression(metrics: Metrics, alert: Suspect, now: datetime) -> Expression | None:
    rule = _rule(await metrics.rules(), alert)
    if rule is None:
        return None
    query, limit = running.without_limit(rule.query)
    start = alert.since - _BEFORE
    length = min(now - start, _LONGEST)
    end = min(now, start + length)
    backend = await metrics.backend(running.names(query))
    step = max(running.step(length), _STEP)
    checked = running.check(query, window=2 * length, step=step, backend=backend)
    quantity = running.quantity(checked.query)
    found = await measure(metrics, Look(checked.query, length, end), step=step, now=now, quantity=quantity)
    mine = tuple(line for line in found.lines if _fits(line.labels, alert.labels))
    whole = replace(found.whole, series=tuple(one for one in found.whole.series if _fits(one.labels, alert.labels)))
    return Expression(checked.query, limit, replace(found, lines=mine, whole=whole)) if mine else None


def _rule(rules: tuple[Rule, ...], alert: Suspect) -> Rule | None:
    """The one of this name, of several the one whose own labels the alert has."""
    named = [rule for rule in rules if rule.name == alert.name]
    return next((rule for rule in named if _fits(rule.labels, alert.labels)), named[0] if named else None)


def _fits(labels: Mapping[str, str], of: Mapping[str, str]) -> bool:
    """Whether they contradict the alert's in nothing."""
    return all(of.get(name, value) == value for name, value in labels.items() if name != "__name__")


async def _new(logs: Logs, alert: Suspect, now: datetime) -> tuple[Pattern, ...]:
    query = running.error_lines(alert.service, alert.environment)
    begin, end = alert.since - _EARLY, min(now, alert.since + _LATE)
    lately, before = await together(
        logs.lines(query, begin, end, limit=_LINES), logs.lines(query, begin - (end - begin), begin, limit=_LINES)
    )
    known = {pattern.text for pattern in patterns(before.lines)}
    return tuple(pattern for pattern in patterns(lately.lines) if pattern.text not in known)


async def _failed(store: TraceStore, alert: Suspect, now: datetime) -> tuple[Slowest, tuple[Trace, ...]]:
    begin, end = alert.since - _EARLY, min(now, alert.since + _LATE)
    found = await slowest(store, running.traces(alert.service, alert.environment, failed=True), end, end - begin)
    last = len(found.traces) - 1
    spread = sorted({last * part // (_EXAMPLES - 1) for part in range(_EXAMPLES)}) if found.traces else []
    whole = await together(*(store.trace(found.traces[index].id) for index in spread))
    return found, tuple(trace for trace in whole if trace)


async def _slow(store: TraceStore, alert: Suspect, now: datetime) -> Slow | None:
    """Against as long a time before."""
    query = running.traces(alert.service, alert.environment)
    begin, end = alert.since - _EARLY, min(now, alert.since + _LATE)
    before = await slowest(store, query, begin, end - begin)
    if not before.traces or not before.certain:
        return None
    usual = before.traces[0].duration
    lately = await slowest(store, running.slower(query, usual) or query, end, end - begin)
    slow = tuple(one for one in lately.traces if one.duration > usual)
    if len(slow) < _LEAST or slow[0].duration < _SLOWER * usual:
        return None
    return Slow(slow, usual, lately.many, await store.trace(slow[0].id))
