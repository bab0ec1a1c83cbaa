"""Whatever JSON a service answers, its client gives a value or says that the service broke the contract: never another error."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UpstreamError
from integrations.http import Reach
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.jaeger.client import JaegerClient
from integrations.observability.loki.client import LokiClient
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.tempo.client import TempoClient

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
STEP = timedelta(minutes=1)
KEYS = (
    "status", "data", "result", "resultType", "metric", "value", "values", "stream", "traces", "traceID", "spanSets", "durationMs", "batches",
    "resource", "scopeSpans", "spans", "spanId", "startTimeUnixNano", "endTimeUnixNano", "attributes", "key", "scopes", "tags", "name",
    "tagValues", "series", "samples", "labels", "processes", "processID", "startTime", "duration", "references", "groups", "rules", "alerts",
    "activeTargets", "health", "fingerprint", "startsAt", "warnings", "events", "logs", "fields",
)  # fmt: skip
"""That the clients look at."""
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.sampled_from(["success", "vector", "matrix", "scalar", "streams", "", "x", "1", "2026-03-10T12:00:00Z", "AQ=="]),
)
ANSWERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=25,
)
RESULTS = st.builds(lambda data: {"status": "success", "data": data}, ANSWERS) | ANSWERS
"""Random ones hardly ever have the frame that lets a client look further."""
Call = Callable[[], Awaitable[object]]


def prometheus() -> tuple[Any, list[Call]]:
    client = PrometheusClient(Reach("http://127.0.0.1:1"))
    return client, [
        client.backend,
        lambda: client.backend(["x"]),
        lambda: client.at("x", END),
        lambda: client.over("x", START, END, STEP),
        client.rules,
        client.targets,
    ]


def loki() -> tuple[Any, list[Call]]:
    client = LokiClient(Reach("http://127.0.0.1:1"))
    query = '{service="x"}'
    return client, [
        client.labels,
        lambda: client.lines(query, START, END),
        lambda: client.at(query, END),
        lambda: client.over(query, START, END, STEP),
    ]


def tempo() -> tuple[Any, list[Call]]:
    client = TempoClient(Reach("http://127.0.0.1:1"))
    query = "{ status = error }"
    return client, [
        client.tags,
        lambda: client.search(query, START, END),
        lambda: client.trace("ab"),
        lambda: client.over(query, START, END, STEP),
    ]


def jaeger() -> tuple[Any, list[Call]]:
    client = JaegerClient(Reach("http://127.0.0.1:1"))
    query = '{ resource.service.name = "x" }'
    return client, [client.tags, lambda: client.search(query, START, END), lambda: client.trace("ab")]


def alertmanager() -> tuple[Any, list[Call]]:
    client = AlertmanagerClient(Reach("http://127.0.0.1:1"))
    return client, [
        client.alerts,
        lambda: client.silence([], START, END, by="me", comment="x", key="k"),
        lambda: client.silence_of("k"),
    ]


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.mark.parametrize("make", [prometheus, loki, tempo, jaeger, alertmanager], ids=lambda make: make.__name__)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=RESULTS)
async def test_any_answer_is_read_or_refused(make: Callable[[], tuple[Any, list[Call]]], answer: object) -> None:
    client, calls = make()
    async with client:
        for call in calls:
            with respx.mock(assert_all_called=False) as service:
                service.route().mock(return_value=httpx.Response(200, json=_plain(answer)))
                with suppress(UpstreamError):
                    await call()


def _plain(answer: object) -> object:
    """Infinities and NaN as strings: JSON has none."""
    if isinstance(answer, float):
        return str(answer)
    if isinstance(answer, list):
        return list(map(_plain, answer))
    return {key: _plain(value) for key, value in answer.items()} if isinstance(answer, dict) else answer
