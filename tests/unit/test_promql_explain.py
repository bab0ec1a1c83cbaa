"""One sentence says what a query does, whatever the query."""

import pytest
from hypothesis import given, settings

from core.query.promql.explain import explain
from core.query.promql.model import Node
from core.query.promql.reader import read
from tests.unit.test_promql_model import TREES

SENTENCES = [
    (
        'histogram_quantile(0.99, sum by (le, path) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m])))',
        "The 99th percentile of http_request_duration_seconds where service is checkout for each path, over 5m.",
    ),
    (
        'sum(rate(http_requests_total{service="x",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="x"}[5m]))',
        "The share of http_requests_total where service is x that has status matching 5.., over 5m.",
    ),
    (
        'sum by (pod) (rate(a_total{status!="200"}[5m])) / sum by (pod) (rate(a_total[5m]))',
        "The share of a_total that has status other than 200 for each pod, over 5m.",
    ),
    ("sum(rate(a_total[5m])) / sum(rate(b_total[5m]))", "The per-second rate of a_total over 5m, in total, divided by the per-second rate of b_total over 5m, in total."),
    ("sum by (pod) (rate(a_total[5m]))", "The per-second rate of a_total over 5m for each pod."),
    ("up == 0", "The value of up, where it equals 0."),
    ("100 * sum(rate(a_total[5m])) / sum(rate(b_total[5m]))", "The per-second rate of a_total over 5m, in total, divided by the per-second rate of b_total over 5m, in total, in percent."),
    (
        '100 * sum(rate(a_total{status="500"}[5m])) / sum(rate(a_total[5m]))',
        "The share of a_total that has status of 500, over 5m, in percent.",
    ),
    ("up", "The value of up."),
    ("x > bool 1", "Whether x is above 1."),
    ("topk(3, x)", "The 3 highest of x."),
    ("a / a offset 7d", "The value of a, relative to the same 7d earlier."),
    ("a - a offset 1d", "The value of a, minus the same 1d earlier."),
    ("max_over_time(sum(x)[1h:1m])", "The highest value over 1h of the sum of x."),
    ("predict_linear(x[6h], 14400) < 0", "The value expected in 4h of x, going by the last 6h, where it is below 0."),
    ("histogram_quantile(0.5, x)", "The median of x."),
    ("histogram_quantile(0.999, x)", "The 99.9th percentile of x."),
    ("absent(up)", "Whether there is no up."),
    ('count_values("version", build_info)', "How many series have each value of build_info."),
    ("x and on (pod) y", "The value of x, where there is also y."),
    ("sum without (pod) (x)", "The sum of x for each combination of all labels but pod."),
    ("time() - x", "The current time minus x."),
    ('x{a="b c",d!~"e"}', 'The value of x where a is "b c" and d does not match e.'),
]  # fmt: skip


@pytest.mark.parametrize(("query", "sentence"), SENTENCES)
def test_sentences(query: str, sentence: str) -> None:
    assert explain(read(query)) == sentence


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_any_query_has_a_sentence(tree: Node) -> None:
    text = explain(tree)
    assert text.endswith(".")
