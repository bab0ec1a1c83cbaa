"""The calls of language models of the demo's shop: the same whenever they are asked for, and the story shows where it should."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.ports.usage import CallOrder, CallsAsked, Usage, UsageDimension, UsageMetric
from integrations.http import Reach
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.engine.calls import NUMBERS, SECOND, TEXTS, Calls
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.tokens import Access
from integrations.observability.shop.models import DEARER, MODELS, ORG, PROJECT, ShopModels
from integrations.observability.shop.world import HOUR, KEPT, Shop
from tests.contract.observatory_calls import SECRET, quickly

NOW = 1_795_610_000.0
"""2026-11-25, a Wednesday, 12:33 UTC."""
END = datetime.fromtimestamp(NOW, UTC)
MODEL, ENVIRONMENT = UsageDimension.MODEL, UsageDimension.ENVIRONMENT


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(scope="module")
def models() -> ShopModels:
    return ShopModels(Shop(lambda: NOW))


@pytest.fixture
async def client(models: ShopModels) -> AsyncIterator[ObservatoryClient]:
    access = Access(SECRET, ORG, projects=(PROJECT,))
    async with (
        ObservatoryFake(models, secret=SECRET, now=lambda: NOW) as fake,
        ObservatoryClient(Reach(fake.url), access, now=lambda: NOW) as made,
    ):
        yield made


def between(models: ShopModels, start: float, end: float) -> Calls:
    return models.calls(int(start * SECOND), int(end * SECOND))


def test_the_same_moment_answers_the_same_whenever_it_is_asked_for(models: ShopModels) -> None:
    clock = [NOW]
    shop = Shop(lambda: clock[0])
    later = ShopModels(shop)
    clock[0] = NOW + 3 * HOUR
    sooner, again = (between(each, NOW - HOUR, NOW) for each in (models, later))
    assert len(sooner) > 100
    for name in ("ts", *NUMBERS, *TEXTS):
        np.testing.assert_array_equal(sooner.column(name), again.column(name))
    assert len(between(later, NOW, NOW + HOUR)) > 100
    assert len(between(models, NOW, NOW + HOUR)) == 0, "nothing is known of the future"
    assert len(between(models, NOW - 2 * KEPT, NOW - KEPT - 25 * HOUR)) == 0


def test_calls_are_such_as_could_be(models: ShopModels) -> None:
    calls = between(models, NOW - 6 * HOUR, NOW)
    failed = calls.column("status_code") == "ERROR"
    prompt, ttft, duration, cost = (
        calls.column(name) for name in ("prompt_tokens", "ttft_ms", "duration_ms", "total_cost_usd")
    )
    assert 0.004 < failed.mean() < 0.03
    assert set(calls.column("error_message")[failed]) <= {
        "rate limit exceeded",
        "context length exceeded",
        "upstream timed out",
    }
    assert (np.isnan(prompt) == failed).all()
    assert (np.isnan(cost) == failed).all()
    assert (ttft[~failed] < duration[~failed]).all()
    assert set(calls.column("service_name")) == {"search", "notifications"}
    assert set(calls.column("environment")) == {"production", "staging"}
    assert {(one.provider, one.name) for one in MODELS} == set(
        zip(calls.column("provider"), calls.column("model"), strict=True)
    )
    prices = {one.name: one for one in MODELS}
    for place in np.flatnonzero(~failed)[:50]:
        one = calls.written(int(place))
        model = prices[one["model"]]
        wanted = (one["prompt_tokens"] * model.prompt + one["completion_tokens"] * model.completion) / 1e6
        assert one["total_cost_usd"] == pytest.approx(wanted, abs=1e-8)


async def test_search_has_become_dearer(client: ObservatoryClient) -> None:
    hours = END.replace(minute=0, second=0)
    cost = await client.over(
        Usage(UsageMetric.COST, timedelta(hours=1), {ENVIRONMENT: "production"}), hours - timedelta(hours=8), hours
    )
    values = [value for _, value in cost.series[0].points]
    assert len(values) == 8
    assert values[-1] > 3 * max(values[:5])
    switched = END - timedelta(seconds=DEARER)
    usage = Usage(UsageMetric.REQUESTS, timedelta(minutes=1), {ENVIRONMENT: "production"}, (MODEL,))
    before = await client.over(usage, switched - timedelta(hours=1), switched - timedelta(minutes=1))
    after = await client.over(usage, switched + timedelta(minutes=1), END)
    asked = [{one.labels["model"]: sum(v for _, v in one.points) for one in each.series} for each in (before, after)]
    assert asked[0]["gpt-4o-mini"] > 8 * asked[0]["gpt-4o"]
    assert asked[1]["gpt-4o"] > 4 * asked[1]["gpt-4o-mini"]


async def test_calls_by_night_are_fewer(client: ObservatoryClient) -> None:
    day = END.replace(hour=0, minute=0, second=0)
    found = await client.over(Usage(UsageMetric.REQUESTS, timedelta(hours=1)), day - timedelta(days=1), day)
    values = [value for _, value in found.series[0].points]
    assert len(values) == 24
    assert max(values) > 3 * min(values)


async def test_the_dearest_calls_have_traces_of_their_own(client: ObservatoryClient) -> None:
    found = await client.calls(CallsAsked(order=CallOrder.DEAREST), END - timedelta(hours=1), END, limit=5)
    assert {one.model for one in found.calls} == {"gpt-4o"}
    costs = [one.cost or 0 for one in found.calls]
    assert costs == sorted(costs, reverse=True)
    trace = await client.trace(found.calls[0].trace)
    assert trace is not None
    assert [one.name for one in trace.spans] == ["rewrite query", "answer question"]
    assert [one.parent for one in trace.spans] == ["", ""]


async def test_what_is_summed_up_and_what_is_told_one_by_one_agree(client: ObservatoryClient) -> None:
    start, end = (END.replace(minute=minute, second=0) for minute in (10, 20))
    counted = await client.over(Usage(UsageMetric.COST, timedelta(minutes=5)), start, end)
    told = await client.calls(CallsAsked(), start, end, limit=1000)
    total = sum(value for _, value in counted.series[0].points)
    assert total == pytest.approx(sum(one.cost or 0 for one in told.calls))
