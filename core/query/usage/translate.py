"""Sentences to questions about calls of language models."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.nlp.interpretation import EntityType
from core.ports.usage import CallOrder, CallsAsked, UsageDimension, UsageMetric
from core.query.literals import seconds
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.usage.explain import explain
from core.query.usage.model import Totals, show
from core.query.usage.subject import MODEL, PROVIDER, PROVIDERS
from core.query.window import window

_METRICS: Sequence[tuple[re.Pattern[str], UsageMetric]] = tuple(
    (re.compile(pattern, re.IGNORECASE), metric)
    for pattern, metric in (
        (r"\b(prompt|input)s? (cost|costs|spend)\b|\b(cost|costs|spend) (of|for|on) (the )?(prompts?|inputs?)\b", UsageMetric.PROMPT_COST),
        (r"\b(completion|output)s? (cost|costs|spend)\b|\b(cost|costs|spend) (of|for|on) (the )?(completions?|outputs?)\b", UsageMetric.COMPLETION_COST),
        (r"\b(costs?|spen[dt]|spending|bills?|money|dollars?|usd|expensive|pa(y|id)|pricey|cheap\w*|kost\w*|cuest\w*|gastad\w*)\b|\$", UsageMetric.COST),
        (r"\b(prompt|input)s?[ -]tokens?\b|\btokens? (in|sent)\b", UsageMetric.PROMPT_TOKENS),
        (r"\b(completion|output|generated)s?[ -]tokens?\b|\btokens? (out|generated)\b", UsageMetric.COMPLETION_TOKENS),
        (r"\b(ttft|first token)\b", UsageMetric.TTFT),
        (r"\btokens?\b", UsageMetric.TOKENS),
        (r"\b(success|ok)[ -]?(rate|ratio|share)\b|\bsucceed\w*\b.*\b(rate|share|percent\w*)\b", UsageMetric.SUCCESS_RATE),
        (r"\b(error|failure|fail)[ -]?(rate|ratio|share|percent\w*)\b|\b(share|percent\w*|rate|fraction) of (errors|failures|failed)|\bfail\w* how often\b", UsageMetric.ERROR_RATE),
        (r"\b(errors?|fail\w*|broken|timeouts?|timed out|fehler|errores)\b", UsageMetric.ERRORS),
        (r"\b(latenc\w*|durations?|slow\w*|fast\w*|how long|response times?|speed|take|took)\b", UsageMetric.DURATION),
        (r"\b(unique |distinct |how many )?users?\b|\bpeople\b", UsageMetric.USERS),
        (r"\bsessions?\b", UsageMetric.SESSIONS),
    )
)  # fmt: skip
"""The first that is said counts."""
_BY_METRIC: Mapping[str, UsageMetric] = {
    "cost": UsageMetric.COST,
    "token_usage": UsageMetric.TOKENS,
    "ttft": UsageMetric.TTFT,
    "error_rate": UsageMetric.ERROR_RATE,
    "latency": UsageMetric.DURATION,
    "request_rate": UsageMetric.REQUESTS,
}
_GROUPS: Mapping[UsageDimension, re.Pattern[str]] = {
    dimension: re.compile(rf"\b(?:(?:by|per|each|every|across|between|pro|por)\s+(?:\w+\s+and\s+)?|which\s+|what\s+|top \d+\s+|and\s+(?=\w+\s*$))(?:language |the )?{word}\b|\b{word}s? (?:by|breakdown)|\b(?:compare|between)\b.*\b{word}s\b", re.IGNORECASE)
    for dimension, word in (
        (UsageDimension.MODEL, "(?:models?|modell(?:en)?|modelos?)"),
        (UsageDimension.PROVIDER, "(?:providers?|vendors?)"),
        (UsageDimension.ENVIRONMENT, "(?:environments?|envs?|stages?)"),
        (UsageDimension.STATUS, "(?:status(?:es)?|outcomes?)"),
    )
}  # fmt: skip
_CALLS = r"(?:calls?|prompts?|requests?|completions?|generations?|invocations?|anfragen|llamadas)"
_SINGLE = re.compile(
    rf"\b(slow\w*|longest|(?:most )?expensive|expensivest|dearest|prici?est|costliest|costly|latest|newest|recent|last(?! \d*\s*(?:h|m|d|hours?|min\w*|days?|weeks?)\b)|biggest|largest|longest|langsamsten|teuersten)\s+(?:\d+\s+)?(?:\w+\s+){{0,3}}{_CALLS}\b"
    rf"|\b{_CALLS} (?:that|which|who|die)? ?(?:cost|took|take|fail\w*)\b"
    rf"|\b(?:which|show|list|give|see|find)\b(?:\s+\w+){{0,6}}\s+{_CALLS}\b(?!\s+(?:rate|count|per|by)\b)",
    re.IGNORECASE,
)
_ORDERS: Sequence[tuple[re.Pattern[str], CallOrder]] = tuple(
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (r"\b(expensive\w*|dearest|prici?est|costl\w*|cost|teuersten)\b", CallOrder.DEAREST),
        (r"\b(slow\w*|longest|took|langsamsten)\b", CallOrder.SLOWEST),
        (r"\b(tokens?|biggest|largest)\b", CallOrder.MOST_TOKENS),
    )
)
_FAILED = re.compile(
    r"\b(fail\w*|errors?|errored|broke\w*|timed out|refused|rejected|fehlgeschlagen\w*)\b", re.IGNORECASE
)
_DOLLARS = re.compile(
    r"(?:over|above|more than|at least|dearer than|>=?)\s*(?:\$\s?(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*(?:\$|usd|dollars?|bucks))|(\d+(?:\.\d+)?)\s*(?:cents?|ct)\b",
    re.IGNORECASE,
)
_LONGER = re.compile(r"(>=?)(\d+(?:\.\d+)?(?:ms|s|m))")
_QUANTILES = ("p50", "p90", "p95", "p99")


def translate(question: Question) -> Translation:
    """What is asked for, and the window that is named.

    Raises:
        QueryRefused: it cannot be answered from what is counted.
    """
    text = question.text
    where = _where(question)
    query = _single(question, where) if _SINGLE.search(text) else _totals(question, where)
    named = window(question)
    times = (named.start, named.end) if named else (None, None)
    return Translation(Language.USAGE, show(query), explain(query), *times)


def _totals(question: Question, where: Mapping[UsageDimension, str]) -> Totals:
    text = question.text
    metric = next((metric for pattern, metric in _METRICS if pattern.search(text)), None)
    if metric is None:
        metric = _BY_METRIC.get(question.value(EntityType.METRIC), UsageMetric.REQUESTS)
    if question.value(EntityType.AGGREGATION) in _QUANTILES and metric in (UsageMetric.DURATION, UsageMetric.TTFT):
        raise QueryRefused(
            "LLM-Observatory keeps means of durations only, no quantiles.",
            hint="Ask for the average, or for the slowest calls.",
        )
    by = tuple(dimension for dimension, pattern in _GROUPS.items() if pattern.search(text) and dimension not in where)
    return Totals(metric, where, by)


def _single(question: Question, where: Mapping[UsageDimension, str]) -> CallsAsked:
    text = question.text
    order = next((order for pattern, order in _ORDERS if pattern.search(text)), CallOrder.NEWEST)
    failed = {UsageDimension.STATUS: "ERROR"} if _FAILED.search(text) else {}
    longer = next((found for one in question.values(EntityType.THRESHOLD) if (found := _LONGER.fullmatch(one))), None)
    least = timedelta(seconds=seconds(longer[2])) if longer else None
    if least is not None and order is CallOrder.NEWEST:
        order = CallOrder.SLOWEST
    dollars = _DOLLARS.search(text)
    dearer = None
    if dollars:
        dearer = float(dollars[3]) / 100 if dollars[3] else float(dollars[1] or dollars[2])
        order = CallOrder.DEAREST if order is CallOrder.NEWEST else order
    return CallsAsked({**where, **failed}, least, dearer, order)


def _where(question: Question) -> dict[UsageDimension, str]:
    found: dict[UsageDimension, str] = {}
    provider, models = PROVIDER.search(question.text), MODEL.findall(question.text)
    if len(dict.fromkeys(models)) == 1:
        found[UsageDimension.MODEL] = models[0].lower()
    elif provider and not models and len(PROVIDER.findall(question.text)) == 1:
        found[UsageDimension.PROVIDER] = PROVIDERS[provider[1].lower()]
    if environment := question.value(EntityType.ENVIRONMENT):
        found[UsageDimension.ENVIRONMENT] = environment
    return found
