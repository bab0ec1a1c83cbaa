"""Losing a race for a run is no error: look again and decide on what is there now."""

import asyncio
import random
from collections.abc import Callable
from typing import TypeVar

from core.errors import ConflictError
from core.ports.records import Records, Transaction

T = TypeVar("T")


async def write(records: Records, unit: Callable[[Transaction], T], *, tries: int = 20) -> T:
    """`records.write`, again with what is new when somebody else was first; ConflictError after `tries` times."""
    for attempt in range(1, tries):
        try:
            return await records.write(unit)
        except ConflictError:
            await asyncio.sleep(random.uniform(0, 0.005 * attempt))
    return await records.write(unit)
