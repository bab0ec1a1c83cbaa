"""Questions about traces, on both platforms: the slowest of them, one whole with its picture, numbers, and from a log line to its trace."""

import json
import time

from bot.emulators.common.client import Event
from integrations.observability.jaeger.fake import JaegerFake
from integrations.observability.loki.engine.entries import Entry, RecordedLogs
from integrations.observability.loki.fake import LokiFake
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.tempo.engine.spans import RecordedTraces, StoredTrace
from integrations.observability.tempo.fake import TempoFake
from tests.contract import traces as made
from tests.flows.test_language import press, query, requests, say
from tests.flows.world import World


def recent() -> list[StoredTrace]:
    """The traces of the contract tests, begun a quarter of an hour ago."""
    moved = (int(time.time()) - 900 - int(made.START.timestamp())) * made.SECOND
    return [made.later(trace, moved) for trace in made.TRACES]


def plain(event: Event) -> str:
    return event.text.replace("**", "").replace("*", "").replace("\\", "")


async def test_the_slowest_traces_are_told_with_where_their_time_went(cold: World) -> None:
    async with TempoFake(RecordedTraces(recent())) as store:
        cold.settings["tempo"] = {"url": store.url}
        async with cold.started():
            answer = await say(cold, "slowest traces of checkout in production")
            said = plain(answer)
            assert "6 traces · the slowest took 1.62 s" in said
            assert "800 ms (49%) in orders-db · SELECT orders" in said
            assert "Failed in orders-db · SELECT orders: PoolTimeout: the pool is exhausted" in said
            assert "trace.png" in (await cold.control.wait_message(author=cold.names.bot, contains="trace.png")).text
            other = plain(await press(cold, answer, "Trace 2", contains="820 ms"))
            assert "web · GET /cart · 820 ms" in other
            one = plain(await say(cold, f"show me trace {made.id_of(3)}"))
            assert "web · GET /basket · 420 ms" in one
            none = plain(await say(cold, "show me trace 0af7651916cd43dd8448eb211c80319c"))
            assert "no trace 0af7651916cd43dd8448eb211c80319c" in none


async def test_numbers_made_of_traces_are_a_chart(cold: World) -> None:
    async with TempoFake(RecordedTraces(recent())) as store:
        cold.settings["tempo"] = {"url": store.url}
        async with cold.started():
            answer = await say(cold, "p95 span duration by service in the traces")
            assert "quantile_over_time" in query(answer)
            assert "chart.png" in (await cold.control.wait_message(author=cold.names.bot, contains="chart.png")).text


async def test_what_the_store_has_not_never_runs(cold: World) -> None:
    async with TempoFake(RecordedTraces(recent())) as store:
        cold.settings["tempo"] = {"url": store.url}
        async with cold.started():
            answer = await say(cold, "traces of checkout with customer id 42")
            assert "I did not run that" in answer.text
            assert "customer" in answer.text
            assert store.asked == []


async def test_jaeger_answers_what_it_can_and_says_what_it_cannot(cold: World) -> None:
    async with JaegerFake(RecordedTraces(recent())) as store:
        cold.settings["jaeger"] = {"url": store.url}
        async with cold.started():
            assert "3 traces · the slowest took 1.62 s" in plain(
                await say(cold, "traces of checkout slower than 300ms")
            )
            refused = await say(cold, "p95 span duration by service in the traces")
            assert "Jaeger makes no numbers of traces" in refused.text


async def test_a_log_line_leads_to_its_trace(cold: World) -> None:
    now = int(time.time())
    labels = {"service": "checkout", "environment": "production"}
    line = json.dumps({"level": "error", "msg": "the pool is exhausted", "trace_id": made.id_of(5)})
    logs = RecordedLogs([Entry((now - 60) * 10**9, line, labels)])
    async with TempoFake(RecordedTraces(recent())) as store, LokiFake(logs) as lines:
        cold.settings["tempo"] = {"url": store.url}
        cold.settings["loki"] = {"url": lines.url}
        async with cold.started():
            answer = await say(cold, "error logs of checkout in production")
            trace = plain(await press(cold, answer, "Trace of the latest", contains="1.62 s"))
            assert "Failed in orders-db" in trace


async def test_without_the_store_the_last_answer_is_given_with_its_age(cold: World) -> None:
    async with TempoFake(RecordedTraces(recent())) as store:
        cold.settings["tempo"] = {"url": store.url}
        async with cold.started():
            assert "6 traces" in plain(await say(cold, "slowest traces of checkout in production"))
            store.broken = 503
            cold.clock.advance(300)
            assert "This is 5 min old" in plain(await say(cold, "slowest traces of checkout in production"))


async def test_what_happened_meanwhile_is_told_beside_numbers(cold: World) -> None:
    """Deploys by the bot and alerts, numbered on the chart and in words."""
    async with PrometheusFake(requests(errors=0.1)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            await cold.control.direct(cold.names.dana, "run deploy service=checkout environment=staging version=latest")
            await cold.control.wait_message(author=cold.names.bot, contains="checkout")
            answer = plain(await say(cold, "error rate of checkout", contains="Understood as"))
            assert "In this time:" in answer
            assert "deploy of checkout started in staging" in answer
