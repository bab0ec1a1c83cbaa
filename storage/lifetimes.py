"""Background work that lives exactly as long as the context that owns it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager

_INSIST = 1.0
"""Seconds until a task that did not end is cancelled again."""


@asynccontextmanager
async def running(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines beside the body; they are cancelled at its end, and it is cancelled when one of them fails. A single
    failure is raised as itself, not as a group of one."""
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(one) for one in work]
            try:
                yield
            finally:
                await _end(started)
    except BaseExceptionGroup as failures:
        if len(failures.exceptions) == 1:
            raise failures.exceptions[0] from None
        raise


def heed_cancellation() -> None:
    """Raise CancelledError when this task was cancelled and a call has swallowed it, as `asyncio.wait_for` (which NATS's client
    uses) can until Python 3.12."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel them until they have ended, for the reason above."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_INSIST)


async def wait_for(event: asyncio.Event, timeout: float) -> bool:
    """Wait until the event is set, so many seconds at most; whether it was."""
    try:
        async with asyncio.timeout(timeout):
            await event.wait()
    except TimeoutError:
        return False
    return True
