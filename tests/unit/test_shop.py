"""The shop behind the demo: the same question has the same answer, and its stories show where they should."""

from collections.abc import Mapping

import numpy as np
import pytest

from core.query.promql.reader import read
from integrations.delivery.fake_service import SERVICES as DELIVERED
from integrations.observability.prometheus.engine.evaluate import evaluate
from integrations.observability.prometheus.engine.samples import selects
from integrations.observability.shop.metrics import RULES, ShopMetrics
from integrations.observability.shop.world import DAY, HOUR, MINUTE, SERVICES, Shop

NOW = 1_795_610_000.0
"""2026-11-25, a Wednesday, 11:53 UTC."""
P95 = 'histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket{environment="production"}[5m])))'
FAILED = (
    'sum by (service) (rate(http_requests_total{environment="production",status=~"5.."}[5m]))'
    ' / sum by (service) (rate(http_requests_total{environment="production"}[5m]))'
)


def values(query: str, *at: float, told: tuple[()] | None = None) -> Mapping[str, list[float]]:
    """By service, at each moment."""
    found = evaluate(read(query), ShopMetrics(Shop(lambda: NOW, told=told)), np.array(at))
    assert isinstance(found, list)
    return {one.labels.get("service", ""): [float(value) for value in one.values] for one in found}


def test_the_services_are_those_that_can_be_deployed() -> None:
    assert {service.name for service in SERVICES} == set(DELIVERED)
    assert all(sum(service.paths.values()) == pytest.approx(1) for service in SERVICES)


def test_the_same_moment_answers_the_same_whenever_it_is_asked_for() -> None:
    at = NOW - DAY
    later = ShopMetrics(_opened_at_now_asked(NOW + 3 * DAY))
    sooner = ShopMetrics(Shop(lambda: NOW))
    wanted = selects(())
    for name in sooner.kinds():
        pairs = zip(
            sooner.samples(name, at, at + HOUR, wanted), later.samples(name, at, at + HOUR, wanted), strict=True
        )
        for one, other in pairs:
            assert one.labels == other.labels
            np.testing.assert_array_equal(one.values, other.values)


def _opened_at_now_asked(later: float) -> Shop:
    """A shop that was opened at NOW and is asked later."""
    clock = [NOW]
    shop = Shop(lambda: clock[0])
    clock[0] = later
    return shop


def test_counters_only_grow() -> None:
    shop = ShopMetrics(Shop(lambda: NOW))
    for name, kind in shop.kinds().items():
        if kind in ("counter", "histogram"):
            for one in shop.samples(name, NOW - 2 * HOUR, NOW, selects(())):
                assert (np.diff(one.values) >= 0).all(), (name, one.labels)


def test_a_bad_deploy_slows_checkout_down_and_makes_it_fail_and_nobody_else() -> None:
    before, now = NOW - HOUR, NOW
    p95, failed = values(P95, before, now), values(FAILED, before, now)
    assert p95["checkout"][1] > 2.5 * p95["checkout"][0]
    assert failed["checkout"][0] < 0.01 < 0.05 < failed["checkout"][1]
    assert all(p95[name][1] < 1.5 * p95[name][0] for name in ("web", "search", "auth"))


def test_yesterday_afternoon_the_database_was_slow() -> None:
    afternoon = NOW - NOW % DAY - DAY + 14 * HOUR + 30 * MINUTE
    p95 = values(P95, afternoon - HOUR, afternoon)
    slower = {name for name, (before, then) in p95.items() if then > 2.5 * before}
    assert slower == {"checkout", "payments", "catalog", "inventory"}
    connections = values("pg_stat_activity_count", afternoon - HOUR, afternoon)
    assert connections["orders-db"][1] > connections["orders-db"][0] + 40


def test_on_a_quiet_day_no_rule_holds_but_for_the_disk() -> None:
    data = ShopMetrics(Shop(lambda: NOW, told=()))
    at = NOW - HOUR * np.arange(20, -1, -1)
    for rule in RULES:
        found = evaluate(read(rule.query), data, at)
        assert isinstance(found, list)
        holds = any(one.there.any() for one in found)
        assert holds is (rule.name == "DiskWillFillIn12Hours"), rule.name


def test_more_is_asked_of_it_by_day_than_by_night_and_in_staging_less() -> None:
    night, day = NOW - NOW % DAY - DAY + 3 * HOUR, NOW - NOW % DAY - DAY + 15 * HOUR
    every = "sum by (service) (rate(http_requests_total[10m]))"
    rates = values(every, night, day, told=())
    assert all(by_day > 3 * by_night for by_night, by_day in rates.values())
    staging = values('sum by (service) (rate(http_requests_total{environment="staging"}[10m]))', day, told=())
    assert all(staging[name][0] < 0.1 * rates[name][1] for name in rates)
