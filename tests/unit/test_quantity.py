"""In which unit the result of a query is, and how its numbers read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity, quantity
from core.query.promql.reader import read
from core.telemetry.numbers import change, plain, told

LATENCY = "http_request_duration_seconds"
ERRORS = 'sum(rate(http_requests_total{status=~"5.."}[5m]))'
ALL = "sum(rate(http_requests_total[5m]))"


@pytest.mark.parametrize(
    ("query", "unit", "factor"),
    [
        (f"histogram_quantile(0.95, sum by (le) (rate({LATENCY}_bucket[5m])))", Unit.SECONDS, 1),
        (f"rate({LATENCY}_sum[5m]) / rate({LATENCY}_count[5m])", Unit.SECONDS, 1),
        (f"1000 * rate({LATENCY}_sum[5m]) / rate({LATENCY}_count[5m])", Unit.SECONDS, 0.001),
        (f"rate({LATENCY}_count[5m])", Unit.PER_SECOND, 1),
        (ALL, Unit.PER_SECOND, 1),
        (f"{ALL} * 60", Unit.PER_SECOND, 1 / 60),
        (f"{ERRORS} / {ALL}", Unit.RATIO, 1),
        (f"100 * {ERRORS} / {ALL} > 5", Unit.RATIO, 0.01),
        (f"1 - {ERRORS} / {ALL}", Unit.RATIO, 1),
        ("sum(increase(http_requests_total[1h]))", Unit.COUNT, 1),
        ("sum(container_memory_working_set_bytes) / 1048576", Unit.BYTES, 1048576),
        ("rate(node_network_receive_bytes_total[5m])", Unit.BYTES_PER_SECOND, 1),
        ("1 - node_filesystem_avail_bytes / node_filesystem_size_bytes", Unit.RATIO, 1),
        ("sum(rate(container_cpu_usage_seconds_total[5m]))", Unit.CORES, 1),
        ('sum(kube_pod_container_resource_requests{resource="memory"})', Unit.BYTES, 1),
        ("time() - process_start_time_seconds", Unit.SECONDS, 1),
        ("count(up == 0)", Unit.COUNT, 1),
        ("max_over_time(queue_depth[1h])", Unit.COUNT, 1),
        ("topk(3, sum by (pod) (rate(llm_cost_dollars_total[1h])))", None, 1),
        ("sum(llm_cost_dollars_total)", Unit.DOLLARS, 1),
        ("http_requests_total / queue_depth", None, 1),
        ("vector(3)", None, 1),
    ],
)
def test_the_unit_is_told_from_names_and_from_what_is_done_to_them(
    query: str, unit: Unit | None, factor: float
) -> None:
    assert quantity(read(query)) == Quantity(unit, pytest.approx(factor))


@pytest.mark.parametrize(
    ("value", "of", "text"),
    [
        (0.1821, Quantity(Unit.SECONDS), "182 ms"),
        (182.1, Quantity(Unit.SECONDS, 0.001), "182 ms"),
        (0.0000021, Quantity(Unit.SECONDS), "2.1 µs"),
        (1.5, Quantity(Unit.SECONDS), "1.5 s"),
        (600.0, Quantity(Unit.SECONDS), "10 min"),
        (-0.05, Quantity(Unit.SECONDS), "-50 ms"),
        (0.0, Quantity(Unit.SECONDS), "0 s"),
        (1.61e9, Quantity(Unit.BYTES), "1.5 GiB"),
        (512.0, Quantity(Unit.BYTES, 2**20), "512 MiB"),
        (2048.0, Quantity(Unit.BYTES_PER_SECOND), "2 KiB/s"),
        (0.00417, Quantity(Unit.RATIO), "0.417 %"),
        (0.0, Quantity(Unit.RATIO), "0 %"),
        (12.0, Quantity(Unit.RATIO, 0.01), "12 %"),
        (412.7, Quantity(Unit.PER_SECOND), "413 /s"),
        (0.05, Quantity(Unit.PER_SECOND), "3 /min"),
        (1.25, Quantity(Unit.CORES), "1.25 cores"),
        (1234567.0, Quantity(Unit.COUNT), "1 234 567"),
        (math.nan, Quantity(Unit.SECONDS), "no value"),
        (math.inf, Quantity(Unit.RATIO), "+∞"),
    ],
)
def test_a_value_is_told_in_the_unit_that_suits_its_size(value: float, of: Quantity, text: str) -> None:
    assert told(value, of) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (12.0, "12"), (1234567.0, "1 234 567"), (0.042137, "0.04214"), (1.5e-7, "1.5e-07"),
        (-3.25, "-3.25"), (math.nan, "no value"), (math.inf, "+∞"), (-math.inf, "-∞"),
    ],
)  # fmt: skip
def test_a_plain_number_has_four_digits_that_mean_something(value: float, text: str) -> None:
    assert plain(value) == text


def test_a_change_is_told_against_what_was() -> None:
    assert [change(1.18, 1.0), change(0.5, 1.0), change(1.001, 1.0), change(9.6, 3.0)] == [
        "+18 %",
        "-50 %",
        "unchanged",
        "3.2 times",
    ]
    assert [change(1.0, 0.0), change(-1.0, 1.0), change(math.nan, 1.0), change(1.0, math.inf)] == ["", "", "", ""]


@given(st.floats(), st.sampled_from([None, *Unit]), st.sampled_from([1.0, 0.01, 1e-9, 2.0**20]))
def test_any_value_reads_in_a_few_characters(value: float, unit: Unit | None, factor: float) -> None:
    assert 0 < len(told(value, Quantity(unit, factor))) < 40
