"""The client of Tempo against its fake: searches, whole traces, numbers, refusals, and whatever can go wrong with the service."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from core.errors import UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Span
from integrations.http import Reach
from integrations.observability.tempo.client import TempoClient
from integrations.observability.tempo.fake import TempoFake
from tests.contract.traces import END, START, id_of, source

STEP = timedelta(minutes=1)


@pytest.fixture
async def fake() -> AsyncIterator[TempoFake]:
    async with TempoFake(source(), now=END.timestamp) as service:
        yield service


@pytest.fixture
async def client(fake: TempoFake) -> AsyncIterator[TempoClient]:
    async with TempoClient(Reach(fake.url, read=2.0)) as made:
        yield made


async def found(client: TempoClient, query: str, limit: int = 100) -> list[int]:
    """Numbers of the traces that a query finds."""
    return sorted(int(one.id, 16) - 1 for one in (await client.search(query, START, END, limit=limit)).traces)


@pytest.mark.parametrize(
    ("query", "traces"),
    [
        ('{ resource.service.name = "checkout" }', [0, 1, 2, 3, 4, 5]),
        ('{ resource.service.name = "nobody" }', []),
        ('{ resource.service.name = "checkout" && duration > 300ms }', [2, 3, 4]),
        ('{ resource.service.name = "checkout" && duration >= 400ms && duration < 1s }', [2, 3]),
        ("{ status = error }", [4, 5]),
        ("{ status != error }", [0, 1, 2, 3]),
        ("{ span.http.status_code >= 500 }", [4, 5]),
        ('{ span.http.route = "/basket" }', [2]),
        ('{ span.http.route != "/cart" }', [2]),
        ('{ span.http.route =~ "/b.*" }', [2]),
        ('{ span.http.route !~ "/b.*" }', [0, 1, 3, 4, 5]),
        ("{ span.retried = true && duration > 300ms }", [2, 4]),
        ('{ name = "SELECT orders" && duration > 300ms }', [3, 4]),
        ('{ event.exception.type = "PoolTimeout" }', [4, 5]),
        ('{ statusMessage = "the pool is exhausted" }', [4, 5]),
        ('{ span.db.system != nil && duration > 500ms }', [4]),
        ('{ kind = server && status = error && resource.service.name = "web" }', [4, 5]),
        ('{ rootServiceName = "web" && rootName = "GET /basket" }', [2]),
        ("{ traceDuration > 1s }", [4]),
        ('{ trace:id = "00000000000000000000000000000003" }', [2]),
        ('{ resource.service.name = "web" } >> { span.db.system = "postgresql" && duration > 300ms }', [3, 4]),
        ('{ resource.service.name = "web" } > { name = "SELECT orders" }', []),
        ('{ resource.service.name = "web" } > { resource.service.name = "checkout" && status = error }', [4, 5]),
        ('{ name = "SELECT orders" && status = error } << { resource.service.name = "web" }', [4, 5]),
        ('{ span.http.route = "/cart" } && { name = "SELECT orders" && duration > 300ms }', [3, 4]),
        ('{ span.http.route = "/basket" } || { duration > 1s }', [2, 4]),
        ('{ resource.service.name = "web" } !>> { status = error }', [4, 5]),
        ("{ status = error } | count() > 2", [4, 5]),
        ("{ duration > 300ms } | count() = 3", [3, 4]),
        ("{ span.db.system != nil } | avg(duration) > 150ms", [2, 3, 4]),
        ('{ resource.service.name =~ ".+" } | by(resource.service.name) | max(duration) > 1s', [4]),
        ('{ resource.service.name = "web" } | select(span.http.route)', [0, 1, 2, 3, 4, 5]),
    ],
)  # fmt: skip
async def test_traces_are_found_by_what_the_query_says(client: TempoClient, query: str, traces: list[int]) -> None:
    assert await found(client, query) == traces


async def test_a_summary_says_how_it_began_how_long_it_took_and_how_many_spans_match(client: TempoClient) -> None:
    one, *_ = (
        await client.search('{ name = "GET /basket" } || { span.db.system != nil && duration = 200ms }', START, END)
    ).traces
    assert (one.service, one.name, one.duration, one.matched) == ("web", "GET /basket", 0.42, 2)
    assert one.start == START.timestamp() + 120
    assert one.id == id_of(2 + 1), "whole: the server leaves out leading zeros"


async def test_the_newest_come_first_and_a_limit_is_told(client: TempoClient) -> None:
    all_ = await client.search('{ resource.service.name = "web" }', START, END)
    assert [one.start for one in all_.traces] == sorted((one.start for one in all_.traces), reverse=True)
    assert not all_.truncated
    some = await client.search('{ resource.service.name = "web" }', START, END, limit=4)
    assert (len(some.traces), some.truncated) == (4, True)


async def test_only_the_time_that_was_asked_for_is_searched(client: TempoClient) -> None:
    late = await client.search('{ resource.service.name = "web" }', START + timedelta(minutes=3), END)
    assert len(late.traces) == 3


async def test_a_whole_trace_has_its_spans_in_order_with_what_they_say(client: TempoClient) -> None:
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
        attributes={"service.version": "1.4.0", "http.route": "/cart", "http.status_code": "500"},
    )
    assert (checkout.parent, query.parent) == (root.id, checkout.id)
    assert query.attributes["exception.type"] == "PoolTimeout"
    assert query.attributes["status.message"] == "the pool is exhausted"
    assert len(root.id) == 16, "hexadecimal, though the server writes base64"


async def test_a_trace_is_found_by_the_id_that_the_search_gave(client: TempoClient) -> None:
    one, *_ = (await client.search("{ traceDuration > 1s }", START, END)).traces
    assert await client.trace(one.id) is not None


@pytest.mark.parametrize("id_", ["00000000000000000000000000009999", "no id", "../../api/echo", ""])
async def test_no_trace_is_none(client: TempoClient, id_: str) -> None:
    assert await client.trace(id_) is None


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("{ status = error } | count_over_time()", {(): [0, 0, 0, 0, 3, 3, 0, 0, 0, 0]}),
        ('{ resource.service.name = "web" } | rate()', {(): [1 / 60] * 6 + [0] * 4}),
        (
            "{ status = error } | count_over_time() by (resource.service.name)",
            {(name,): [0, 0, 0, 0, 1, 1, 0, 0, 0, 0] for name in ("web", "checkout", "orders-db")},
        ),
        ('{ resource.service.name = "checkout" } | max_over_time(duration)', {(): [0.1, 0.2, 0.4, 0.8, 1.6, 0.06]}),
        ('{ name = "SELECT orders" } | avg_over_time(duration)', {(): [0.05, 0.1, 0.2, 0.4, 0.8, 0.03]}),
        (
            "{ duration > 0s } | quantile_over_time(duration, .5) by (resource.service.name) | topk(1)",
            {("web", "0.5"): [0.12, 0.22, 0.42, 0.82, 1.62, 0.08]},
        ),
    ],
)
async def test_numbers_over_time_are_made_of_spans(
    client: TempoClient, query: str, series: dict[tuple[str, ...], list[float]]
) -> None:
    measured = await client.over(query, START, END, STEP)
    got = {tuple(one.labels.values()): [value for _, value in one.points] for one in measured.series}
    assert got == {key: pytest.approx(values) for key, values in series.items()}
    ends = [at for at, _ in measured.series[0].points]
    assert ends[0] == START.timestamp() + 60, "a number stands at the end of what it counts"


async def test_it_tells_what_there_is(client: TempoClient, fake: TempoFake) -> None:
    tags = await client.tags()
    assert tags.services == {"web", "checkout", "orders-db"}
    assert "SELECT orders" in tags.operations
    assert tags.attributes is not None
    assert {"resource.service.name", "span.http.route", "event.exception.type"} <= tags.attributes
    assert "duration" not in tags.attributes
    fake.broken = 500
    assert await client.tags() == tags, "kept for a while"


@pytest.mark.parametrize(
    "query", ["{ status = }", "{ duration > 1s } | compare({ status = error })", "{ status = error } | rate("]
)
async def test_what_the_server_refuses_is_said_in_its_words(client: TempoClient, query: str) -> None:
    with pytest.raises(UpstreamRejected, match="tempo says: "):
        await client.over(query, START, END, STEP)


async def test_ids_in_hexadecimal_are_understood_too(fake: TempoFake, client: TempoClient) -> None:
    """OTLP's JSON has them so, and so have stores that speak Tempo's API."""
    span = {
        "spanId": "00000000000000aa",
        "parentSpanId": base64.b64encode(bytes.fromhex("00000000000000bb")).decode(),
        "name": "x",
        "startTimeUnixNano": "1000000000",
        "endTimeUnixNano": "3000000000",
        "status": {"code": 2},
    }
    body = {"trace": {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}}
    fake.broken = web.json_response(body)
    trace = await client.trace("1")
    assert trace is not None
    assert trace.spans == (Span("00000000000000aa", "00000000000000bb", "", "x", 1.0, 2.0, failed=True),)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"traces": 7},
        {"traces": [{}]},
        {"traces": [{"traceID": "1", "durationMs": "long"}]},
        {"batches": [{"scopeSpans": [{"spans": [{"spanId": "!"}]}]}]},
        {"batches": 1},
        {"series": [{"samples": [{"value": 1}]}]},
        {"series": [7]},
        {"scopes": [{}], "tagValues": [1]},
    ],
)
async def test_an_answer_that_cannot_be_read_is_said_to_be_one(fake: TempoFake, body: object) -> None:
    fake.broken = web.json_response(body)
    failed = 0
    async with TempoClient(Reach(fake.url)) as client:
        for call in (
            client.search("{ status = error }", START, END),
            client.trace("1"),
            client.over("{ status = error } | rate()", START, END, STEP),
            client.tags(),
        ):
            try:
                await call
            except UpstreamProtocolError:
                failed += 1
    assert failed >= 1


async def test_a_service_that_is_down_or_wants_a_token_or_a_tenant_is_told(fake: TempoFake) -> None:
    fake.broken = 503
    async with TempoClient(Reach(fake.url)) as client:
        with pytest.raises(UpstreamUnavailable):
            await client.search("{ status = error }", START, END)
    async with TempoFake(source(), token="t", tenant="acme") as closed:
        async with TempoClient(Reach(closed.url, "t")) as client:
            with pytest.raises(UpstreamRejected, match="no org id"):
                await client.tags()
        async with TempoClient(Reach(closed.url, "t", {"X-Scope-OrgID": "acme"})) as client:
            assert (await client.tags()).services
