"""The client of Jaeger against its fake: what of TraceQL it can answer, what it refuses, and whatever can go wrong."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.ports.telemetry import Span
from core.query.translation import QueryRefused
from integrations.http import Reach
from integrations.observability.jaeger.client import JaegerClient
from integrations.observability.jaeger.fake import JaegerFake
from tests.contract.traces import END, START, id_of, source


@pytest.fixture
async def fake() -> AsyncIterator[JaegerFake]:
    async with JaegerFake(source(), now=END.timestamp) as service:
        yield service


@pytest.fixture
async def client(fake: JaegerFake) -> AsyncIterator[JaegerClient]:
    async with JaegerClient(Reach(fake.url, read=2.0)) as made:
        yield made


@pytest.mark.parametrize(
    ("query", "traces"),
    [
        ('{ resource.service.name = "checkout" }', [0, 1, 2, 3, 4, 5]),
        ('{ resource.service.name = "checkout" && duration > 300ms }', [2, 3, 4]),
        ('{ resource.service.name = "checkout" && duration >= 400ms && duration < 1s }', [2, 3]),
        ('{ resource.service.name = "checkout" && status = error }', [4, 5]),
        ('{ resource.service.name = "web" && name = "GET /basket" }', [2]),
        ('{ resource.service.name = "web" && span.http.route = "/basket" }', [2]),
        ('{ resource.service.name = "web" && span.http.status_code = 500 }', [4, 5]),
        ('{ resource.service.name = "checkout" && span.retried = true }', [0, 2, 4]),
        ('{ resource.service.name = "web" && resource.deployment.environment = "staging" }', []),
        ('{ trace:id = "00000000000000000000000000000003" }', [2]),
        ('{ trace:id = "99" }', []),
    ],
)
async def test_what_it_can_answer_is_found(client: JaegerClient, query: str, traces: list[int]) -> None:
    found = await client.search(query, START, END, limit=100)
    assert sorted(int(one.id, 16) - 1 for one in found.traces) == traces


@pytest.mark.parametrize(
    "query",
    [
        "{ status = error }",
        '{ resource.service.name = "web" || status = error }',
        '{ resource.service.name = "web" } >> { status = error }',
        '{ resource.service.name = "web" } | count() > 2',
        '{ resource.service.name = "web" && traceDuration > 1s }',
        '{ resource.service.name = "web" && span.http.status_code >= 500 }',
        '{ resource.service.name = "web" && span.http.route =~ "/b.*" }',
        '{ resource.service.name != "web" }',
        '{ resource.service.name = "web" && span.user.id = nil }',
        '{ resource.service.name = "web" && resource.service.name = "checkout" }',
        '{ resource.service.name = "web" } | rate()',
    ],
)
async def test_what_it_cannot_answer_is_refused_with_what_it_can(
    fake: JaegerFake, client: JaegerClient, query: str
) -> None:
    fake.broken = 500  # it is not asked at all
    with pytest.raises(QueryRefused) as refused:
        await client.search(query, START, END)
    assert refused.value.hint


async def test_it_makes_no_numbers(client: JaegerClient) -> None:
    with pytest.raises(QueryRefused, match="no numbers"):
        await client.over('{ resource.service.name = "web" } | rate()', START, END, timedelta(minutes=1))


async def test_a_whole_trace_has_its_spans_in_order_with_what_they_say(client: JaegerClient) -> None:
    trace = await client.trace(id_of(5))
    assert trace is not None
    root, checkout, query = trace.spans
    assert root == Span(
        root.id,
        "",
        "web",
        "GET /cart",
        START.timestamp() + 240,
        1.62,
        failed=True,
        attributes={
            "service.version": "1.4.0",
            "http.route": "/cart",
            "http.status_code": "500",
            "span.kind": "server",
            "error": "true",
            "otel.status_code": "ERROR",
        },
    )
    assert (checkout.parent, query.parent) == (root.id, checkout.id)
    assert query.attributes["exception.message"] == "the pool is exhausted"
    assert await client.trace("9999") is None
    assert await client.trace("../services") is None


async def test_a_summary_says_how_it_began_and_how_long_it_took(client: JaegerClient) -> None:
    found = await client.search('{ resource.service.name = "checkout" && duration > 1s }', START, END)
    (one,) = found.traces
    assert (one.service, one.name, one.duration, one.matched) == ("web", "GET /cart", pytest.approx(1.62), 1)


async def test_it_tells_services_and_operations_and_no_attributes(client: JaegerClient) -> None:
    tags = await client.tags()
    assert tags.services == {"web", "checkout", "orders-db"}
    assert "POST /checkout" in tags.operations
    assert tags.attributes is None


async def test_a_reply_as_the_server_writes_it_is_read(fake: JaegerFake, client: JaegerClient) -> None:
    """With followers, tags of every type and fields of logs, after the project's own example of its JSON."""
    spans = [
        {
            "traceID": "abc0",
            "spanID": "abc0",
            "operationName": "root",
            "startTime": 1000,
            "duration": 500,
            "processID": "p1",
        },
        {
            "traceID": "abc0",
            "spanID": "123",
            "operationName": "second",
            "references": [{"refType": "FOLLOWS_FROM", "traceID": "abc0", "spanID": "abc0"}],
            "startTime": 1100,
            "duration": 300,
            "tags": [
                {"key": "error", "type": "bool", "value": True},
                {"key": "count", "type": "int64", "value": 123},
                {"key": "share", "type": "float64", "value": 0.5},
            ],
            "logs": [{"timestamp": 1400, "fields": [{"key": "error.object", "type": "string", "value": "broken"}]}],
            "processID": "p2",
        },
    ]
    processes = {"p1": {"serviceName": "one"}, "p2": {"serviceName": "two", "tags": []}}
    fake.broken = web.json_response({"data": [{"traceID": "abc0", "spans": spans, "processes": processes}]})
    trace = await client.trace("abc0")
    assert trace is not None
    first, second = trace.spans
    assert (first.service, first.parent, first.failed) == ("one", "", False)
    assert (second.service, second.parent, second.failed, second.duration) == ("two", "abc0", True, 0.0003)
    assert second.attributes == {"error": "true", "count": "123", "share": "0.5", "exception.message": "broken"}


@pytest.mark.parametrize(
    "body", [[], {"data": 7}, {"data": [{}]}, {"data": [{"spans": [{}], "processes": {}}]}, {"data": [3]}]
)
async def test_an_answer_that_cannot_be_read_is_said_to_be_one(
    fake: JaegerFake, client: JaegerClient, body: object
) -> None:
    fake.broken = web.json_response(body)
    with pytest.raises(UpstreamProtocolError):
        await client.trace("1")
    with pytest.raises(UpstreamProtocolError):
        await client.search('{ resource.service.name = "web" }', START, END)


async def test_its_refusals_are_said_in_its_words(fake: JaegerFake, client: JaegerClient) -> None:
    fake.broken = 401
    with pytest.raises(UpstreamRejected):
        await client.tags()
