"""Which spellings of a PromQL query ask the same."""

import pytest

from bot.evaluation.queries import same
from bot.sentences import Request

ALIKE = [
    ("sum(rate(x[1h])) / (1 - 0.999)", "sum(rate(x[1h])) / 0.001"),
    ("predict_linear(x[6h], 4 * 3600) < 0", "predict_linear(x[6h], 14400) < 0"),
    (
        "sum by (service) (x) > 1 and on (service) sum by (service) (y) > 10",
        "sum by (service) (x) > 1 and sum by (service) (y) > 10",
    ),
    (
        "histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m]))) > 1 and on (job) sum by (job) (y)",
        "histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m]))) > 1 and sum by (job) (y)",
    ),
    ("sum(x) / on () sum(y)", "sum(x) / sum(y)"),
]
UNLIKE = [
    ("x and on (service) y", "x and y"),
    ("sum by (service, pod) (x) and on (service) sum by (service) (y)", "sum by (service, pod) (x) and sum by (service) (y)"),
    ("topk by (service) (1, x) and on (service) sum by (service) (y)", "topk by (service) (1, x) and sum by (service) (y)"),
    ("sum(x) / (1 - 0.99)", "sum(x) / 0.001"),
]  # fmt: skip


def _same(one: str, other: str) -> bool:
    return same(one, other, Request.of({"text": "x", "language": "promql"}))


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_they_ask_the_same(one: str, other: str) -> None:
    assert _same(one, other)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_they_do_not(one: str, other: str) -> None:
    assert not _same(one, other)
