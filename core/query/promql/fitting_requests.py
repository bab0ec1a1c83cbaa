"""Which measure of requests a sentence means: of models, of statuses, of slow ones, of objectives."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from core.query.catalogue import SUBJECTS, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Asked, Filter, Limit
from core.query.promql.phrases import Statistic
from core.query.promql.reading_subjects import KINDS_OF_REQUEST, is_weak
from core.query.promql.said import Said
from core.query.promql.words import Token

_RATE_OF_STATUS = re.compile(
    r"\brate of (?:http |status )?[1-5](?:\d\d|xx)\b|\brate of [1-5](?:\d\d|xx)['’]?s\b", re.IGNORECASE
)


_TAKES = re.compile(r"\b(?:time|how long)\b.{0,40}\b(?:takes?|took|needs?|spends?|dauert)\b", re.IGNORECASE)


_BY_MODEL = {"request_rate": "llm_requests", "latency": "llm_latency"}
"""Only language models are told apart by their names."""


_SLO = re.compile(
    r"\b9\d(?:\.\d{1,4})?\b.{0,20}\b(?:slo|sla|objective|target)\b|\b(?:slo|sla|objective|target)\b.{0,20}\b9\d(?:\.\d{1,4})?\b",
    re.IGNORECASE,
)


_OF_GOOD_ONES = frozenset({"availability", "success_rate"})
"""Shares that leave statuses out themselves; where statuses are named, those count."""


_OF_MODELS = frozenset({"token_usage", "input_tokens", "output_tokens", "cost"})


_TIMES = frozenset({"ms", "s", "m"})


_OF_OBJECTIVES = frozenset({"error_rate", "errors", "availability", "cost", "request_rate", "successes", "latency"})
"""What the words around an objective may name; "burn" is cost elsewhere."""


_BUDGET_PERIOD = timedelta(days=30)
"""Of an error budget where the sentence names no time."""


def of_models(asked: Asked, name: str, said: Said) -> Asked | None:
    """Requests to a model, latency of a provider: only language models are told apart by these."""
    if asked.ratio and name in _OF_MODELS and asked.subjects[1].name == "request_rate":
        return replace(asked, subjects=(asked.subjects[0], SUBJECTS["llm_requests"]))
    if name == "output_tokens" and asked.statistic is None and "throughput" in said.text.lower():
        return replace(asked, statistic=Statistic.RATE)
    kinds = {*asked.groups, *(f.dimension for f in asked.filters)}
    of_models = kinds & {Dimension.MODEL, Dimension.PROVIDER} and Dimension.SERVICE not in kinds
    if name in _BY_MODEL and of_models and kinds <= SUBJECTS[_BY_MODEL[name]].measures[0].source.dimensions:
        return replace(asked, subjects=(SUBJECTS[_BY_MODEL[name]],))
    return None


_NOT_FAILED = re.compile(
    r"\b(?:not|never|n['’]t|dont|didnt|doesnt|wasnt|werent|arent|isnt|without|no|free of|nicht|ohne|sin|no)\b(?: \w{1,12}){0,5}? (?:an? |any )?(?:server |5xx |http )?(?:fail\w*|errors?|errored|erroring|failures?|5xx\w*|exceptions?|fehler\w*|fallar\w*|errores)\b"
    r"|\bn['’]t (?:fail|error)|\berror[- ]free\b|\bnon[- ]?(?:5xx|error|failing|failed)\b|\b(?:went (?:through|fine|well|ok)|(?:go|goes) (?:through )?(?:fine|well|ok))\b",
    re.IGNORECASE,
)
"""Requests that did not fail."""


def of_statuses(asked: Asked, name: str, said: Said) -> Asked | None:
    """A share of the requests with a status is the error rate's formula with that status."""
    of_any = not name or name in ("errors", "error_rate", "request_rate")
    unnamed = not any(f.dimension is Dimension.STATUS for f in asked.filters)
    if asked.share and of_any and unnamed and not asked.ratio and _NOT_FAILED.search(said.text):
        filters = (*asked.filters, Filter(Dimension.STATUS, ("5xx",), negated=True))
        return replace(asked, subjects=(SUBJECTS["error_rate"],), filters=filters, limit=_share_limit(asked))
    statuses = [f for f in asked.filters if f.dimension is Dimension.STATUS]
    left_out = {f.values for f in statuses if f.negated}
    if name in _OF_GOOD_ONES and "availab" in said.text.lower() and left_out == {("5xx",)}:
        return replace(asked, filters=tuple(f for f in asked.filters if f.dimension is not Dimension.STATUS))
    if (
        statuses
        and name in ("errors", "error_rate", *_OF_GOOD_ONES)
        and all(f.negated for f in statuses)
        and _ERRORS.search(said.text)
    ):
        others = tuple(f for f in asked.filters if f.dimension is not Dimension.STATUS)
        codes = tuple(value for f in statuses for value in f.values if value[0] == "5" and value != "5xx")
        left = (Filter(Dimension.STATUS, codes, negated=True, besides=True),) if codes else ()
        if len(codes) == sum(len(f.values) for f in statuses) or not any("5xx" in f.values for f in statuses):
            return replace(asked, filters=(*others, *left))
    of_requests = not name or name in KINDS_OF_REQUEST or name in _OF_GOOD_ONES
    if statuses and not asked.ratio and of_requests and (asked.share or _status_rate(said.words)):
        return replace(asked, subjects=(SUBJECTS["error_rate"],))
    if statuses and _RATE_OF_STATUS.search(said.text):
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    return replace(asked, subjects=(SUBJECTS["errors"],)) if statuses and not name and not asked.metrics else None


