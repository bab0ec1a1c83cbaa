"""The client of Loki against its fake: lines, numbers, refusals, and whatever can go wrong with the service."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from core.errors import UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from integrations.http import Reach
from integrations.observability.loki.client import LokiClient
from integrations.observability.loki.engine.entries import Entry, RecordedLogs
from integrations.observability.loki.fake import LokiFake

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=10)
CHECKOUT = {"service": "checkout", "environment": "production"}
SEARCH = {"service": "search", "environment": "staging"}


def entry(second: int, text: str, labels: dict[str, str] = CHECKOUT) -> Entry:
    return Entry((int(START.timestamp()) + second) * 1_000_000_000, text, labels)


def said(level: str, **fields: object) -> str:
    return json.dumps({"level": level, **fields})


ENTRIES = [
    *(entry(10 * n, said("info", status=200, duration_ms=n)) for n in range(50)),
    *(entry(60 * n + 1, said("error", status=500, msg=f"order {n} lost", took="1.5s")) for n in range(6)),
    entry(5, 'level=warn msg="pool is full" size=20 took=250ms', SEARCH),
    entry(7, "ERROR plain words", SEARCH),
    entry(8, "10.0.0.1 - GET /cart 503 0.4", SEARCH),
]


@pytest.fixture
async def fake() -> AsyncIterator[LokiFake]:
    async with LokiFake(RecordedLogs(ENTRIES), now=END.timestamp) as service:
        yield service


@pytest.fixture
async def client(fake: LokiFake) -> AsyncIterator[LokiClient]:
    async with LokiClient(Reach(fake.url, read=2.0)) as made:
        yield made


async def texts(client: LokiClient, query: str, limit: int = 1000) -> list[str]:
    return [line.text for line in (await client.lines(query, START, END, limit=limit)).lines]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('{service="checkout"}', 56),
        ('{service=~"check.*|search"}', 59),
        ('{service!="checkout"}', 3),
        ('{environment="production"} |= "lost"', 6),
        ('{service="checkout"} != "lost"', 50),
        ('{service=~".+"} |~ "(?i)error"', 7),
        ('{service="checkout"} !~ "info|order [01] "', 4),
        ('{service="checkout"} | json | level="error"', 6),
        ('{service="checkout"} | json | status>=500', 6),
        ('{service="checkout"} | json | duration_ms>40 and status=200', 9),
        ('{service="checkout"} | json | took>1s', 6),
        ('{service="checkout"} | json | level="error" or duration_ms<3', 9),
        ('{service="search"} | logfmt | level="warn"', 1),
        ('{service="search"} | logfmt | took>=250ms', 1),
        ('{service="search"} | json | __error__="JSONParserErr"', 3),
        ('{service="search"} | pattern "<ip> - <method> <path> <status> <_>" | status="503"', 1),
        ('{service="search"} | regexp "(?P<method>GET|POST) (?P<path>\\\\S+)" | path="/cart"', 1),
    ],
)
async def test_lines_are_selected_by_what_the_query_says(client: LokiClient, query: str, count: int) -> None:
    assert len(await texts(client, query)) == count


async def test_lines_are_newest_first_with_their_labels_and_a_limit_is_told(client: LokiClient) -> None:
    found = await client.lines('{service="checkout"} | json | level="error"', START, END, limit=4)
    assert [json.loads(line.text)["msg"] for line in found.lines] == [f"order {n} lost" for n in (5, 4, 3, 2)]
    assert found.truncated
    assert found.lines[0].labels["status"] == "500"
    assert not (await client.lines('{service="search"}', START, END, limit=4)).truncated


async def test_numbers_of_lines(client: LokiClient) -> None:
    async def at(query: str) -> dict[str, float]:
        found = await client.at(query, START + timedelta(seconds=480))
        return {one.labels.get("level", one.labels.get("service", "")): one.points[-1][1] for one in found.series}

    assert await at('sum(count_over_time({service="checkout"}[8m]))') == {"": 54.0}
    assert await at('sum by (level) (count_over_time({service="checkout"} | json [8m]))') == {
        "info": 48.0,
        "error": 6.0,
    }
    assert await at('topk(1, sum by (level) (count_over_time({service="checkout"} | json [8m])))') == {"info": 48.0}
    assert await at('sum by (service) (rate({service="checkout"}[100s])) * 60') == {"checkout": pytest.approx(6.0)}
    ratio = await at(
        'sum(count_over_time({service="checkout"} |= "error" [8m])) / sum(count_over_time({service="checkout"}[8m]))'
    )
    assert ratio == {"": pytest.approx(6 / 54)}
    longest = 'max(max_over_time({service="checkout"} | json | unwrap duration_ms [8m]))'
    assert await at(longest) == {"": 48.0}
    quantile = (
        'quantile_over_time(0.5, {service="checkout"} | json | level="info" | unwrap duration_ms [8m]) by (service)'
    )
    assert await at(quantile) == {"checkout": 24.5}


async def test_numbers_over_time(client: LokiClient) -> None:
    found = await client.over(
        'sum(count_over_time({service="checkout"} |= "lost" [1m]))',
        START,
        START + timedelta(minutes=4),
        timedelta(minutes=1),
    )
    (series,) = found.series
    assert [value for _, value in series.points] == [1.0, 1.0, 1.0, 1.0]


async def test_labels_and_their_values(client: LokiClient) -> None:
    assert await client.labels() == {
        "service": frozenset({"checkout", "search"}),
        "environment": frozenset({"production", "staging"}),
    }


async def test_what_the_server_refuses_is_told_in_its_words(client: LokiClient) -> None:
    with pytest.raises(UpstreamRejected, match="parse error"):
        await client.lines("{service=", START, END)
    with pytest.raises(UpstreamRejected, match="not supported as an instant query type"):
        await client.at('{service="checkout"}', END)
    with pytest.raises(UpstreamRejected, match="max entries limit"):
        await client.lines('{service="checkout"}', START, END, limit=6000)
    with pytest.raises(UpstreamRejected, match="not supported by this server"):
        await client.lines('{service="checkout"} | line_format "{{.msg}}"', START, END)


async def test_a_token_is_shown_and_its_lack_told(fake: LokiFake) -> None:
    async with LokiFake(fake.source, token="t") as closed:
        async with LokiClient(Reach(closed.url, token="t")) as client:
            assert await client.labels()
        async with LokiClient(Reach(closed.url)) as client:
            with pytest.raises(UpstreamRejected, match="Unauthorized"):
                await client.labels()


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[]",
        b'{"status": "success", "data": []}',
        b'{"status": "success", "data": {"resultType": "streams", "result": [{"stream": {}, "values": [["x", 1]]}]}}',
        b'{"status": "success", "data": {"resultType": "vector", "result": []}}',
        b"<html>",
    ],
)
async def test_what_is_no_answer_is_an_error_of_the_service(fake: LokiFake, client: LokiClient, answer: bytes) -> None:
    fake.broken = web.Response(body=answer)
    with pytest.raises(UpstreamProtocolError):
        await client.lines('{service="checkout"}', START, END)


async def test_a_store_that_is_away_is_named(fake: LokiFake, client: LokiClient) -> None:
    fake.broken = 503
    with pytest.raises(UpstreamUnavailable, match="loki"):
        await client.lines('{service="checkout"}', START, END)
