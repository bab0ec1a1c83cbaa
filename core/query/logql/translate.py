"""Sentences to LogQL; the conventions are those of the package."""

import re
from collections.abc import Iterable

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql import conditions, counting, fields, lines, owners, spans, stories
from core.query.logql.explain import explain
from core.query.logql.guard import ANYTHING, check
from core.query.logql.model import Condition, LabelFilter, Logs, Matcher, Parser, Query, Stage
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
    r"\b(?:(json)\b(?! (?:pars|decod|encod|seriali|deseriali|error|exception|fail|schema|valid|payload|body|bodies|syntax))|(logfmt)\b)",
    re.IGNORECASE,
)
_UNPARSED = re.compile(
    r"\b(?:drop(?:ping)?|skip(?:ping)?|ignor(?:e|ing)|without|exclud(?:e|ing)|leav(?:e|ing) out|minus|discard|remove|w/o|no)\b[^,.;\n]{0,30}?"
    r"(?:\b(?:do(?:es)? ?n['’]?t|do(?:es)? not|can ?not|can['’]?t|fail(?:s|ed)? to|did ?n['’]?t) parse\b|\bunpars(?:e?able|ed)(?: (?:lines?|ones|logs))?|\bparse?r? (?:errors?|failures?)\b|\bfailed parsing\b|\bparsing (?:errors?|failures?)\b)",
    re.IGNORECASE,
)
"""Lines without the fields that were asked for."""
_QUERY = re.compile(
    r"\b(?:alert(?:ing|s)?|logql|loki|grafana) (?:expr(?:ession)?|rule|condition|query|panel)s?\b|\b(?:logql|loki query)\b",
    re.IGNORECASE,
)
"""What the answer is for."""
_FIRST_SEGMENT = re.compile(r"/(?:api/)?(?:v\d+/)?([\w-]+)")
_MOST_SERVICES = 50


def translate(question: Question) -> Translation:
    """The query for what is asked, and the window that is named.

    Raises:
        QueryRefused: nothing says which logs are meant, or the query breaks a guard.
    """
    wording = Wording(question, ignore=_READ_HERE)
    owners.services(wording)
    for match in _QUERY.finditer(wording.text):
        wording.claim(*match.span())
    parser = _PARSER.search(wording.plain)
    clean = _parsed_only(wording)
    written = shown(wording)
    found = lines.begin(wording, parsed=parser is not None)
    wanted = counting.find(wording)
    stories.skip(wording)
    if wanted and wanted.silent:
        wording.affirm_all()
    lines.finish(wording, found)
    needs_fields = bool(parser or written or found.conditions or clean or (wanted and counting.fields(wanted)))
    stages: list[Stage] = [*dict.fromkeys(found.filters)]
    if needs_fields:
        stages.append(Parser(parser[0].lower() if parser else "json"))
    stages += (LabelFilter(condition) for condition in dict.fromkeys(found.conditions))
    if clean and not (wanted and wanted.measured):
        stages.append(LabelFilter(Matcher("__error__", "=", "")))
    if written and not wanted:
        stages.append(written)
    bounded = wanted is not None or bool(stages)
    groups = wanted.groups if wanted else ()
    logs = Logs(_matchers(question, wording, found, groups, bounded=bounded), tuple(stages))
    query: Query = counting.metric(wanted, logs, wording) if wanted else logs
    text = show(query)
    check(read(text))
    named = spans.asked_window(wording)
    return Translation(
        Language.LOGQL, text, explain(query), named.start if named else None, named.end if named else None
    )


def _parsed_only(wording: Wording) -> bool:
    """Whether lines without fields are not wanted; what says so is claimed."""
    found = list(_UNPARSED.finditer(wording.text))
    for match in found:
        wording.claim(*match.span())
    return bool(found)


def _matchers(
    question: Question, wording: Wording, found: lines.Lines, groups: tuple[str, ...], *, bounded: bool
) -> tuple[Matcher, ...]:
    """`groups`: by which lines are counted. `bounded`: they are counted, or searched for something."""
    made = [
        conditions.one_of(LABELS[kind], values, negative=negative)
        for kind in _STREAMS
        for negative in (False, True)
        if (values := wording.values(kind, negated=negative))
    ]
    made += found.matchers
    if not any(matcher.op in ("=", "=~") for matcher in made) and (owner := _owner(question, found.conditions)):
        made.insert(0, owner)
    if not any(matcher.op in ("=", "=~") for matcher in made):
        grouped = len(groups) == 1 and groups[0] in fields.STREAM_FIELDS
        anything = Matcher(groups[0], "=~", ANYTHING) if grouped else _any_service(question, bounded=bounded)
        made.insert(0, anything)
    return tuple(dict.fromkeys(made))


def _owner(question: Question, conditions: Iterable[Condition]) -> Matcher | None:
    """Of "POST /transfers/sepa" the service transfers, where the catalogue has one."""
    for condition in conditions:
        if isinstance(condition, Matcher) and condition.label == LABELS[EntityType.ENDPOINT] and condition.op == "=":
            segment = _FIRST_SEGMENT.match(condition.value)
            if segment and segment[1] in question.services:
                return Matcher(LABELS[EntityType.SERVICE], "=", segment[1])
    return None


def _any_service(question: Question, *, bounded: bool) -> Matcher:
    """Whatever the service; where nothing else bounds the answer, those of the catalogue by name."""
    if bounded:
        return Matcher(LABELS[EntityType.SERVICE], "=~", ANYTHING)
    if not 0 < len(question.services) <= _MOST_SERVICES:
        raise QueryRefused("Which service's logs?", hint="Name a service, an environment or a namespace.")
    return conditions.one_of(LABELS[EntityType.SERVICE], question.services, negative=False)
