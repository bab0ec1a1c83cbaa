"""What charts and waterfalls show of series and traces, and that any of them can be drawn."""

import io
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from core.charts.chart import COLUMNS, MOST_LINES, Chart, Mark, broken, chart, shortened, thinned
from core.charts.critical import critical_path, shares
from core.charts.tree import tree
from core.charts.waterfall import MOST_BARS, waterfall
from core.ports.telemetry import Series, Span, Trace
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from integrations.charts.drawing import draw

END = datetime(2026, 11, 25, 12, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEP = timedelta(seconds=15)
ZONE = ZoneInfo("Europe/Berlin")
SECONDS = Quantity(Unit.SECONDS)


def series(*values: float, step: timedelta = STEP) -> Series:
    times = [(END - step * n).timestamp() for n in reversed(range(len(values)))]
    return Series({}, tuple(zip(times, values, strict=True)))


def made(*named: tuple[str, Series], of: Quantity = SECONDS, beside: tuple[tuple[str, Series], ...] = ()) -> Chart:
    marks = (Mark((END - HOUR / 2).timestamp(), "deploy"), Mark((END - 2 * HOUR).timestamp(), "too early"))
    return chart(
        named, title="t", quantity=of, start=END - HOUR, end=END, step=STEP, zone=ZONE, beside=beside, marks=marks
    )


def test_all_lines_are_on_one_scale_that_suits_the_largest() -> None:
    found = made(("a", series(0.0001, 0.25)), ("b", series(0.1)))
    assert found.unit == "ms"
    assert [value for _, value in found.lines[0].points] == [0.1, 250.0]
    assert [line.last for line in found.lines] == ["250 ms", "100 ms"]
    assert [mark.label for mark in found.marks] == ["deploy"]


def test_what_has_no_line_of_its_own_is_spanned_and_counted() -> None:
    found = made(*((f"s{n}", series(float(n), n + 1.0)) for n in range(MOST_LINES + 3)), of=Quantity(None))
    assert ([line.name for line in found.lines][-1], found.others) == ("s9", 3)
    assert [(low, high) for _, low, high in found.band] == [(10, 12), (11, 13)]


def test_missing_values_break_a_line() -> None:
    found = made(("a", series(1.0, math.nan, 2.0, math.inf, 3.0)), of=Quantity(None))
    assert [value for _, value in found.lines[0].points] == [1.0, None, 2.0, None, 3.0]
    assert broken(((0, 1.0), (15, 1.0), (90, 2.0)), 27) == ((0, 1.0), (15, 1.0), (28.5, None), (90, 2.0))


@given(st.lists(st.floats(-1e6, 1e6), min_size=COLUMNS + 1, max_size=3000))
def test_no_spike_disappears_when_points_are_thinned_out(values: list[float]) -> None:
    points = [(float(n), value) for n, value in enumerate(values)]
    kept = thinned(points, len(values) / COLUMNS)
    found = [value for _, value in kept if value is not None]
    assert (min(found), max(found), kept[0], kept[-1]) == (min(values), max(values), points[0], points[-1])
    assert len(kept) <= 4 * (COLUMNS + 1)
    assert set(kept) <= set(points)


def test_long_names_are_cut_in_the_middle() -> None:
    assert shortened("pod\n  checkout-7f9c6d") == "pod checkout-7f9c6d"
    assert shortened("a" * 60 + "-17") == "a" * 16 + "…" + "a" * 13 + "-17"


floats = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=60), st.lists(floats, max_size=30)), max_size=13),
    st.sampled_from([None, *Unit]),
    st.text(max_size=90),
)
def test_any_series_can_be_drawn_within_its_size(
    named: list[tuple[str, list[float]]], unit: Unit | None, title: str
) -> None:
    lines = [(name, series(*values)) for name, values in named]
    drawing = chart(
        lines[:5],
        title=title,
        quantity=Quantity(unit),
        start=END - HOUR,
        end=END,
        step=STEP,
        zone=ZONE,
        beside=lines[5:7],
    )
    picture = imread(io.BytesIO(draw(drawing, "png")))
    assert picture.shape[1] == 720
    assert picture.shape[0] <= 1000


