"""Where kept answers lie that outlive the process, or that replicas share: written as bytes, found by a digest of what was asked."""

import hashlib
import json
import zlib
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from pydantic import TypeAdapter

from core.errors import UnavailableError
from core.ports.cache import Cache
from core.ports.clock import Clock
from core.ports.records import Records

log = structlog.get_logger()

T = TypeVar("T")

SHARED: Final = timedelta(hours=1)
"""How long an answer lies in the shared cache."""
LASTING: Final = timedelta(hours=24)
"""How long it lies in the records."""
_MOST = 256 * 1024
"""Bytes of one that is written."""


class Shelf(Protocol):
    """One level. It may forget, and never raises."""

    @property
    def level(self) -> str:
        """Its name in figures."""
        ...

    @property
    def sparing(self) -> bool:
        """Whether it takes only what people look at again."""
        ...

    async def get(self, key: str) -> bytes | None:
        """What lies under this key; None without anything."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Lay it there, instead of what was there."""
        ...


class SharedShelf:
    """Implements `Shelf` by the cache that replicas share."""

    level = "redis"
    sparing = False

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def get(self, key: str) -> bytes | None:
        """See `Shelf.get`."""
        return await self._cache.get(f"answer:{key}")

    async def put(self, key: str, value: bytes) -> None:
        """See `Shelf.put`."""
        await self._cache.set(f"answer:{key}", value, ttl=SHARED.total_seconds())


class LastingShelf:
    """Implements `Shelf` by the records."""

    level = "sql"
    sparing = True

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def get(self, key: str) -> bytes | None:
        """See `Shelf.get`."""
        now = self._clock.now()
        try:
            return await self._records.read(lambda tx: tx.kept_answers.get(key, now=now))
        except UnavailableError as error:
            log.warning("answers.shelf_away", error=error.message)
            return None

    async def put(self, key: str, value: bytes) -> None:
        """See `Shelf.put`."""
        now = self._clock.now()
        try:
            await self._records.write(lambda tx: tx.kept_answers.put(key, value, now=now, until=now + LASTING))
        except UnavailableError as error:
            log.warning("answers.shelf_away", error=error.message)


@dataclass(frozen=True, slots=True)
class Shelved(Generic[T]):
    """An answer that lay on a shelf."""

    question: str
    """Digest of what was asked: of kin, only one lies there, the newest."""
    at: datetime
    value: T


class Packing(Generic[T]):
    """How answers of one type are written."""

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 -- a type form, which has no type of its own yet
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def pack(self, question: Hashable, at: datetime, value: T) -> bytes | None:
        """A line that says of what and of when it is, then compressed JSON; None for what is too large."""
        # Not the adapter's own JSON: that has no word for NaN, which a series may hold.
        body = zlib.compress(json.dumps(self._adapter.dump_python(value, mode="json")).encode(), 1)
        packed = f"{digest(question)} {at.isoformat()}\n".encode() + body
        return packed if len(packed) <= _MOST else None

    def unpack(self, packed: bytes, *, of: str = "") -> Shelved[T] | None:
        """Read back; None for what another version wrote in another way. `of`: digest of the only question whose answer is wanted:
        what answers another one is not looked into."""
        head, _, body = packed.partition(b"\n")
        try:
            question, at = head.decode().split(" ")
            if of and question != of:
                return None
            value = self._adapter.validate_python(json.loads(zlib.decompress(body)))
            return Shelved(question, datetime.fromisoformat(at), value)
        except (zlib.error, ValueError, TypeError) as error:
            log.warning("answers.unreadable", error=type(error).__name__)
            return None


def digest(asked: Hashable) -> str:
    """Of what was asked: text, numbers, times and tuples of them, whose print is the same in every process."""
    return hashlib.sha256(repr(asked).encode()).hexdigest()
