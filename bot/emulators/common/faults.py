"""Faults that tests and the demo inject, and how they change deliveries."""

import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from bot.emulators.common.clock import PlatformClock

Json = dict[str, Any]


class ControlError(Exception):
    """A control request that cannot be carried out; its text says what is wrong and what to do."""


class FaultKind(StrEnum):
    """What can go wrong on purpose."""

    RATE_LIMIT = "rate_limit"
    ERROR = "error"
    LATENCY = "latency"
    DROP_RESPONSE = "drop_response"
    BLACK_HOLE = "black_hole"
    DROP_SOCKETS = "drop_sockets"
    REFUSE_SOCKETS = "refuse_sockets"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"
    EXPIRE_TRIGGERS = "expire_triggers"
    BUDGET = "budget"


@dataclass(slots=True)
class Fault:
    """One fault. `times` counts down; None lasts until cleared."""

    id: int
    kind: FaultKind
    match: str = "*"
    """Pattern for the API method or path, or the kind of delivery; `*` matches all."""
    times: int | None = None
    retry_after: float = 1.0
    """rate_limit: seconds in Retry-After."""
    status: int = 500
    """error: the HTTP status."""
    seconds: float = 1.0
    """latency, delay: platform seconds."""
    copies: int = 2
    """duplicate: how often each delivery goes out."""
    group: int = 2
    """reorder: deliveries are held until this many wait, then leave reversed."""
    per_second: float = 1.0
    """budget: calls a second."""

    def matches(self, subject: str) -> bool:
        """Whether the fault concerns this method, path or kind of delivery."""
        return self.match == "*" or fnmatchcase(subject, self.match)

    def view(self) -> Json:
        """As JSON."""
        return asdict(self)


_NUMBERS = {field.name for field in fields(Fault)} - {"id", "kind", "match", "times"}


class FaultBoard:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def on_change(self, call: Callable[[], None]) -> None:
        """Call `call` after every addition, expiry and clearing."""
        self._listeners.append(call)

    def add(self, wish: Json) -> Fault:
        """Put a fault in force; ControlError when it is malformed."""
        values = dict(wish)
        fault = Fault(next(self._ids), _kind(values.pop("kind", None)), match=str(values.pop("match", "*")))
        fault.times = _times(values.pop("times", None))
        for name, value in values.items():
            if name not in _NUMBERS:
                raise ControlError(f"unknown field {name!r} in a fault; known: {', '.join(sorted(_NUMBERS))}")
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ControlError(f"{name} must be a number of at least 0")
            setattr(fault, name, type(getattr(fault, name))(value))
        self._faults.append(fault)
        self._changed()
        return fault

    def discard(self, fault: Fault) -> None:
        """End one fault; nothing happens when it is over already."""
        if fault in self._faults:
            self._faults.remove(fault)
            self._changed()

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()
        self._changed()

    def list(self) -> list[Json]:
        """The faults in force as JSON, oldest first."""
        return [fault.view() for fault in self._faults]

    def active(self, kind: FaultKind, subject: str | None = None) -> Fault | None:
        """The oldest fault of the kind that matches (without a subject: any), without counting it."""
        for fault in self._faults:
            if fault.kind is kind and (subject is None or fault.matches(subject)):
                return fault
        return None

    def take(self, kind: FaultKind, subject: str | None = None) -> Fault | None:
        """The oldest matching fault, counted once: after `times` it is gone."""
        fault = self.active(kind, subject)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
                self._changed()
        return fault

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()


class Deliveries:
    """Passes deliveries on at once, or duplicated, delayed and reordered while such faults are in force."""

    def __init__(self, faults: FaultBoard, clock: PlatformClock) -> None:
        self._faults = faults
        self._clock = clock
        self._held: list[Callable[[], None]] = []
        faults.on_change(self._release_when_cleared)

    def send(self, subject: str, deliver: Callable[[], None]) -> None:
        """Make the delivery; `subject` is its kind, for `match`."""
        if not self._faults and not self._held:
            deliver()
            return
        duplicate = self._faults.take(FaultKind.DUPLICATE, subject)
        for _ in range(duplicate.copies if duplicate else 1):
            self._send_one(subject, deliver)

    def _send_one(self, subject: str, deliver: Callable[[], None]) -> None:
        if delay := self._faults.take(FaultKind.DELAY, subject):
            self._clock.call_later(delay.seconds, deliver)
            return
        reorder = self._faults.active(FaultKind.REORDER, subject)
        if reorder is None:
            deliver()
            return
        self._held.append(deliver)
        if len(self._held) >= reorder.group:
            self._release()
            self._faults.take(FaultKind.REORDER, subject)

    def _release_when_cleared(self) -> None:
        if self._held and self._faults.active(FaultKind.REORDER) is None:
            self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for deliver in reversed(held):
            deliver()


def _kind(value: object) -> FaultKind:
    try:
        return FaultKind(str(value))
    except ValueError:
        raise ControlError(f"unknown fault {value!r}; known: {', '.join(FaultKind)}") from None


def _times(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ControlError("times must be a whole number above 0, or null until cleared")
