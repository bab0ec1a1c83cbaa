"""Single calls and traces of LLM-Observatory: what is asked for, what is read of it, page by page, and what never is."""

import dataclasses
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from core.errors import UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Span
from core.ports.usage import CallOrder, CallsAsked, ModelCall, UsageDimension
from integrations.http import Reach
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.engine.calls import RecordedCalls
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.tokens import Access
from tests.contract.observatory_calls import (
    ACCESS,
    ANSWER,
    CALLS,
    END,
    KEY,
    NOW,
    ORG,
    PROMPT,
    SECRET,
    START,
    call,
    quickly,
    source,
)
from tests.contract.observatory_replies import reply

PROVIDER, MODEL, ENVIRONMENT, STATUS = UsageDimension


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(params=["as declared", "as shipped"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(
        source(), secret=SECRET, shipped=request.param == "as shipped", now=lambda: NOW
    ) as service:
        yield service


@pytest.fixture
async def fake() -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(source(), secret=SECRET, now=lambda: NOW) as service:
        yield service


@pytest.fixture
async def client(fake: ObservatoryFake) -> AsyncIterator[ObservatoryClient]:
    async with open_client(fake) as made:
        yield made


def open_client(service: ObservatoryFake, access: Access = ACCESS) -> ObservatoryClient:
    return ObservatoryClient(Reach(service.url, read=5.0), access, now=lambda: NOW)


def numbers(calls: tuple[ModelCall, ...]) -> list[int]:
    return [int(one.span.removeprefix("s-")) for one in calls]


async def test_both_forms_give_calls_and_traces_or_say_why_not(either: ObservatoryFake) -> None:
    async with open_client(either) as client:
        if either.shipped:
            for asking in (client.calls(CallsAsked(), START, END), client.trace("t-0")):
                with pytest.raises(UpstreamUnavailable, match="Auth context") as refused:
                    await asking
                assert "single calls" in refused.value.hint
        else:
            assert numbers((await client.calls(CallsAsked(), START, END)).calls) == [
                11,
                10,
                9,
                8,
                7,
                6,
                5,
                4,
                3,
                2,
                1,
                0,
            ]
            trace = await client.trace("t-0")
            assert trace is not None
            assert len(trace.spans) == 3


async def test_calls_are_found_and_ordered(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    for asked, wanted in (
        (CallsAsked(order=CallOrder.SLOWEST), [4, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0]),
        (CallsAsked(order=CallOrder.DEAREST), [9, 8, 6, 5, 3, 2, 1, 0]),
        (CallsAsked(order=CallOrder.MOST_TOKENS), [9, 8, 6, 5, 3, 2, 1, 0]),
        (CallsAsked({STATUS: "ERROR"}), [10, 7, 4]),
        (CallsAsked({STATUS: "UNSET"}), [9]),
        (CallsAsked({PROVIDER: "anthropic"}), [9, 8, 3]),
        (CallsAsked({MODEL: "gpt-4o-mini", ENVIRONMENT: "staging"}), [10]),
        (CallsAsked(longer_than=timedelta(seconds=1.3)), [11, 10, 9, 8, 4]),
        (CallsAsked(dearer_than=0.009), [9, 8, 6]),
        (CallsAsked(dearer_than=0.0085, order=CallOrder.SLOWEST), [9, 8, 6]),
    ):
        found = await client.calls(asked, START, END)
        assert numbers(found.calls) == wanted, asked
        assert not found.truncated
    filters = {"provider", "model", "environment", "status", "min_duration", "min_cost", "project_id"}
    honoured = filters | {"from", "to", "limit", "sort_by", "sort_order"}
    assert {path for path, _ in fake.asked} == {"/api/v1/traces"}
    assert all(query.keys() <= honoured for _, query in fake.asked)


async def test_lists_that_are_kept_are_not_taken_for_others(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    """The service keeps a list by its window and its filters, and not by its order."""
    newest = await client.calls(CallsAsked(), START, END, limit=3)
    assert numbers(newest.calls) == [11, 10, 9]
    assert newest.truncated
    assert numbers((await client.calls(CallsAsked(order=CallOrder.SLOWEST), START, END, limit=3)).calls) == [4, 11, 10]
    assert numbers((await client.calls(CallsAsked(order=CallOrder.DEAREST), START, END, limit=3)).calls) == [9, 8, 6]
    assert len({query["from"][:23] for _, query in fake.asked}) == 1, "they differ by nanoseconds"


async def test_a_call_has_what_is_known_of_it_in_seconds(client: ObservatoryClient) -> None:
    found = (await client.calls(CallsAsked(), START, END)).calls
    assert found[-2] == ModelCall(
        START + timedelta(minutes=1),
        "t-0",
        "s-1",
        "openai",
        "gpt-4o",
        "chat",
        "llm.chat",
        "production",
        200,
        50,
        0.004,
        0.6,
        0.11,
    )
    failed = found[-5]
    assert (failed.failed, failed.cost, failed.prompt_tokens, failed.ttft) == (True, None, None, None)


async def test_neither_texts_nor_secrets_come_out(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    found = await client.calls(CallsAsked(), START, END)
    traces = [await client.trace(f"t-{number}") for number in (0, 4)]
    fake.broken = reply("traces")
    recorded = await client.calls(CallsAsked(), START, END)
    said = repr((found, traces, recorded))
    assert PROMPT not in said
    assert ANSWER not in said
    assert KEY not in said
    assert found.calls[-5].error.startswith("upstream timed out with key sk-ant")
    failed = traces[1]
    assert failed is not None
    assert failed.spans[0].attributes["exception.message"] == found.calls[-5].error


async def test_a_recorded_reply_is_read(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    fake.broken = reply("traces")
    one, bare = (await client.calls(CallsAsked(), START, END)).calls
    assert one.at.isoformat() == "2026-02-01T10:00:00.123456+00:00"
    assert (one.cost, one.duration, one.ttft, one.prompt_tokens, one.failed) == (0.009, 0.82, 0.21, 100, False)
    assert dataclasses.replace(bare, at=one.at) == ModelCall(one.at, "t-2", "s-2", "openai", "gpt-4o")


async def test_the_limit_stays_within_what_the_service_takes(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    for limit in (0, 5000):
        await client.calls(CallsAsked(), START, END, limit=limit)
    assert [query["limit"] for _, query in fake.asked] == ["1", "1000"]


async def test_calls_of_several_projects_are_put_together() -> None:
    given = [{**one, "project_id": "p" if number % 2 else "q"} for number, one in enumerate(CALLS)]
    async with ObservatoryFake(RecordedCalls(given), secret=SECRET, now=lambda: NOW) as service:
        async with open_client(service, Access(SECRET, ORG, projects=("p", "q"))) as client:
            assert numbers((await client.calls(CallsAsked(), START, END)).calls) == list(range(11, -1, -1))
            slowest = await client.calls(CallsAsked(order=CallOrder.SLOWEST), START, END, limit=3)
            assert (numbers(slowest.calls), slowest.truncated) == ([4, 11, 10], True)
        async with open_client(service, Access(SECRET, ORG)) as client:
            with pytest.raises(UpstreamRejected) as refused:
                await client.calls(CallsAsked(), START, END)
            assert "observatory.projects" in refused.value.hint
        async with open_client(service, Access(SECRET, ORG, role="admin")) as client:
            assert len((await client.calls(CallsAsked(), START, END)).calls) == 12


async def test_a_trace_has_its_calls_as_spans(client: ObservatoryClient) -> None:
    trace = await client.trace("t-0")
    assert trace is not None
    assert [(one.id, one.parent) for one in trace.spans] == [("s-0", ""), ("s-1", "s-0"), ("s-2", "")]
    assert trace.spans[1] == Span(
        "s-1",
        "s-0",
        "chat",
        "llm.chat",
        START.timestamp() + 60,
        0.6,
        attributes={
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": "200",
            "gen_ai.usage.output_tokens": "50",
            "cost_usd": "0.004",
            "time_to_first_token_seconds": "0.11",
            "deployment.environment": "production",
        },
    )
    assert await client.trace("none") is None
    assert await client.trace("") is None
    assert await client.trace("t-99") is None, "that is another organisation's"


@pytest.mark.parametrize(("count", "requests"), [(100, 1), (101, 2), (1300, 10)])
async def test_a_long_trace_is_read_page_by_page(count: int, requests: int) -> None:
    """Some calls begin in the same nanosecond, some have no unlike ids but those of their spans."""
    given = [call(n % 12, (n // 3) * 0.05, "openai/gpt-4o", trace_id="long", span_id=f"s-{n:04}") for n in range(count)]
    async with (
        ObservatoryFake(RecordedCalls(given), secret=SECRET, now=lambda: NOW) as service,
        open_client(service) as client,
    ):
        trace = await client.trace("long")
        assert trace is not None
        assert [one.id for one in trace.spans] == [f"s-{n:04}" for n in range(count)][-1000:]
        assert [path for path, _ in service.asked] == ["/api/v1/traces/search"] * requests


async def test_a_cursor_that_never_ends_is_not_followed_for_ever(
    fake: ObservatoryFake, client: ObservatoryClient
) -> None:
    one: Mapping[str, Any] = {
        "ts": "2026-02-01T10:00:00Z",
        "trace_id": "t",
        "span_id": "s",
        "provider": "openai",
        "model": "x",
    }
    fake.broken = web.json_response({"data": [one], "pagination": {"cursor": "x", "has_more": True}})
    trace = await client.trace("t")
    assert trace is not None
    assert len(trace.spans) == 1
