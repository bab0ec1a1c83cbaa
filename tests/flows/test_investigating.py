"""*Investigate* on an alert: its rule's value, what was new around its beginning, the nearest first; and what is missing is named."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from bot.emulators.common.client import Event
from integrations.observability.loki.engine.entries import Entry, RecordedLogs
from integrations.observability.loki.fake import LokiFake
from integrations.observability.prometheus.fake import AlertRule, PrometheusFake
from integrations.observability.tempo.engine.spans import RecordedTraces
from integrations.observability.tempo.fake import TempoFake
from tests.contract import traces as made
from tests.flows.test_alerts import alert, card, shown, tell
from tests.flows.test_alerts import alerting as alerting
from tests.flows.test_language import requests
from tests.flows.test_traces import plain, recent
from tests.flows.world import World

SHARE = (
    'sum by (service, environment) (rate(http_requests_total{status=~"5.."}[5m]))'
    " / sum by (service, environment) (rate(http_requests_total[5m]))"
)
RULE = AlertRule("HighErrorRate", f"{SHARE} > 0.05", 0.0, {"severity": "critical"})
LABELS = {"service": "checkout", "environment": "production"}


@dataclass
class Stores:
    """What the alerting world's bot asks."""

    metrics: PrometheusFake
    logs: LokiFake
    traces: TempoFake


@pytest.fixture
async def stores(alerting: World) -> AsyncIterator[Stores]:
    """A tenth of the requests fails; the alert began five minutes ago, four minutes after the first line of a new kind."""
    now = int(time.time())
    lines = [("known failure", now - 1800), ("known failure", now - 200), ("pool exhausted: 20 of 20 taken", now - 540)]
    entries = [Entry(at * 10**9, json.dumps({"level": "error", "msg": text}), LABELS) for text, at in lines]
    async with AsyncExitStack() as stack:
        found = Stores(
            await stack.enter_async_context(PrometheusFake(requests(errors=0.1), rules=[RULE])),
            await stack.enter_async_context(LokiFake(RecordedLogs(entries))),
            await stack.enter_async_context(TempoFake(RecordedTraces(recent()))),
        )
        for name, store in (("prometheus", found.metrics), ("loki", found.logs), ("tempo", found.traces)):
            alerting.settings[name] = {"url": store.url}
        yield found


async def investigate(world: World) -> Event:
    """Press the button of the alert's card."""
    since = await world.control.seq()
    group = await _group(world)
    message = world.card(await card(world)).message
    await world.control.click(world.names.dana, message, f"alert:investigate:{group}")
    return await world.control.wait_message(author=world.names.bot, contains="fires since", since=since)


async def _group(world: World) -> str:
    assert world.bot
    (stored,) = await world.bot.records.read(lambda tx: tx.alerts.open(limit=5))
    return stored.id


@pytest.mark.usefixtures("stores")
async def test_what_stands_out_is_told_the_nearest_first_with_where_it_comes_from(
    alerting: World,
) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "HighErrorRate: firing")
        answer = await investigate(alerting)
        said = plain(answer)
        assert "HighErrorRate of checkout in production fires since" in said
        assert "It is at 10 %" in said
        assert "the rule fires at" in said
        assert said.index("① ") < said.index("② ")
        assert "new in its logs, 1×" in said
        assert "pool exhausted" in said
        assert "known failure" not in said
        assert "2 failed traces through it" in said
        assert "2 of 2 failed traces that were looked at failed alike, the slowest in web · GET /cart" in said
        assert made.id_of(5) in said
        assert "Failed in orders-db · SELECT orders: PoolTimeout: the pool is exhausted" in said
        assert "These are facts, not a cause" in said
        assert "Something is missing" not in said
        await alerting.control.wait_message(author=alerting.names.bot, contains="chart.png")


async def test_the_store_that_does_not_answer_is_named_and_the_others_are_told(alerting: World, stores: Stores) -> None:
    stores.logs.broken = 503
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "HighErrorRate: firing")
        said = plain(await investigate(alerting))
        assert "It is at 10 %" in said
        assert "2 failed traces through it" in said
        assert "Something is missing: the store of logs did not answer" in said


async def test_a_rule_that_nobody_knows_costs_the_value_alone(alerting: World, stores: Stores) -> None:
    stores.metrics.rules = ()
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "HighErrorRate: firing")
        said = plain(await investigate(alerting))
        assert "It is at" not in said
        assert "2 failed traces through it" in said
        assert "Something is missing" not in said
