"""What the bot asked of the platform, and what the platform delivered to the bot."""

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_SECRET_KEYS = frozenset({"token", "client_secret", "authorization", "secret"})
_SECRET_TEXT = re.compile(r"\b(xox[a-z]-|xapp-|xwfp-|Bot |Bearer )[\w.-]{4,}")


def masked(value: object) -> object:
    """A copy of a JSON value with tokens replaced by `***`."""
    if isinstance(value, dict):
        return {key: "***" if key.lower() in _SECRET_KEYS else masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return _SECRET_TEXT.sub(r"\1***", value)
    return value


@dataclass(slots=True)
class Request:
    """One API call of the bot. `ms` is None while it runs."""

    n: int
    at: float
    method: str
    path: str
    body: object
    status: int | None = None
    error: str | None = None
    ms: float | None = None

    def view(self) -> Json:
        """As JSON, tokens masked."""
        body = masked(self.body)
        return {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "body": body,
            "status": self.status,
            "error": self.error,
            "ms": self.ms,
        }


class RequestLog:
    """The latest API calls."""

    def __init__(self, keep: int = 5_000) -> None:
        self._kept: deque[Request] = deque(maxlen=keep)
        self._n = 0

    def add(self, at: float, method: str, path: str, body: object) -> Request:
        """Record a call; the caller fills in `status`, `error` and `ms` when it is answered."""
        self._n += 1
        request = Request(self._n, at, method, path, body)
        self._kept.append(request)
        return request

    def since(self, n: int) -> list[Json]:
        """The kept calls after number `n`, oldest first."""
        return [request.view() for request in self._kept if request.n > n]


@dataclass(slots=True)
class Ack:
    """One delivery to the bot. `acked_at` stays None until the bot acknowledged it."""

    n: int
    id: str
    kind: str
    sent_at: float
    attempt: int = 1
    acked_at: float | None = None
    error: str | None = None

    def view(self) -> Json:
        """As JSON."""
        return {
            "n": self.n,
            "id": self.id,
            "kind": self.kind,
            "sent_at": self.sent_at,
            "acked_at": self.acked_at,
            "attempt": self.attempt,
            "error": self.error,
        }


class AckLog:
    """The latest deliveries."""

    def __init__(self, keep: int = 5_000) -> None:
        self._kept: deque[Ack] = deque(maxlen=keep)
        self._n = 0

    def add(self, id_: str, kind: str, sent_at: float, attempt: int = 1) -> Ack:
        """Record a delivery; the caller sets `acked_at` or `error`."""
        self._n += 1
        ack = Ack(self._n, id_, kind, sent_at, attempt)
        self._kept.append(ack)
        return ack

    def since(self, n: int) -> list[Json]:
        """The kept deliveries after number `n`, oldest first."""
        return [ack.view() for ack in self._kept if ack.n > n]
