"""What is told of services that are left alone."""

from prometheus_client import generate_latest

from bot.circuits import Circuits
from bot.metrics import Metrics
from integrations.breaker import State


async def test_a_service_that_is_left_alone_is_counted_and_named_until_it_is_asked_again() -> None:
    metrics = Metrics()
    circuits = Circuits(metrics)
    assert not await circuits.healthy()
    circuits.watch("delivery", State.OPEN)
    circuits.watch("prometheus", State.HALF_OPEN)
    assert await circuits.healthy() == "left alone because they fail: delivery, prometheus"
    shown = generate_latest(metrics.registry).decode()
    assert 'copilot_circuit_state{service="delivery"} 2.0' in shown
    assert 'copilot_circuit_state{service="prometheus"} 1.0' in shown
    for service in ("delivery", "prometheus"):
        circuits.watch(service, State.CLOSED)
    assert not await circuits.healthy()
    assert 'copilot_circuit_state{service="delivery"} 0.0' in generate_latest(metrics.registry).decode()
