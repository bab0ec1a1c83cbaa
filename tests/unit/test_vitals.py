"""What is worth a look of a service's signals."""

import math
from datetime import UTC, datetime

import pytest

from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.vitals import ERRORS, LATENCY, REQUESTS, Vital, vitals_of
from integrations.http import Reach
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.shop.metrics import ShopMetrics
from integrations.observability.shop.world import Shop
from tests.unit.test_shop import NOW

RATIO = Quantity(Unit.RATIO)


@pytest.mark.parametrize(
    ("name", "now", "hour_ago", "day_ago", "odd"),
    [
        (ERRORS, 0.06, 0.06, 0.06, True),
        (ERRORS, 0.02, 0.02, 0.004, True),
        (ERRORS, 0.02, 0.004, 0.015, False),
        (ERRORS, 0.02, None, None, True),
        (ERRORS, 0.009, 0.001, 0.001, False),
        (LATENCY, 0.5, 0.2, 0.2, True),
        (LATENCY, 0.5, 0.2, 0.3, False),
        (LATENCY, 0.5, 0.2, None, True),
        (LATENCY, 0.5, None, None, False),
        (REQUESTS, 40.0, 100.0, 100.0, True),
        (REQUESTS, 400.0, 100.0, 100.0, False),
        (REQUESTS, None, 100.0, None, True),
        (REQUESTS, None, None, None, False),
        (ERRORS, None, 0.5, 0.5, False),
    ],
)
def test_what_is_odd_is_told_against_what_was_usual(
    name: str, now: float | None, hour_ago: float | None, day_ago: float | None, odd: bool
) -> None:
    assert Vital(name, RATIO, now, hour_ago, day_ago).odd is odd


async def test_the_shops_bad_deploy_shows_in_checkout_and_not_in_search() -> None:
    at = datetime.fromtimestamp(NOW, UTC)
    async with (
        PrometheusFake(ShopMetrics(Shop(lambda: NOW)), now=lambda: NOW) as fake,
        PrometheusClient(Reach(fake.url)) as client,
    ):
        checkout = {vital.name: vital for vital in await vitals_of(client, "checkout", "production", at)}
        search = await vitals_of(client, "search", "production", at)
        unknown = await vitals_of(client, "nothing-like-it", "production", at)
    assert [name for name, vital in checkout.items() if vital.odd] == [ERRORS, LATENCY]
    assert checkout[ERRORS].bad
    assert checkout[LATENCY].quantity.unit is Unit.SECONDS
    assert not any(vital.odd for vital in search)
    assert unknown == ()
    assert not any(math.isnan(vital.now or 0.0) for vital in search)
