"""What answers from running systems cost: charts, questions about the shop, and a storm of alerts."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import acme
from core.charts.chart import chart
from core.ports.telemetry import Series
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from integrations.charts.pictures import DrawnPictures
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.shop.metrics import ShopMetrics
from integrations.observability.shop.world import Shop
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.processes import copilot, emulator, memory
from tests.servers import free_port

_CHARTS = 40
_QUESTIONS = 30
_ALERTS, _AT_ONCE = 1000, 25
_TOKEN = "a-token-of-the-benchmark"


async def charts(_: Path) -> dict[str, Figure]:
    """Charts of ten series in a process that is warm, beside the first one, which starts it."""
    end, step = datetime.now(UTC), timedelta(seconds=15)
    series = [
        (f"pod-{name}", Series({}, tuple(((end - step * n).timestamp(), name + n % 7) for n in range(240, -1, -1))))
        for name in range(10)
    ]
    drawing = chart(
        series,
        title="memory",
        quantity=Quantity(Unit.BYTES),
        start=end - timedelta(hours=1),
        end=end,
        step=step,
        zone=UTC,
    )
    times = []
    async with DrawnPictures() as pictures:
        for _ in range(_CHARTS):
            began = time.perf_counter()
            await pictures.png(drawing)
            times.append(time.perf_counter() - began)
    first = 1000 * times[0]
    warm = percentile(times[1:], 95)
    return {"chart of ten series, p95 (beside: the first)": Figure(warm, "ms", first, warm / first)}


async def answers(folder: Path) -> dict[str, Figure]:
    """From a question about the shop's metrics to the posted answer with its chart."""
    times = []
    async with (
        emulator() as url,
        ControlClient(url, timeout=60) as control,
        PrometheusFake(ShopMetrics(Shop(time.time))) as metrics,
        copilot(f"{url}/api/", folder / "answers", free_port(), prometheus={"url": metrics.url}) as (bot, _),
    ):
        for number in range(_QUESTIONS + 1):
            since = await control.seq()
            asked = (await control.state())["now"]
            await control.post(acme.DANA, acme.CHECKOUT, "@copilot p95 latency of checkout in production")
            posted = await control.wait_message(author=acme.BOT_USER, contains="histogram_quantile", since=since)
            if number:
                times.append(posted.at - asked)
        after = memory(bot.process.pid)
    return {
        "question about metrics to answer with chart, p95": Figure(percentile(times, 95), "ms"),
        "memory after charts": Figure(after, "MB"),
    }


async def storm(folder: Path) -> dict[str, Figure]:
    """A thousand alerts in one group, as fast as they are taken; and how many requests to Slack that costs."""
    async with (
        emulator() as url,
        ControlClient(url, timeout=60) as control,
        copilot(
            f"{url}/api/",
            folder / "storm",
            port := free_port(),
            alerts={"shop": {"token": _TOKEN, "channels": [f"slack:{acme.TEAM}/{acme.INCIDENTS}"]}},
        ),
        httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {_TOKEN}"}) as http,
    ):
        since = await control.seq()
        began = time.perf_counter()
        for first in range(0, _ALERTS, _AT_ONCE):
            answer = await http.post(f"http://127.0.0.1:{port}/alerts/shop", content=_notification(first))
            answer.raise_for_status()
        taken = time.perf_counter() - began
        await control.wait_message(author=acme.BOT_USER, contains=f"{_ALERTS} of {_ALERTS} firing", since=since)
        sent = await control.requests(path="/api/chat.")
    return {
        "alerts taken": Figure(_ALERTS / taken, "1/s"),
        f"requests to Slack about {_ALERTS} alerts": Figure(len(sent), ""),
    }


def _notification(first: int) -> bytes:
    started = datetime.now(UTC).isoformat()
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Storm", "pod": f"pod-{number}"},
            "annotations": {},
            "startsAt": started,
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": f"f{number}",
        }
        for number in range(first, first + _AT_ONCE)
    ]
    body = {"version": "4", "groupKey": "storm", "commonLabels": {"alertname": "Storm"}, "alerts": alerts}
    return json.dumps(body).encode()
