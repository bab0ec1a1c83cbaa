"""What may run: names that exist, at a cost that the backend can bear (rows A27 and A28)."""

from datetime import timedelta

import pytest

from core.query.catalogue import Backend, Known
from core.query.promql.check import Limits, check, estimate, fitting_step
from core.query.promql.model import Selector
from core.query.promql.reader import read
from core.query.translation import QueryRefused

HOUR = timedelta(hours=1)
BACKEND = Backend(
    {
        "http_requests_total": Known("counter", frozenset({"service", "status", "path"}), 5000),
        "up": Known("gauge", frozenset({"job", "instance"}), 100),
        "job:errors:ratio": Known(),
    },
    {"service": frozenset({"checkout", "cart"}), "status": frozenset({"200", "404", "500", "503"})},
)


@pytest.mark.parametrize(
    ("window", "points", "step"),
    [
        (timedelta(0), 500, timedelta(seconds=15)),
        (HOUR, 500, timedelta(seconds=15)),
        (timedelta(days=1), 500, timedelta(minutes=5)),
        (timedelta(days=7), 500, timedelta(minutes=30)),
        (timedelta(days=3650), 500, timedelta(days=8)),
        (timedelta(days=7), 10_999, timedelta(minutes=1)),
    ],
)
def test_a_fitting_step_draws_the_window_in_few_points(window: timedelta, points: int, step: timedelta) -> None:
    assert fitting_step(window, points) == step
    assert window / step <= points


def test_a_query_that_may_run_comes_back_with_its_cost() -> None:
    checked = check('sum(rate(http_requests_total{service="checkout"} [5m]))', window=HOUR, backend=BACKEND)
    assert checked.query == 'sum(rate(http_requests_total{service="checkout"}[5m]))'
    assert (checked.step, checked.points, checked.series) == (timedelta(seconds=15), 241, 2500)


def test_without_a_backend_only_the_form_is_checked() -> None:
    assert check("whatever_it_is", window=HOUR).series is None


ALLOWED = [
    "up",
    "1",
    "absent(nope)",
    "sum by (job) (up)",
    'sum by (made) (label_replace(up, "made", "x", "", ""))',
    "job:errors:ratio",
    'sum by (anything) ({__name__="job:errors:ratio"})',
    'up{job=~".+"}',
    'http_requests_total{status=~"5.."}',
    'http_requests_total{service=""}',
    "max_over_time(sum(rate(http_requests_total[5m]))[6h:1m])",
    "up / on (job) group_left () sum by (job) (up)",
]


@pytest.mark.parametrize("query", ALLOWED)
def test_allowed(query: str) -> None:
    assert check(query, window=HOUR, backend=BACKEND).query


REFUSED = [
    ("upp", "no metric upp", ("up",)),
    ("http_request_total", "no metric http_request_total", ("http_requests_total",)),
    ('up{service="checkout"}', "no label service", ("instance", "job")),
    ('http_requests_total{statuss="200"}', "no label statuss", ("status",)),
    ('http_requests_total{service="chekout"}', "service chekout", ("checkout",)),
    ("sum by (foo) (up)", "label foo", ("instance", "job")),
    ("up * on (foo) up", "label foo", ("instance", "job")),
    ("sum(nope) / sum(up)", "no metric nope", ()),
    ("up[5m]", "ranges of samples", ()),
    ("up[5m:1m]", "ranges of samples", ()),
    ('"text"', "a text", ()),
    ('{job="x"}', "names no metric", ()),
    ('{job=~".+"}', "matches everything", ()),
    ('{__name__=~".*",job="x"}', "matches everything", ()),
    ('up{job=~".*"}', "matches everything", ()),
    ('up{job=~"(.*)"}', "matches everything", ()),
    ('up{job=~"^.*$"}', "matches everything", ()),
    ('up{job=~"(?s).*.*"}', "matches everything", ()),
    ("max_over_time(rate(up[1m])[30d:1s])", "evaluations", ()),
    ("max_over_time(max_over_time(up[1h:10s])[7d:1m])", "evaluations", ()),
    ("rate(up[1y])", "too long", ()),
    ("sum(rate(http_requests_total[30d]))", "samples", ()),
    ("not promql at all", "no valid PromQL", ()),
]


@pytest.mark.parametrize(("query", "reason", "nearest"), REFUSED)
def test_refused(query: str, reason: str, nearest: tuple[str, ...]) -> None:
    with pytest.raises(QueryRefused, match=reason) as refusal:
        check(query, window=HOUR, backend=BACKEND)
    assert refusal.value.hint
    if nearest:
        assert refusal.value.nearest[: len(nearest)] == nearest


def test_at_most_eleven_thousand_points_and_a_step_is_proposed() -> None:
    with pytest.raises(QueryRefused, match="604,801 points") as refusal:
        check("up", window=timedelta(days=7), step=timedelta(seconds=1))
    assert "a step of 1m or more" in refusal.value.hint
    assert check("up", window=timedelta(days=7), step=timedelta(minutes=1)).points == 10_081


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(QueryRefused, match="longer than nothing"):
        check("up", window=HOUR, step=timedelta(0))


def test_too_many_series_are_refused() -> None:
    with pytest.raises(QueryRefused, match="5,000 series"):
        check("http_requests_total", window=HOUR, backend=BACKEND, limits=Limits(series=4_000))


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("http_requests_total", 5000),
        ('http_requests_total{service="cart"}', 2500),
        ('http_requests_total{service="cart",status="500"}', 625),
        ('http_requests_total{status=~"500|503"}', 2500),
        ('http_requests_total{status!="500"}', 5000),
        ("job:errors:ratio", None),
    ],
)
def test_series_are_estimated_by_the_values_of_labels(query: str, series: int | None) -> None:
    selector = read(query)
    assert isinstance(selector, Selector)
    assert estimate(selector, BACKEND) == series
