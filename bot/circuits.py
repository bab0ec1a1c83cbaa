"""Which services are left alone because they fail: for `/metrics`, and for `/ready`, which tells of it and stays green."""

import structlog

from bot.metrics import Metrics

log = structlog.get_logger()

_NUMBERS = {"closed": 0, "half-open": 1, "open": 2}
"""As `copilot_circuit_state` counts them."""


class Circuits:
    """Told by the clients of services; implements `integrations.http.Watch`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._states: dict[str, str] = {}

    def watch(self, service: str, state: str) -> None:
        """Note how a service's breaker stands."""
        self._states[service] = state
        self._metrics.circuit.labels(service).set(_NUMBERS[state])
        log.warning("service.circuit", service=service, state=str(state))

    async def healthy(self) -> str:
        """The services that are not asked, or nothing."""
        left = sorted(service for service, state in self._states.items() if state != "closed")
        return f"left alone because they fail: {', '.join(left)}" if left else ""