def test_the_same_chart_is_the_same_file_and_dollars_are_no_formula() -> None:
    found = made(("$x_{1}$", series(1.0, 2.0)), beside=(("last week", series(2.0, 1.0)),))
    assert draw(found, "png") == draw(found, "png")
    assert "$x_{1}$" in draw(found, "svg").decode()
    assert draw(made(), "svg").decode().count("no data in this time") == 1


# --- traces ----------------------------------------------------------------------------------------------


def span(id_: str, parent: str, start: float, duration: float, *, failed: bool = False) -> Span:
    return Span(id_, parent, f"service-{id_}", f"op {id_}", 1000 + start, duration, failed)


TRACE = Trace(
    "t",
    (
        span("root", "", 0, 2.0),
        span("cache", "root", 0.1, 0.3),
        span("pay", "root", 0.2, 1.5),
        span("db", "pay", 0.5, 1.0, failed=True),
        span("log", "root", 1.9, 0.5),
    ),
)


def test_the_critical_path_is_what_was_waited_for() -> None:
    path = [(s.span.id, round(s.start - 1000, 3), round(s.end - 1000, 3)) for s in critical_path(TRACE)]
    assert path == [
        ("root", 0.0, 0.1),
        ("cache", 0.1, 0.2),
        ("pay", 0.2, 0.5),
        ("db", 0.5, 1.5),
        ("pay", 1.5, 1.7),
        ("root", 1.7, 1.9),
        ("log", 1.9, 2.0),
    ]
    most, seconds = shares(critical_path(TRACE))[0]
    assert (most.id, round(seconds, 3)) == ("db", 1.0)


def test_a_waterfall_has_its_spans_in_order_with_their_depth() -> None:
    found = waterfall(TRACE, "t")
    assert [(bar.service, bar.depth, bar.duration) for bar in found.bars] == [
        ("service-root", 0, "2 s"),
        ("service-cache", 1, "300 ms"),
        ("service-pay", 1, "1.5 s"),
        ("service-db", 2, "1 s"),
        ("service-log", 1, "500 ms"),
    ]
    assert round(found.total, 3) == 2.4
    assert [bar.service for bar in found.bars if bar.failed] == ["service-db"]


def test_of_many_spans_failed_and_long_ones_stay_with_what_is_above_them() -> None:
    spans = [span("0", "", 0, 10.0)]
    spans += [span(str(n), str(n - 1 if n % 7 else 0), n * 0.01, 5 - n * 0.04) for n in range(1, 100)]
    spans.append(span("deep", "99", 2, 0.001, failed=True))
    found = waterfall(Trace("t", tuple(spans)), "t")
    names = {bar.service for bar in found.bars}
    assert len(found.bars) <= MOST_BARS
    assert found.left_out == len(spans) - len(found.bars)
    assert {"service-deep", "service-99", "service-98", "service-0"} <= names


ids = st.sampled_from(["a", "b", "c", "d", "e", "f", ""])
spans = st.builds(
    span, ids, ids, st.floats(0, 5), st.floats(0, 5), failed=st.booleans()
)  # missing parents, circles, ids that occur twice, children outside of their parents


@settings(max_examples=300, deadline=None)
@given(st.lists(spans, max_size=9))
def test_any_trace_has_each_span_once_and_a_path_without_gaps(given_: list[Span]) -> None:
    trace = Trace("t", tuple(given_))
    walked = [one.id for one, _ in tree(trace).walk()]
    assert sorted(walked) == sorted({one.id for one in given_})
    path = critical_path(trace)
    for one, following in pairwise(path):
        assert one.end == following.start
    if path:
        root = max(tree(trace).roots, key=lambda one: one.duration)
        assert (path[0].start, path[-1].end) == (root.start, root.start + root.duration)
    assert waterfall(trace, "t").left_out == 0
