"""Traces for the tests of both stores of traces: made by hand, so that what a query finds can be counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from integrations.observability.tempo.engine.spans import SECOND, Event, RecordedTraces, StoredSpan, StoredTrace

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=10)
WEB = {"service.name": "web", "deployment.environment": "production", "service.version": "1.4.0"}
CHECKOUT = {"service.name": "checkout", "deployment.environment": "production"}
DATABASE = {"service.name": "orders-db", "deployment.environment": "production"}
MILLISECOND = SECOND // 1000


def id_of(number: int) -> str:
    """Of a trace; it begins with zeros, as some do."""
    return f"{number:032x}"


def request(number: int, *, ms: int, failing: bool = False, path: str = "/cart") -> StoredTrace:
    """web → checkout → SELECT, one minute after the other; checkout takes `ms` milliseconds, the query half of it."""
    start = (int(START.timestamp()) + 60 * number) * SECOND
    status = "error" if failing else "unset"
    span = lambda n: f"{number:08x}{n:08x}"  # noqa: E731
    failed = Event("exception", start, {"exception.type": "PoolTimeout", "exception.message": "the pool is exhausted"})
    return StoredTrace(
        id_of(number + 1),
        (
            StoredSpan(
                span(1), "", f"GET {path}", start, (ms + 20) * MILLISECOND, WEB, "server", status,
                attributes={"http.route": path, "http.status_code": 500 if failing else 200},
            ),
            StoredSpan(
                span(2), span(1), "POST /checkout", start + 10 * MILLISECOND, ms * MILLISECOND, CHECKOUT, "server", status,
                attributes={"http.status_code": 500 if failing else 200, "retried": number % 2 == 0},
            ),
            StoredSpan(
                span(3), span(2), "SELECT orders", start + 15 * MILLISECOND, ms // 2 * MILLISECOND, DATABASE, "client",
                status, "the pool is exhausted" if failing else "",
                {"db.system": "postgresql"},
                (failed,) if failing else (),
            ),
        ),
    )  # fmt: skip


def later(trace: StoredTrace, by: int) -> StoredTrace:
    """The same some nanoseconds later."""
    return replace(trace, spans=tuple(replace(span, start=span.start + by) for span in trace.spans))


TRACES = (
    request(0, ms=100),
    request(1, ms=200),
    request(2, ms=400, path="/basket"),
    request(3, ms=800),
    request(4, ms=1600, failing=True),
    request(5, ms=60, failing=True),
)


def source() -> RecordedTraces:
    """What the fakes hold."""
    return RecordedTraces(TRACES)