_ERRORS = re.compile(
    r"\b(?:error|errors|failures?|failure rate|availability|success rate|success ratio|fehler\w*|errores)\b",
    re.IGNORECASE,
)


def _share_limit(asked: Asked) -> Limit | None:
    """The limit of a share; "no errors" is none."""
    return None if asked.limit and asked.limit.op == "==" and not asked.limit.unit else asked.limit


def of_slow_requests(asked: Asked, name: str, said: Said) -> Asked | None:
    """Requests that took so long are counted; the time that requests take is a latency."""
    part = asked.share and asked.limit is not None and asked.limit.unit in _TIMES and not asked.quantiles
    if name in _OF_GOOD_ONES and asked.limit and asked.limit.unit in _TIMES and not asked.quantiles:
        return replace(asked, subjects=(SUBJECTS["request_rate"],), share=True)
    if name == "latency" and (part or _counts_slow_requests(asked, said.words)):
        return replace(asked, subjects=(SUBJECTS["request_rate"],))
    if name == "request_rate" and asked.statistic is not Statistic.COUNT and _TAKES.search(said.text):
        return replace(asked, subjects=(SUBJECTS["latency"],))
    if name == "error_rate" and asked.limit and asked.limit.unit == "/s":
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    return None


def of_objectives(asked: Asked, name: str, said: Said) -> Asked | None:
    """An error budget is about the error rate; "99.9" is no version."""
    without = tuple(f for f in asked.filters if f.dimension is not Dimension.VERSION)
    if not asked.objective or asked.quantiles or (name and name not in _OF_OBJECTIVES):
        return replace(asked, filters=without) if name in _OF_GOOD_ONES and _SLO.search(said.text) else None
    window = asked.window
    if window.length is None:
        period = window.span or (
            _BUDGET_PERIOD if asked.objective.remaining or _OF_BUDGET_PERIOD.search(said.text) else None
        )
        window = replace(window, length=period)
    return replace(
        asked,
        subjects=(SUBJECTS["error_rate"],),
        filters=without,
        percent=False,
        share=False,
        statistic=None,
        earlier=None,
        forecast=None,
        window=window,
        limit=_of_burning(asked.limit, said.text) if asked.limit else None,
    )


_OF_BUDGET_PERIOD = re.compile(
    r"\bmonthly\b|\b30[- ]day\b|\bhow much\b.*\bbudget\b.*\b(?:used|spent|consumed|gone|eaten|burned|burnt)\b",
    re.IGNORECASE,
)


_FASTER = re.compile(r"\bfaster than\b|\bschneller als\b|\bmás rápido que\b", re.IGNORECASE)


def _of_burning(limit: Limit, text: str) -> Limit:
    """Burning faster is burning more."""
    return replace(limit, unit="", op=limit.op.replace("<", ">") if _FASTER.search(text) else limit.op)


def _counts_slow_requests(asked: Asked, words: Sequence[Token]) -> bool:
    """ "how many requests took longer than 2s" counts requests, though slowness is named as well."""
    if asked.limit is None or asked.limit.unit not in _TIMES or asked.quantiles:
        return False
    found = tuple(phrases.subjects().find(words, loosely=True))
    plainly_latency = any(match.meaning.name == "latency" and not is_weak(words, match) for match in found)
    return any(match.meaning.name == "request_rate" for match in found) and not plainly_latency


def _status_rate(words: Sequence[Token]) -> bool:
    """ "404 rate", like "error rate", is a share."""
    return any(before.text[:1].isdigit() and token.stem == "rate" for before, token in pairwise(words))
