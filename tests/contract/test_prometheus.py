"""The client of Prometheus, against a fake and, where the machine has one, the real server."""

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import UpstreamError, UpstreamRejected, UpstreamUnavailable
from integrations.http import Reach
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.prometheus.engine.samples import Recorded
from integrations.observability.prometheus.fake import PrometheusFake
from tests.servers import prometheus_server

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
_SERIES = (
    ("http_requests_total", {"service": "checkout", "status": "200"}, 1.0),
    ("http_requests_total", {"service": "checkout", "status": "500"}, 0.5),
    ("http_requests_total", {"service": "search", "status": "200"}, 2.0),
    ("queue_depth", {"queue": "mail"}, 0.0),
)
"""(metric, labels, growth a second)"""
_BY_SERVICE = "sum by (service) (http_requests_total)"
_MINUTES = 10


@dataclass(frozen=True)
class Stage:
    """A backend with a client."""

    client: PrometheusClient
    real: bool


@pytest.fixture(params=["fake", "prometheus"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The same ten minutes of data in each."""
    real = request.param == "prometheus"
    async with AsyncExitStack() as stack:
        url = stack.enter_context(prometheus_server(_history())).url if real else await _fake(stack)
        yield Stage(await stack.enter_async_context(PrometheusClient(Reach(url))), real)


async def test_what_there_is_and_of_what_is_asked_about_how_much(stage: Stage) -> None:
    backend = await stage.client.backend(["http_requests_total", "unheard_of"])
    assert backend.has("http_requests_total")
    assert backend.has("queue_depth")
    assert not backend.has("unheard_of")
    known = backend.metrics["http_requests_total"]
    assert known.labels == {"service", "status"}
    assert known.series == (3 if not stage.real else known.series)
    assert backend.values["service"] == {"checkout", "search"}
    assert backend.metrics["queue_depth"].labels is None, "it was not asked about"


async def test_values_at_a_moment_and_over_time(stage: Stage) -> None:
    end = START + timedelta(minutes=_MINUTES)
    at = await stage.client.at(_BY_SERVICE, end)
    assert {one.labels["service"]: one.points[-1][1] for one in at.series} == {"checkout": 900.0, "search": 1200.0}
    over = await stage.client.over(_BY_SERVICE, START, end, timedelta(minutes=5))
    assert {one.labels["service"]: [value for _, value in one.points] for one in over.series} == {
        "checkout": [0.0, 450.0, 900.0],
        "search": [0.0, 600.0, 1200.0],
    }
    assert (await stage.client.at('http_requests_total{service="none"}', end)).series == ()


async def test_a_bad_query_is_refused_in_the_backends_words(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected, match="parse error"):
        await stage.client.at("sum by (", START)


async def test_more_than_is_shown_is_counted_and_warnings_are_kept() -> None:
    many = Recorded({"up": [({"pod": f"p{number}"}, [(START.timestamp(), float(number))]) for number in range(250)]})
    async with PrometheusFake(many) as fake, PrometheusClient(Reach(fake.url)) as client:
        fake.warnings = ("partial response",)
        found = await client.at("up", START)
    assert (len(found.series), found.left_out, found.warnings) == (200, 50, ("partial response",))


async def test_odd_numbers_come_back_as_numbers() -> None:
    first = START.timestamp()
    odd = Recorded({"up": [({}, [(first, math.nan), (first + 1, math.inf), (first + 2, -math.inf)])]})
    async with PrometheusFake(odd) as fake, PrometheusClient(Reach(fake.url)) as client:
        end = START + timedelta(seconds=2)
        values = [value for _, value in (await client.over("up", START, end, timedelta(seconds=1))).series[0].points]
    assert str(values) == "[nan, inf, -inf]"


async def test_a_backend_that_is_away_is_named() -> None:
    async with PrometheusFake(Recorded({})) as fake:
        url = fake.url
    async with PrometheusClient(Reach(url)) as client:
        with pytest.raises(UpstreamUnavailable, match="prometheus cannot be reached"):
            await client.at("up", START)


async def test_an_answer_that_is_no_result_is_an_error_of_the_backend() -> None:
    async with PrometheusFake(Recorded({})) as fake, PrometheusClient(Reach(f"{fake.url}/elsewhere")) as client:
        with pytest.raises(UpstreamError):
            await client.backend()


async def _fake(stack: AsyncExitStack) -> str:
    data, first = Recorded({}), START.timestamp()
    for name, labels, growth in _SERIES:
        data.add(name, labels, [(first + second, growth * second) for second in range(0, _MINUTES * 60 + 1, 15)])
    # Counts of series are asked for without a time, and mean now.
    end = first + _MINUTES * 60
    return (await stack.enter_async_context(PrometheusFake(data, now=lambda: end))).url


def _history() -> str:
    """The same as OpenMetrics text."""
    text = []
    for name in dict.fromkeys(name for name, _, _ in _SERIES):
        text.append(f"# TYPE {name.removesuffix('_total')} {'counter' if name.endswith('_total') else 'gauge'}")
        for metric, labels, growth in _SERIES:
            if metric == name:
                told = ",".join(f'{key}="{value}"' for key, value in labels.items())
                text += [
                    f"{name}{{{told}}} {growth * second} {START.timestamp() + second:.0f}"
                    for second in range(0, _MINUTES * 60 + 1, 15)
                ]
    return "\n".join([*text, "# EOF", ""])
