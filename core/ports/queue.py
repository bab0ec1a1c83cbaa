"""Work that survives a crash: pointers put in a transaction, delivered until acknowledged."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A pointer to something to do. Handlers are idempotent: a pointer may come twice, or after the work was done."""

    id: str
    queue: str
    key: str
    attempt: int
    """1 for the first delivery."""


class WorkDelivery(Protocol):
    """One item in the hands of one worker. The delivery is the lease: it passes to another worker when not acknowledged
    (or extended by `progress`) within the queue's lease."""

    @property
    def item(self) -> WorkItem: ...

    async def ack(self) -> None:
        """The work is done; never deliver it again. Idempotent; no error when the lease was lost meanwhile."""
        ...

    async def progress(self) -> bool:
        """Still working: the lease starts anew. False when it was lost; stop working then."""
        ...

    async def retry(self, delay: float = 0.0) -> None:
        """Deliver again after `delay` seconds."""
        ...

    async def reject(self, reason: str) -> None:
        """Poison: park it with the reason; it is never delivered again by itself."""
        ...


class WorkQueue(Protocol):
    """Delivers what `Transaction.work.put` enqueued."""

    def deliveries(self, queue: str, *, lease: float, prefetch: int = 1) -> AsyncGenerator[WorkDelivery, None]:
        """Endless; each item goes to one consumer at a time. `lease` in seconds; at most `prefetch` unacknowledged at once.
        Waiting costs no polling faster than once in half a second; an item put by this process comes at once.
        Closing it (`contextlib.aclosing`) gives back what was not acknowledged. While the records are away it waits, and goes on
        by itself."""
        ...

    async def depth(self, queue: str) -> int:
        """How many items wait or are being worked on; parked ones are not counted."""
        ...

    async def parked(self, queue: str) -> list[tuple[WorkItem, str]]:
        """Rejected items with their reasons."""
        ...

    async def healthy(self) -> str:
        """Empty when it works, else the reason in one line. Never raises."""
        ...
