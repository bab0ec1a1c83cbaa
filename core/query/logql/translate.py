"""Sentences to LogQL; the conventions are those of the package."""

import re
from collections.abc import Iterable

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql import counting, fields, lines
from core.query.logql.explain import explain
from core.query.logql.guard import ANYTHING, check
from core.query.logql.model import LabelFilter, Logs, Matcher, Parser, Query, Stage
from core.query.logql.printer import show
from core.query.logql.reader import read
from core.query.logql.shown import shown
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.wording import Wording

_STREAMS = (
    EntityType.SERVICE,
    EntityType.ENVIRONMENT,
    EntityType.NAMESPACE,
    EntityType.REGION,
    EntityType.HOST,
    EntityType.VERSION,
)
_READ_HERE = (EntityType.METRIC, EntityType.SEVERITY, EntityType.AGGREGATION, EntityType.WORKFLOW)
"""Types whose words mean something else in logs: "critical" is a kind of line."""
_PARSER = re.compile(
    r"\b(json|logfmt)\b(?! (?:pars|decod|encod|seriali|deseriali|error|exception|fail|schema|valid|payload|body|bodies|syntax))",
    re.IGNORECASE,
)
_MOST_SERVICES = 50


def translate(question: Question) -> Translation:
    """The query for what is asked, and the window that is named.

    Raises:
        QueryRefused: nothing says which logs are meant, or the query breaks a guard.
    """
    wording = Wording(question, ignore=_READ_HERE)
    parser = _PARSER.search(wording.plain)
    written = shown(wording)
    found = lines.begin(wording, parsed=parser is not None)
    wanted = counting.find(wording)
    lines.finish(wording, found)
    needs_fields = bool(parser or written or found.conditions or (wanted and counting.fields(wanted)))
    stages: list[Stage] = [*dict.fromkeys(found.filters)]
    if needs_fields:
        stages.append(Parser(parser[1].lower() if parser else "json"))
    stages += (LabelFilter(condition) for condition in dict.fromkeys(found.conditions))
    if written and not wanted:
        stages.append(written)
    bounded = wanted is not None or bool(stages)
    logs = Logs(_matchers(question, wording, found.matchers, bounded=bounded), tuple(stages))
    query: Query = counting.metric(wanted, logs, wording) if wanted else logs
    text = show(query)
    check(read(text))
    named = counting.asked_window(wording)
    return Translation(
        Language.LOGQL, text, explain(query), named.start if named else None, named.end if named else None
    )


def _matchers(question: Question, wording: Wording, said: Iterable[Matcher], *, bounded: bool) -> tuple[Matcher, ...]:
    """`bounded`: lines are counted, or searched for something."""
    made = [
        fields.one_of(LABELS[kind], values, negative=negative)
        for kind in _STREAMS
        for negative in (False, True)
        if (values := wording.values(kind, negated=negative))
    ]
    made += said
    if not any(matcher.op in ("=", "=~") for matcher in made):
        made.insert(0, _any_service(question, bounded=bounded))
    return tuple(dict.fromkeys(made))


def _any_service(question: Question, *, bounded: bool) -> Matcher:
    """Whatever the service; where nothing else bounds the answer, those of the catalogue by name."""
    if bounded:
        return Matcher(LABELS[EntityType.SERVICE], "=~", ANYTHING)
    if not 0 < len(question.services) <= _MOST_SERVICES:
        raise QueryRefused("Which service's logs?", hint="Name a service, an environment or a namespace.")
    return fields.one_of(LABELS[EntityType.SERVICE], question.services, negative=False)
