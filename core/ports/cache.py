"""Small facts that may be forgotten, shared by replicas where Redis is configured."""

from typing import Protocol


class Cache(Protocol):
    """Keys are text, values bytes. Times to live in seconds."""

    async def get(self, key: str) -> bytes | None:
        """None when absent or expired."""
        ...

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        """Store for `ttl` seconds (> 0)."""
        ...

    async def add(self, key: str, value: bytes, *, ttl: float) -> bool:
        """Store only if absent; False if it was there. Atomic."""
        ...

    async def delete(self, key: str) -> None:
        """Forget; no error when absent."""
        ...

    async def take(self, key: str, *, rate: float, burst: int) -> float:
        """Take one token from the bucket `key` (refilled at `rate` a second, holding at most `burst`). 0.0 when taken, else
        the seconds until one will be there (nothing is taken then). Atomic over all replicas."""
        ...

    async def healthy(self) -> str:
        """Empty when it works, else the reason in one line. Never raises."""
        ...
