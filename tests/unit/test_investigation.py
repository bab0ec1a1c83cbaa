"""What is told of failed requests: where most of them failed, which need not be where the slowest did."""

from datetime import UTC, datetime, timedelta

from core.conversation.investigations import failed_alike
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
