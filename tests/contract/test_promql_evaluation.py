"""The fake's PromQL beside the real server's: the same history in both, the same answers from both."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from core.errors import UpstreamRejected
from core.ports.telemetry import Measured
from integrations.http import Reach
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.prometheus.engine.samples import Recorded
from integrations.observability.prometheus.fake import PrometheusFake
from tests.contract.promql_replies import END, QUERIES, START, STEP, answers, history, openmetrics, recorded
from tests.servers import prometheus_server


@pytest.fixture(scope="module")
def real_url() -> Iterator[str]:
    with prometheus_server(openmetrics()) as server:
        yield server.url


@pytest.fixture
async def both(real_url: str) -> AsyncIterator[tuple[PrometheusClient, PrometheusClient]]:
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(PrometheusFake(Recorded(history())))
        clients = [await stack.enter_async_context(PrometheusClient(Reach(url))) for url in (fake.url, real_url)]
        yield clients[0], clients[1]


@pytest.mark.parametrize("query", QUERIES)
async def test_the_fake_answers_as_prometheus_does(both: tuple[PrometheusClient, PrometheusClient], query: str) -> None:
    ours, theirs = [await answers(client, query) for client in both]
    assert all(map(close, ours, theirs))
    assert ours[-1].series or "nothing" in query or query == "up == 0"


@pytest.mark.parametrize("query", QUERIES)
async def test_the_fake_answers_as_prometheus_did(query: str) -> None:
    """Where there is no server: what it answered when it was asked."""
    async with PrometheusFake(Recorded(history())) as fake, PrometheusClient(Reach(fake.url)) as client:
        assert all(map(close, await answers(client, query), recorded()[query]))


@pytest.mark.parametrize("query", QUERIES)
async def test_prometheus_still_answers_as_it_did(real_url: str, query: str) -> None:
    async with PrometheusClient(Reach(real_url)) as client:
        assert all(map(close, await answers(client, query), recorded()[query]))


@pytest.mark.parametrize(
    "query", ["sum by (", "rate(queue_depth)", "queue_depth[5m]", "queue_depth + on (queue) up{x='y'}[5m]"]
)
async def test_what_prometheus_refuses_the_fake_refuses(
    both: tuple[PrometheusClient, PrometheusClient], query: str
) -> None:
    for client in both:
        with pytest.raises(UpstreamRejected):
            await client.over(query, START, END, STEP)


async def test_series_that_cannot_be_matched_are_refused_in_the_same_words(
    both: tuple[PrometheusClient, PrometheusClient],
) -> None:
    said = []
    for client in both:
        with pytest.raises(UpstreamRejected) as caught:
            await client.at("up / on (job) up", END)
        said.append(caught.value.message)
    assert all("many-to-many matching not allowed" in one for one in said)


def close(ours: Measured, theirs: Measured) -> bool:
    """The same series with the same points, to a millionth."""
    a, b = ({tuple(sorted(one.labels.items())): one.points for one in found.series} for found in (ours, theirs))
    assert a.keys() == b.keys()
    for key in a:
        assert [at for at, _ in a[key]] == pytest.approx([at for at, _ in b[key]])
        assert [value for _, value in a[key]] == pytest.approx(
            [value for _, value in b[key]], rel=1e-6, abs=1e-9, nan_ok=True
        )
    return True
