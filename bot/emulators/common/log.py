"""What happened in the emulated workspace: numbered events, replayed and followed as server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from bot.emulators.common.clock import PlatformClock

Json = dict[str, Any]


class EventLog:
    """Numbered events, the latest `keep` of them (up to twice as many before the oldest are dropped)."""

    def __init__(self, clock: PlatformClock, keep: int = 20_000) -> None:
        self._clock = clock
        self._keep = keep
        self._events: list[Json] = []
        self._dropped = 0
        self._wakers: set[asyncio.Event] = set()
        self._closed = False

    @property
    def seq(self) -> int:
        """The number of the latest event; 0 before the first."""
        return self._dropped + len(self._events)

    def append(self, type_: str, **fields: object) -> int:
        """Record an event and wake the followers; returns its number. Later changes of `fields` must not touch them in place."""
        seq = self.seq + 1
        self._events.append({"seq": seq, "at": self._clock.now(), "type": type_, **fields})
        if len(self._events) > 2 * self._keep:
            surplus = len(self._events) - self._keep
            del self._events[:surplus]
            self._dropped += surplus
        for waker in self._wakers:
            waker.set()
        return seq

    def since(self, seq: int) -> list[Json]:
        """The kept events after `seq`, oldest first."""
        return self._events[max(0, seq - self._dropped) :]

    async def follow(self, since: int | None = None) -> AsyncGenerator[Json, None]:
        """Events after `since` (default: from now), then live ones until the log is closed. A number from the future is one of
        an earlier process: everything is new then."""
        seen = self.seq if since is None else since
        if seen > self.seq:
            seen = 0
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            while not self._closed:
                waker.clear()
                for event in self.since(seen):
                    seen = event["seq"]
                    yield event
                if seen >= self.seq:
                    await waker.wait()
        finally:
            self._wakers.discard(waker)

    def close(self) -> None:
        """End all followers."""
        self._closed = True
        for waker in self._wakers:
            waker.set()


def as_sse(event: Json) -> bytes:
    """One event in the text/event-stream format."""
    try:
        data = json.dumps(event, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps(event).encode()  # half a surrogate pair has no UTF-8; JSON's escape carries it
    return b"id: %d\ndata: %s\n\n" % (event["seq"], data)
