"""What an answer says of traces: the slowest, where their time went, what failed; and how the slowest are searched for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.conversation import trace_cards
from core.messages import Block, Code, Note, Text
from core.ports.telemetry import Measured, Span, Tags, Trace, Traces, TraceSummary
from core.query import running
from core.query.translation import QueryRefused
from core.telemetry.slowest import Slowest, slowest

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
AT = NOW.timestamp() - 60
QUERY = '{ resource.service.name = "checkout" }'


def text(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Text | Code | Note))


def summary(number: int, seconds: float) -> TraceSummary:
    return TraceSummary(f"{number:032x}", "web", "GET /cart", AT + number, seconds)


def span(id_: str, parent: str, name: str, start: float, seconds: float, **more: object) -> Span:
    return Span(id_, parent, "checkout", name, AT + start, seconds, **more)  # type: ignore[arg-type]


def test_the_slowest_are_told_first_and_what_is_left_out_is_said() -> None:
    found = Slowest(tuple(summary(n, 2.0 - n / 10) for n in range(10)), many=True, certain=False)
    said = text(trace_cards.traces(found, NOW, UTC))
    assert "**At least 10 traces** · the slowest took 2 s" in said
    assert said.index("2 s") < said.index("1.9 s")
    assert "Not all is shown" in said
    assert "there may be slower ones" in said


def test_nothing_found_is_said() -> None:
    assert "no trace matches it" in text(trace_cards.traces(Slowest(()), NOW, UTC))


def test_where_the_time_went_is_told_by_what_was_waited_for() -> None:
    trace = Trace(
        "ab",
        (
            span("1", "", "POST /checkout", 0, 1.0, failed=True),
            span("2", "1", "price order", 0.1, 0.6),
            span("3", "1", "log", 0.2, 0.3),
            span(
                "4", "1", "SELECT", 0.7, 0.2, failed=True,
                attributes={"exception.type": "PoolTimeout", "exception.message": "the *pool* is\nexhausted"},
            ),
        ),
    )  # fmt: skip
    said = text(trace_cards.whole(trace, NOW, UTC))
    assert "1 s · 4 spans in checkout" in said
    assert "600 ms (60%) in checkout · price order, 200 ms (20%) in checkout · POST" in said
    assert "200 ms (20%) in checkout · SELECT" in said
    assert "log" not in said, "it was waited for by nobody"
    assert r"**Failed** in checkout · SELECT: PoolTimeout: the \*pool\* is exhausted" in said
    assert "Failed** in checkout · POST" not in said, "it failed because of what is beneath it"


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 10), st.floats(0, 10), st.booleans()), min_size=1, max_size=6)
)
def test_any_trace_is_told(spans: list[tuple[int, float, float, bool]]) -> None:
    made = tuple(
        span(str(n), str(parent) if parent != n else "", f"s{n}", start, seconds, failed=failed)
        for n, (parent, start, seconds, failed) in enumerate(spans)
    )
    assert text(trace_cards.whole(Trace("ab", made), NOW, UTC))


class Store:
    """Gives the first `limit` traces that it comes upon, as Tempo does."""

    def __init__(self, durations: Sequence[float], *, simple: bool = False) -> None:
        self.all = [summary(n, seconds) for n, seconds in enumerate(durations)]
        self.asked: list[str] = []
        self._simple = simple

    async def tags(self) -> Tags:
        return Tags(frozenset(), frozenset())

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        self.asked.append(query)
        least = 0.0
        if "traceDuration" in query:
            if self._simple:
                raise QueryRefused("not that")
            least = int(query.partition("traceDuration > ")[2].partition("us")[0]) / 1e6
        found = [one for one in self.all if one.duration > least + 1e-9]
        return Traces(tuple(found[:limit]), truncated=len(found) >= limit)

    async def trace(self, id_: str) -> Trace | None:
        return None

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        return Measured(())


async def test_the_slowest_are_found_though_the_search_stops_early() -> None:
    store = Store([0.1 + n / 1000 for n in range(250)])
    found = await slowest(store, QUERY, NOW, timedelta(hours=1))
    assert [one.duration for one in found.traces[:8]] == [0.1 + n / 1000 for n in range(249, 241, -1)]
    assert (found.many, found.certain) == (True, True)
    assert store.asked[1].startswith('{ resource.service.name = "checkout" && traceDuration > ')


async def test_a_store_that_cannot_be_asked_for_slower_ones_is_not_certain() -> None:
    found = await slowest(Store([1.0] * 300, simple=True), QUERY, NOW, timedelta(hours=1))
    assert (len(found.traces), found.many, found.certain) == (100, True, False)


async def test_few_traces_take_one_search() -> None:
    store = Store([1.0, 3.0, 2.0])
    found = await slowest(store, QUERY, NOW, timedelta(hours=1))
    assert [one.duration for one in found.traces] == [3.0, 2.0, 1.0]
    assert len(store.asked) == 1


def test_slower_ones_are_asked_for_with_all_that_the_query_says() -> None:
    assert running.slower('{ name = "x" } | count() > 2', 0.5) == (
        '{ name = "x" && traceDuration > 500000us } | count() > 2'
    )
    # Both operators bind alike, from left to right.
    assert running.slower("{ .a = 1 || .b = 2 }", 1.0) == "{ .a = 1 || .b = 2 && traceDuration > 1000000us }"
    assert running.slower("{ .a = 1 } >> { .b = 2 }", 1.0) is None
