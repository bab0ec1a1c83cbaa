"""What a LogQL query must keep to before it runs, whoever wrote it."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from core.nlp.entities import nearest
from core.query.literals import duration, seconds
from core.query.logql.model import (
    Aggregation,
    Binary,
    LabelFilter,
    LabelReplace,
    LineFilter,
    Logs,
    Matcher,
    Query,
    Range,
    Stage,
    walk,
)
from core.query.patterns import names_something
from core.query.translation import QueryRefused

LONGEST_RANGE = timedelta(days=30)
"""Loki's own default for the length of a query (`max_query_length`)."""

ANYTHING = ".+"
"""A value, whatever it is. It chooses the streams of a query that counts lines, or searches them for something."""


def check(query: Query, *, labels: Collection[str] | None = None, longest: timedelta = LONGEST_RANGE) -> None:
    """Refuse what would read everything, reach too far back, or name what the back end does not have.

    `labels`: the names of stream labels that Loki has; None: not known, not checked.

    Raises:
        QueryRefused: with the reason, what to do, and the nearest names.
    """
    parts = list(walk(query))
    logs = list(_selected(query))
    if not logs:
        raise QueryRefused("The query reads no logs.", hint='Start from streams: {service="…"}.')
    for selected, counted in logs:
        _refuse_everything(selected, counted=counted)
        if labels is not None:
            _refuse_unknown(selected, labels)
    for part in parts:
        if isinstance(part, Range):
            _refuse_long(part, longest)


def _selected(query: Query, *, counted: bool = False) -> Iterator[tuple[Logs, bool]]:
    """The lines that are read, and whether only numbers of whole groups of streams are made of them."""
    match query:
        case Logs():
            yield query, counted
        case Range(logs=logs):
            yield logs, counted
        case Aggregation(expr=expr):
            yield from _selected(expr, counted=True)
        case LabelReplace(expr=expr):
            yield from _selected(expr, counted=counted)
        case Binary(left=left, right=right):
            yield from _selected(left, counted=counted)
            yield from _selected(right, counted=counted)
        case _:
            pass


def _refuse_everything(logs: Logs, *, counted: bool) -> None:
    bounded = counted or any(map(_searches, logs.stages))
    anything = any(matcher.op == "=~" and matcher.value == ANYTHING for matcher in logs.matchers)
    if not any(map(_chooses, logs.matchers)) and not (anything and bounded):
        raise QueryRefused(
            "The query would read every log line there is.",
            hint='Name a service or another label, {service="…"}, or what to look for in the lines.',
        )


def _searches(stage: Stage) -> bool:
    """Whether it asks for something that few lines hold."""
    match stage:
        case LineFilter(op="|=", values=values):
            return all(values)
        case LineFilter(op="|~", values=values):
            return all(not isinstance(value, str) or names_something(value) for value in values)
        case LabelFilter():
            return True
        case _:
            return False


def _chooses(matcher: Matcher) -> bool:
    return bool(matcher.value) and (matcher.op == "=" or (matcher.op == "=~" and names_something(matcher.value)))


def _refuse_unknown(logs: Logs, labels: Collection[str]) -> None:
    for matcher in logs.matchers:
        if matcher.label not in labels:
            close = nearest(matcher.label, labels)
            hint = f"It has {', '.join(close)}." if close else "Ask it for its labels."
            raise QueryRefused(f"Loki has no label {matcher.label}.", hint=hint, nearest=close)


def _refuse_long(part: Range, longest: timedelta) -> None:
    reach = seconds(part.range) + seconds(part.offset)
    if seconds(part.range) <= 0:
        raise QueryRefused(f"The range [{part.range}] has no length.")
    if reach > longest.total_seconds():
        raise QueryRefused(
            f"The query reaches back {part.range}{f' and {part.offset}' if part.offset else ''}; at most {duration(longest)} are read.",
            hint="Shorten the range.",
        )
