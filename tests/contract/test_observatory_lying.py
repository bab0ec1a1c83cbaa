"""Whatever LLM-Observatory answers, its clients give a value or say that it broke its contract: never another error."""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UpstreamError, UpstreamProtocolError
from core.ports.usage import CallsAsked, Usage, UsageDimension, UsageMetric
from integrations.http import Reach
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.tokens import Access
from integrations.observability.observatory.unified import UnifiedClient
from tests.contract.observatory_calls import ACCESS, quickly

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
HOUR = timedelta(hours=1)
KEYS = (
    "data", "pagination", "cursor", "has_more", "timestamp", "ts", "trace_id", "span_id", "parent_span_id", "provider", "model", "status_code",
    "error_message", "prompt_tokens", "total_cost_usd", "avg_duration_ms", "request_count", "error_count", "duration_ms", "ttft_ms",
    "time_series", "error_rate", "avg_latency_ms", "status", "ready", "violations", "slo_id", "name", "severity", "detected_at",
    "error", "message", "code",
)  # fmt: skip
"""That the clients look at."""
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.just(10**400),
    st.floats(),
    st.sampled_from(
        ["success", "ERROR", "", "x", "1", "nan", "1e999", "\ud800", "2026-03-10T12:00:00Z", "2026-03-10T12:00:00.123456789Z", "2026-03-10",
         "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "healthy", "accepted"]
    ),
)  # fmt: skip
ANSWERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)),
    max_leaves=20,
)
CALL = st.fixed_dictionaries(
    {"ts": st.just("2026-03-10T12:00:00Z"), "trace_id": LEAVES, "span_id": LEAVES, "provider": LEAVES, "model": LEAVES},
    optional=dict.fromkeys(
        ("duration_ms", "total_cost_usd", "prompt_tokens", "error_message", "parent_span_id"), LEAVES
    ),
)
POINT = st.fixed_dictionaries(
    {"timestamp": st.just("2026-03-10T12:00:00Z") | LEAVES},
    optional=dict.fromkeys(
        ("request_count", "error_count", "total_cost_usd", "avg_duration_ms", "error_rate", "avg_latency_ms", "model"),
        LEAVES,
    ),
)
FRAMED = st.one_of(
    st.fixed_dictionaries(
        {
            "data": st.lists(CALL | POINT | ANSWERS, max_size=4),
            "pagination": ANSWERS,
            "time_series": st.lists(POINT, max_size=4),
        }
    ),
    st.fixed_dictionaries({"violations": st.lists(ANSWERS, max_size=4)}),
    ANSWERS,
)
"""Random ones hardly ever have the frame that lets a client look further."""
STATUSES = st.sampled_from([200, 200, 200, 200, 202, 204, 400, 401, 403, 404, 409, 415, 422, 429, 500, 503])
RAW = st.sampled_from(
    [
        b"",
        b"{",
        b"[1",
        b"Failed to deserialize query string",
        b"\xff\xfe",
        b"[" * 3000,
        b"null",
        b'{"data": 1' + b"0" * 5000 + b"}",
    ]
)


USAGES = tuple(
    Usage(metric, HOUR, by=by)
    for metric in (UsageMetric.COST, UsageMetric.ERROR_RATE, UsageMetric.DURATION)
    for by in ((), (UsageDimension.MODEL,))
)
Ask = Callable[[ObservatoryClient], Awaitable[object]]
OTHERS: tuple[Ask, ...] = (
    lambda client: client.calls(CallsAsked(), START, END),
    lambda client: client.trace("t"),
    ObservatoryClient.healthy,
    ObservatoryClient.access,
)
IN_PUBLIC = tuple(Usage(metric, HOUR) for metric in (UsageMetric.REQUESTS, UsageMetric.DURATION, UsageMetric.ERRORS))


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly(attempts=1):
        yield


async def ask_everything(response: httpx.Response) -> list[UpstreamError]:
    """Of all clients; what they raised."""
    raised: list[UpstreamError] = []
    reach = Reach("http://127.0.0.1:1")
    with respx.mock(assert_all_called=False) as service:
        service.route().mock(return_value=response)
        for access, asking in ((ACCESS, [*map(_over, USAGES), *OTHERS]), (Access(), [*map(_over, IN_PUBLIC)])):
            # The breaker of one client would open; each question has its own.
            for ask in asking:
                async with ObservatoryClient(reach, access) as client:
                    raised += await _raised(ask(client))
        for tell in (UnifiedClient.violations, UnifiedClient.ready, _observe):
            async with UnifiedClient(reach) as unified:
                raised += await _raised(tell(unified))
    return raised


def _over(usage: Usage) -> Ask:
    return lambda client: client.over(usage, START, END)


async def _observe(client: UnifiedClient) -> None:
    await client.observe("a", "b", "c", START, {})


async def _raised(answer: Awaitable[object]) -> list[UpstreamError]:
    try:
        await answer
    except UpstreamError as error:
        return [error]
    return []


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(answer=FRAMED, status=STATUSES)
async def test_any_answer_is_read_or_refused(answer: object, status: int) -> None:
    await ask_everything(httpx.Response(status, content=json.dumps(_plain(answer))))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    content=RAW | st.binary(max_size=40), status=STATUSES, kind=st.sampled_from(["text/plain", "application/json", ""])
)
async def test_what_is_no_json_is_read_or_refused(content: bytes, status: int, kind: str) -> None:
    await ask_everything(httpx.Response(status, content=content, headers={"Content-Type": kind}))


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"timestamp": "2026-03-10T12:00:00Z", "total_cost_usd": 10**400}]},
        {"data": [{"timestamp": "2026-03-10T12:00:00Z", "total_cost_usd": True}]},
        {"data": [{"timestamp": "0001-01-01T00:00:00+23:59", "total_cost_usd": 1}]},
        {"data": [{"timestamp": "2026-03-10T12:00:00", "total_cost_usd": 1}]},
        {"data": [{"total_cost_usd": 1}]},
        {"data": [7]},
        {"data": None},
        [],
    ],
    ids=str,
)
async def test_an_answer_that_cannot_be_read_is_said_to_be_one(answer: object) -> None:
    with respx.mock() as service:
        service.route().mock(return_value=httpx.Response(200, content=json.dumps(answer)))
        async with ObservatoryClient(Reach("http://127.0.0.1:1"), ACCESS) as client:
            with pytest.raises(UpstreamProtocolError):
                await client.over(USAGES[0], START, END)


def _plain(answer: object) -> object:
    """Infinities and NaN as strings: JSON has none."""
    if isinstance(answer, float):
        return str(answer)
    if isinstance(answer, list):
        return list(map(_plain, answer))
    return {key: _plain(value) for key, value in answer.items()} if isinstance(answer, dict) else answer
