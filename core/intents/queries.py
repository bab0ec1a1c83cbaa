"""Questions about metrics, logs, traces and the bot's own records."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from core.intents.ask import which_service
from core.intents.known import Known
from core.messages import Turn
from core.nlp.interpretation import Entity, EntityType, Intent, Interpretation
from core.planning.plan import Plan, Query
from core.query.translation import Language, Question
from core.query.usage import subject as usage

_LANGUAGES: Mapping[Intent, Language] = {
    Intent.METRIC_QUERY: Language.PROMQL,
    Intent.LOG_QUERY: Language.LOGQL,
    Intent.TRACE_QUERY: Language.TRACEQL,
}
OF_USAGE = (Intent.METRIC_QUERY, Intent.TRACE_QUERY)
_OWN_RECORDS = re.compile(
    r"\b(incidents?|sev[ -]?[1-4]s?|post-?mortems?|workflows?|runs?|deploy(ment)?s|rollbacks|mttr|time to (resolve|resolution))\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(how (many|much|long|often)|count|number of|average|avg|mean|median|longest|shortest|most|fewest|per|by|rate|share|percent\w*|mttr|trend)\b",
    re.IGNORECASE,
)
_SCOPES = (
    EntityType.SERVICE,
    EntityType.HOST,
    EntityType.NAMESPACE,
    EntityType.ENDPOINT,
    EntityType.WORKFLOW,
    EntityType.ENVIRONMENT,
    EntityType.REGION,
)
"""Any of these says whose number it is."""
_EVERYTHING = re.compile(
    r"\b(all|every|each|overall|any|total|which|per|by|top|cluster|fleet|everything)\b", re.IGNORECASE
)


def query(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """A query in the language of what was asked for. A number without anything that it could be of gets one question back."""
    text = said.rest or turn.text
    language = _LANGUAGES[said.intent]
    if language is Language.PROMQL and _OWN_RECORDS.search(text) and not said.named(EntityType.METRIC):
        language = Language.SQL
    metric = said.first(EntityType.METRIC)
    # Of durations LLM-Observatory keeps means only.
    quantile = said.named(EntityType.AGGREGATION).startswith("p")
    if known.usage and not quantile and said.intent in OF_USAGE and usage.about(text, metric, known.services):
        return Query(
            Language.USAGE, _question(text, said, known, carried=True), environment=said.first(EntityType.ENVIRONMENT)
        )
    vague = language is Language.PROMQL and not any(said.first(kind) for kind in _SCOPES)
    if vague and len(known.services) > 1 and not _EVERYTHING.search(text):
        return which_service(known, f"ask {text.rstrip(' ?!.')} for {{}}")
    question = _question(text, said, known, carried=language is not Language.SQL)
    return Query(language, question, environment=said.first(EntityType.ENVIRONMENT))


def own_records(turn: Turn, said: Interpretation, known: Known) -> Plan | None:
    """A question about incidents, runs or messages that counting or comparing them answers; None when it is none."""
    text = said.rest or turn.text
    if not (_OWN_RECORDS.search(text) and _COUNTED.search(text)):
        return None
    return Query(Language.SQL, _question(text, said, known, carried=False))


def _question(text: str, said: Interpretation, known: Known, *, carried: bool) -> Question:
    """The sentence with what was carried over written behind it, so that every translator finds it where it finds the rest.
    Questions about the bot's own records stand for themselves: what was said of a system before is no filter for them."""
    entities = list(said.entities)
    for one in said.carried if carried else ():
        words = one.value.replace("_", " ") if one.type is EntityType.METRIC else one.value
        start = len(text) + 2
        text = f"{text}; {words}"
        entities.append(Entity(one.type, words, one.value, start, len(text)))
    return Question(text, tuple(entities), known.now or datetime.now(UTC), known.services)
