"""What is told of failed requests: where most of them failed, which need not be where the slowest did."""

from datetime import UTC, datetime, timedelta

from core.conversation.investigations import failed_alike, slow_facts
from core.ports.telemetry import Span, Telemetry, Trace, Traces, TraceSummary
from core.telemetry.investigation import Suspect, investigate

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def failed(id_: str, reason: str) -> Trace:
    said = {"exception.message": reason}
    return Trace(id_, (Span("1", "", "web", "POST /basket", NOW.timestamp(), 1.0, failed=True, attributes=said),))


def test_of_those_that_differ_only_in_numbers_the_slowest_is_named() -> None:
    examples = (failed("a", "reset"), failed("b", "no price for order 12"), failed("c", "no price for order 7"))
    said = failed_alike(examples)
    assert said.startswith(
        "2 of 3 failed traces that were looked at failed alike, the slowest in web · POST /basket (`b`)"
    )
    assert "order 12" in said
    assert "reset" not in said


def test_an_only_one_is_told_as_such_and_none_as_nothing() -> None:
    assert failed_alike((failed("a", "reset"),)).startswith("The failed trace is web · POST /basket (`a`):")
    assert failed_alike(()) == ""
    assert failed_alike((Trace("a", (Span("1", "", "web", "GET /", NOW.timestamp(), 1.0),)),)) == ""


class Eleven:
    """A store of eleven failed traces, each a second slower than the next."""

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 100) -> Traces:
        return Traces(tuple(TraceSummary(f"{n:x}", "web", "GET /", start.timestamp(), float(n)) for n in range(1, 12)))

    async def trace(self, id_: str) -> Trace | None:
        return None if id_ == "1" else failed(id_, "reset")


async def test_slow_usual_and_quick_ones_are_looked_at_and_one_that_is_gone_is_left_out() -> None:
    alert = Suspect("Slow", {}, "web", "", NOW - timedelta(minutes=30))
    found = await investigate(Telemetry(traces=Eleven()), alert, NOW)  # type: ignore[arg-type]
    assert [trace.id for trace in found.examples] == ["b", "9", "6", "4"]
    assert found.missing == ()


class Slowing:
    """A store of traces through a service: one of each `before`, then one of each `lately`, in seconds."""

    def __init__(self, before: list[float], lately: list[float]) -> None:
        self.before, self.lately = before, lately

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 100) -> Traces:
        if "status = error" in query:
            return Traces(())
        took = self.before if end <= NOW - timedelta(minutes=40) else self.lately
        at = start.timestamp() + 60
        return Traces(tuple(TraceSummary(f"{n:x}", "web", "GET /", at, seconds) for n, seconds in enumerate(took)))

    async def trace(self, id_: str) -> Trace | None:
        whole = Span("1", "", "web", "GET /", 0.0, 2.0)
        return Trace(id_, (whole, Span("2", "1", "orders-db", "SELECT", 0.1, 1.5)))


async def slow_of(before: list[float], lately: list[float]) -> str:
    alert = Suspect("Slow", {}, "web", "", NOW - timedelta(minutes=30))
    found = await investigate(Telemetry(traces=Slowing(before, lately)), alert, NOW)  # type: ignore[arg-type]
    return "; ".join(fact.text for fact in slow_facts(found))


async def test_traces_slower_than_any_before_are_told_with_what_the_slowest_waited_for() -> None:
    assert await slow_of([0.2, 0.4], [0.1, 0.5, 0.7, 2.0]) == (
        "3 traces through it are slower than any before (400 ms); the slowest took 2 s, 1.5 s of it in orders-db · SELECT (`3`)"
    )


async def test_some_are_always_the_slowest() -> None:
    assert await slow_of([0.4], [0.5, 2.0]) == ""
    assert await slow_of([0.4], [0.41, 0.42, 0.43, 0.44]) == ""
    assert await slow_of([], [0.5, 2.0, 3.0]) == ""
