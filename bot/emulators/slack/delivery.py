"""Brings events, commands and interactions to the bot: acknowledged in time, retried, or given up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.emulators.common.clock import PlatformClock, Timer
from bot.emulators.common.faults import Deliveries
from bot.emulators.common.log import EventLog
from bot.emulators.common.requests import Ack, AckLog
from bot.emulators.slack import limits

Json = dict[str, Any]
Channel = Literal["events_api", "slash_commands", "interactive"]


@dataclass(slots=True, eq=False)
class Delivery:
    """One attempt to bring something to the bot. The first of `answer` and `fail` settles it."""

    channel: Channel
    kind: str
    """The event's type, `slash_commands`, or the interaction's type."""
    payload: Json
    ack: Ack
    clock: PlatformClock
    on_answer: Callable[[object], None]
    on_fail: Callable[[str], None]
    retry_attempt: int = 0
    retry_reason: str = ""
    timer: Timer | None = field(default=None, repr=False)
    settled: bool = False

    @property
    def id(self) -> str:
        """The event's or trigger's id."""
        return self.ack.id

    def answer(self, payload: object = None) -> None:
        """The bot acknowledged, with an optional payload. Late ones are only noted."""
        if self.ack.acked_at is None:
            self.ack.acked_at = self.clock.now()
        if self._settle():
            self.on_answer(payload)

    def fail(self, reason: str) -> None:
        """The attempt failed: `timeout`, `http_error`, `connection_failed` …"""
        if self._settle():
            self.ack.error = reason
            self.on_fail(reason)

    def _settle(self) -> bool:
        first, self.settled = not self.settled, True
        if self.timer is not None:
            self.timer.cancel()
        return first


class Transport(Protocol):
    """How deliveries reach the bot."""

    def send(self, delivery: Delivery) -> None:
        """Start the attempt; it is settled later, or failed at once when nobody listens."""
        ...


class Courier:
    """Sends through whatever transport the app uses."""

    def __init__(
        self, clock: PlatformClock, log: EventLog, acks: AckLog, deliveries: Deliveries, transport: Transport
    ) -> None:
        self._clock = clock
        self._log = log
        self._acks = acks
        self._deliveries = deliveries
        self._transport = transport

    def event(self, payload: Json) -> None:
        """Deliver an event; retried at once, after 1 and after 5 minutes until acknowledged."""
        self._attempt(payload, 0, "")

    def interaction(
        self,
        channel: Channel,
        kind: str,
        payload: Json,
        *,
        answered: Callable[[object], None],
        failed: Callable[[str], None],
    ) -> None:
        """Deliver a command or interaction, once. Exactly one of `answered` and `failed` is called for each copy."""
        id_ = str(payload.get("trigger_id") or kind)
        self._deliveries.send(
            kind, lambda: self._send(channel, kind, payload, id_, answered, failed, attempt=0, reason="")
        )

    def _attempt(self, payload: Json, attempt: int, reason: str) -> None:
        kind = str(payload["event"]["type"])

        def failed(why: str) -> None:
            if attempt < len(limits.EVENT_RETRIES) and why != "no_retry":
                wait = limits.EVENT_RETRIES[attempt]
                self._clock.call_later(wait, lambda: self._attempt(payload, attempt + 1, why))

        self._deliveries.send(
            kind,
            lambda: self._send(
                "events_api", kind, payload, str(payload["event_id"]), _nothing, failed, attempt=attempt, reason=reason
            ),
        )

    def _send(
        self,
        channel: Channel,
        kind: str,
        payload: Json,
        id_: str,
        answered: Callable[[object], None],
        failed: Callable[[str], None],
        *,
        attempt: int,
        reason: str,
    ) -> None:
        ack = self._acks.add(id_, kind, self._clock.now(), attempt + 1)

        def given_up(why: str) -> None:
            self._log.append("delivery_failed", kind=kind, id=id_, attempt=attempt + 1, reason=why)
            failed(why)

        delivery = Delivery(channel, kind, payload, ack, self._clock, answered, given_up, attempt, reason)
        delivery.timer = self._clock.call_later(limits.ACKNOWLEDGE_WITHIN, lambda: delivery.fail("timeout"))
        self._transport.send(delivery)


def _nothing(_: object) -> None:
    """An event's acknowledgement carries nothing."""
