"""The client of Loki against replies in the shapes that its HTTP API documents."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from core.errors import UpstreamProtocolError
from integrations.observability.loki.client import LokiClient

START = datetime(2026, 3, 10, 12, 0, 0, 250_001, tzinfo=UTC)
_END = START + timedelta(hours=1)


class Replies:
    """A server that answers each path with one body."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def give(self, path: str, data: object) -> None:
        """`data`: within the envelope of a success."""
        self.bodies[path] = json.dumps({"status": "success", "data": data}).encode()

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/loki/api/v1/")
        self.asked.append((path, dict(request.query)))
        return web.Response(body=self.bodies[path], content_type="application/json")


@pytest.fixture
async def replies() -> Replies:
    return Replies()


@pytest.fixture
async def client(replies: Replies) -> AsyncIterator[LokiClient]:
    app = web.Application()
    app.router.add_get("/{path:.*}", replies.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with LokiClient(f"http://127.0.0.1:{runner.addresses[0][1]}") as made:
            yield made
    finally:
        await runner.cleanup()


async def test_lines_of_all_streams_come_newest_first_up_to_the_limit(replies: Replies, client: LokiClient) -> None:
    streams = [
        {"stream": {"app": "a"}, "values": [["1568234281726420425", "foo"], ["1568234269716526880", "bar"]]},
        {"stream": {"app": "b"}, "values": [["1568234281726420424", "baz", {"structuredMetadata": {"id": "1"}}]]},
    ]
    replies.give("query_range", {"resultType": "streams", "result": streams})
    found = await client.lines('{app=~".+"}', START, _END, limit=2)
    assert [(line.text, line.labels["app"]) for line in found.lines] == [("foo", "a"), ("baz", "b")]
    assert found.truncated
    assert replies.asked[0][1]["start"] == "1773144000250001000"
    assert replies.asked[0][1]["direction"] == "backward"
    assert not (await client.lines("{}", START, _END, limit=4)).truncated


async def test_series_at_a_moment_and_over_time(replies: Replies, client: LokiClient) -> None:
    replies.give("query", {"resultType": "vector", "result": [{"metric": {"level": "warn"}, "value": [15.1, "1.5"]}]})
    matrix = [{"metric": {"level": "info"}, "values": [[15, "1"], [30, "2"]]}] * 201
    replies.give("query_range", {"resultType": "matrix", "result": matrix})
    assert [(one.labels, one.points) for one in (await client.at("q", START)).series] == [
        ({"level": "warn"}, ((15.1, 1.5),))
    ]
    over = await client.over("q", START, _END, timedelta(seconds=15))
    assert (over.series[0].points, over.left_out) == (((15.0, 1.0), (30.0, 2.0)), 1)


async def test_labels_with_their_values_are_kept_for_a_while(replies: Replies, client: LokiClient) -> None:
    replies.give("labels", ["app"])
    replies.give("label/app/values", ["a", "b"])
    assert await client.labels() == await client.labels() == {"app": {"a", "b"}}
    assert len(replies.asked) == 2


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"resultType": "streams"},
        {"resultType": "matrix", "result": []},
        {"resultType": "streams", "result": [{"stream": {}, "values": [["soon", "x"]]}]},
        {"resultType": "streams", "result": [{"stream": {}, "values": [["1", 5]]}]},
        {"resultType": "streams", "result": [1]},
    ],
)
async def test_an_answer_that_is_no_log_is_told(replies: Replies, client: LokiClient, data: object) -> None:
    replies.give("query_range", data)
    with pytest.raises(UpstreamProtocolError):
        await client.lines("{}", START, _END)
