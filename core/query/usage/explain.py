"""What a question about calls of language models asks, in one sentence."""

from collections.abc import Mapping

from core.ports.usage import CallOrder, CallsAsked, UsageDimension, UsageMetric
from core.query.usage.model import Totals

NAMES: Mapping[UsageMetric, str] = {
    UsageMetric.REQUESTS: "calls",
    UsageMetric.DURATION: "mean duration",
    UsageMetric.COST: "cost",
    UsageMetric.PROMPT_COST: "cost of prompts",
    UsageMetric.COMPLETION_COST: "cost of completions",
    UsageMetric.TOKENS: "tokens",
    UsageMetric.PROMPT_TOKENS: "prompt tokens",
    UsageMetric.COMPLETION_TOKENS: "completion tokens",
    UsageMetric.ERRORS: "failed calls",
    UsageMetric.SUCCESSES: "calls that succeeded",
    UsageMetric.ERROR_RATE: "share of calls that failed",
    UsageMetric.SUCCESS_RATE: "share of calls that succeeded",
    UsageMetric.TTFT: "mean time to the first token",
    UsageMetric.USERS: "distinct users",
    UsageMetric.SESSIONS: "distinct sessions",
}
_ORDERS: Mapping[CallOrder, str] = {
    CallOrder.NEWEST: "newest",
    CallOrder.SLOWEST: "slowest",
    CallOrder.DEAREST: "dearest",
    CallOrder.MOST_TOKENS: "largest, by tokens,",
}
_DIMENSIONS: Mapping[UsageDimension, str] = {
    UsageDimension.PROVIDER: "provider",
    UsageDimension.MODEL: "model",
    UsageDimension.ENVIRONMENT: "environment",
    UsageDimension.STATUS: "status",
}
_STATUSES = {"ERROR": "that failed", "OK": "that succeeded", "UNSET": "of unknown outcome"}


def explain(query: Totals | CallsAsked) -> str:
    """A sentence."""
    match query:
        case Totals(metric, where, by):
            of = "" if metric in (UsageMetric.REQUESTS, UsageMetric.ERRORS, UsageMetric.SUCCESSES) else " of calls"
            apart = f", by {' and '.join(_DIMENSIONS[one] for one in by)}" if by else ""
            text = f"{NAMES[metric]}{of} of language models{_named(where)}{apart}."
        case CallsAsked():
            bounds = [f"longer than {query.longer_than.total_seconds():g} s"] if query.longer_than is not None else []
            bounds += [f"dearer than {query.dearer_than:g} $"] if query.dearer_than is not None else []
            limits = f", {' and '.join(bounds)}" if bounds else ""
            text = f"the {_ORDERS[query.order]} calls of language models{_named(query.where)}{limits}."
    return text[0].upper() + text[1:]


def title(query: Totals | CallsAsked) -> str:
    """In a few words: "cost · gpt-4o · by model"."""
    match query:
        case Totals(metric, where, by):
            parts = [NAMES[metric], *where.values()]
            parts += [f"by {' and '.join(_DIMENSIONS[one] for one in by)}"] if by else []
        case CallsAsked(where=where):
            outcome = f" {_STATUSES[where[UsageDimension.STATUS]]}" if UsageDimension.STATUS in where else ""
            first = f"{_ORDERS[query.order]} calls of language models".replace(",", "")
            parts = [first + outcome, *(value for name, value in where.items() if name is not UsageDimension.STATUS)]
    return " · ".join(parts)


def _named(where: Mapping[UsageDimension, str]) -> str:
    parts = [f"{_DIMENSIONS[name]} {value}" for name, value in where.items() if name is not UsageDimension.STATUS]
    outcome = f" {_STATUSES[where[UsageDimension.STATUS]]}" if UsageDimension.STATUS in where else ""
    return (f" ({', '.join(parts)})" if parts else "") + outcome
