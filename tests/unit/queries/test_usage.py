"""Questions about calls of language models: what is one, what it asks, how it is written and read back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nlp import entities
from core.ports.usage import CallOrder, CallsAsked, UsageDimension, UsageMetric
from core.query import running
from core.query.translation import Language, QueryRefused, Question
from core.query.usage.explain import explain, title
from core.query.usage.model import Totals, read, show
from core.query.usage.subject import about

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
NAMES = st.text(st.characters(blacklist_categories=["C"]), min_size=1, max_size=40).filter(str.strip)
NAMED = st.sampled_from([UsageDimension.PROVIDER, UsageDimension.MODEL, UsageDimension.ENVIRONMENT])
WHERE = st.dictionaries(NAMED, NAMES, max_size=3)


def translated(text: str) -> str:
    found = entities.find(text, now=NOW)
    return running.translate(Language.USAGE, Question(text, found, NOW)).query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("how much did we spend on gpt-4o today", "metrics?metrics=total_cost&model=gpt-4o"),
        ("llm bill by provider this week", "metrics?metrics=total_cost&group_by=provider"),
        ("which model eats the most money", "metrics?metrics=total_cost&group_by=model"),
        ("tokens per model since this morning", "metrics?metrics=total_tokens&group_by=model"),
        ("output tokens of claude-haiku on staging", "metrics?metrics=completion_tokens&model=claude-haiku&environment=staging"),
        ("average ttft of claude in the last 2h", "metrics?metrics=time_to_first_token&provider=anthropic"),
        ("error rate of anthropic by model", "metrics?metrics=error_rate&provider=anthropic&group_by=model"),
        ("how many llm requests in prod", "metrics?metrics=request_count&environment=production"),
        ("wieviel kosten die llm calls heute pro modell", "metrics?metrics=total_cost&group_by=model"),
        ("slowest llm calls in production last hour", "traces?sort_by=duration_ms&environment=production"),
        ("most expensive prompts today", "traces?sort_by=total_cost_usd"),
        ("which openai calls failed in the last 30 min", "traces?sort_by=ts&provider=openai&status=ERROR"),
        ("show me llm calls over 10s from claude-sonnet-4", "traces?sort_by=duration_ms&model=claude-sonnet-4&min_duration=10000"),
        ("llm calls that cost more than $0.05", "traces?sort_by=total_cost_usd&min_cost=0.05"),
    ],
)  # fmt: skip
def test_sentences(text: str, query: str) -> None:
    assert translated(text) == query


def test_the_window_is_the_one_that_is_named() -> None:
    text = "llm cost in the last 6h"
    made = running.translate(Language.USAGE, Question(text, entities.find(text, now=NOW), NOW))
    assert (made.start, made.end) == (NOW - timedelta(hours=6), NOW)
    assert made.explanation == "Cost of calls of language models."


def test_quantiles_are_refused_with_what_can_be_asked() -> None:
    with pytest.raises(QueryRefused, match="means of durations only") as refused:
        translated("p95 latency of llm calls")
    assert "slowest calls" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "metric", "expected"),
    [
        ("cost today", "cost", True),
        ("aws cost today", "cost", False),
        ("tokens used", "token_usage", True),
        ("how slow is gpt-4o", "latency", True),
        ("errors of anthropic", "error_rate", True),
        ("error rate of checkout", "error_rate", False),
        ("slowest traces through payments", "", False),
        ("auth tokens issued", "", False),
        ("requests to the mistral service", "", False),
    ],
)
def test_what_is_about_models(text: str, metric: str, expected: bool) -> None:
    assert about(text, metric, ("mistral", "checkout")) is expected


@given(
    st.sampled_from(list(UsageMetric)),
    WHERE,
    st.lists(st.sampled_from(list(UsageDimension)), unique=True).map(tuple),
)
def test_totals_are_read_as_they_are_written(
    metric: UsageMetric, where: dict[UsageDimension, str], by: tuple[UsageDimension, ...]
) -> None:
    query = Totals(metric, where, by)
    again = read(show(query))
    assert again == query
    assert explain(again).endswith(".")
    assert title(again)


@given(
    WHERE,
    st.sampled_from(["", "OK", "ERROR", "UNSET"]),
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
    st.sampled_from(list(CallOrder)),
)
def test_calls_are_read_as_they_are_written(
    where: dict[UsageDimension, str], status: str, longer: int | None, dearer: int | None, order: CallOrder
) -> None:
    named = where | ({UsageDimension.STATUS: status} if status else {})
    least = None if longer is None else timedelta(milliseconds=longer)
    query = CallsAsked(named, least, None if dearer is None else dearer / 1000, order)
    again = read(show(query))
    assert again == query
    assert explain(again).startswith("The ")
    assert title(again)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT 1", "no question"),
        ("metrics?metrics=secrets", "“secrets” is nothing"),
        ("metrics?metrics=total_cost&group_by=user_id", "“user_id” is nothing"),
        ("metrics?metrics=total_cost&status=OK", "no parameter “status”"),
        ("metrics?metrics=total_cost&metrics=duration", "twice"),
        ("metrics?metrics=total_cost&provider=", "needs a value"),
        ("metrics?metrics=total_cost&limit=1", "no parameter “limit”"),
        ("traces?sort_by=input_text", "“input_text” is nothing"),
        ("traces?status=error", "“error” is nothing"),
        ("traces?min_duration=1e9", "needs a number"),
        ("traces?search=password", "no parameter “search”"),
        ("", "no question"),
        ("metrics?" + "a" * 2_100, "too long"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(text: str, said: str) -> None:
    with pytest.raises(QueryRefused, match=said) as refused:
        running.read(Language.USAGE, text, "")
    assert refused.value.hint or "needs a" in refused.value.message
