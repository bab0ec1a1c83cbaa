"""What a LogQL query must keep to before it runs, whoever wrote it."""

from collections.abc import Collection
from datetime import timedelta

from core.nlp.entities import nearest
from core.query.literals import duration, seconds
from core.query.logql.model import Logs, Matcher, Query, Range, walk
from core.query.patterns import names_something
from core.query.translation import QueryRefused

LONGEST_RANGE = timedelta(days=30)
"""Loki's own default for the length of a query (`max_query_length`)."""


def check(query: Query, *, labels: Collection[str] | None = None, longest: timedelta = LONGEST_RANGE) -> None:
    """Refuse what would read everything, reach too far back, or name what the back end does not have.

    `labels`: the names of stream labels that Loki has; None: not known, not checked.

    Raises:
        QueryRefused: with the reason, what to do, and the nearest names.
    """
    parts = list(walk(query))
    logs = [part for part in parts if isinstance(part, Logs)]
    if not logs:
        raise QueryRefused("The query reads no logs.", hint='Start from streams: {service="…"}.')
    for selected in logs:
        _refuse_everything(selected.matchers)
        if labels is not None:
            _refuse_unknown(selected, labels)
    for part in parts:
        if isinstance(part, Range):
            _refuse_long(part, longest)


def _refuse_everything(matchers: tuple[Matcher, ...]) -> None:
    if not any(_chooses(matcher) for matcher in matchers):
        raise QueryRefused(
            "The query would read every log line there is.",
            hint='Name a service or another label: {service="…"}. Patterns such as .+ do not count.',
        )


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
