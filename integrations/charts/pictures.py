"""Implements `core.ports.pictures.Pictures` with a process that is started when first needed, and let go when nobody needs it."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from types import TracebackType
from typing import Self

import structlog
from pydantic import TypeAdapter

from core.errors import UnavailableError
from core.ports.pictures import Drawing

log = structlog.get_logger()
_DRAWING: TypeAdapter[Drawing] = TypeAdapter(Drawing)
_WITHIN = 30.0
"""Seconds for one picture, with the start of the process about one."""
_KEPT = 60.0
"""Seconds that the process is kept without work: it holds more memory than the bot."""
_MOST_DRAWN = 500
"""Pictures of one process; libraries leak."""
_MOST_WAITING = 20
"""Pictures that wait for others; more would come too late for whoever asked."""


class DrawnPictures:
    """One at a time: drawing takes a whole core."""

    def __init__(self, *, kept: float = _KEPT, within: float = _WITHIN, most_drawn: int = _MOST_DRAWN) -> None:
        """`kept`: seconds that the process is kept without work. `within`: seconds for one picture. `most_drawn`: by one process."""
        self._kept, self._within, self._most_drawn = kept, within, most_drawn
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None
        self._drawn = 0
        self._idle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._idle:
            self._idle.cancel()
        async with self._turn:
            await self._end()

    async def png(self, drawing: Drawing) -> bytes:
        """See the port."""
        if self._waiting >= _MOST_WAITING:
            raise UnavailableError("Too many pictures are being drawn.", hint="Try again in a moment.")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._draw(_DRAWING.dump_json(drawing))
        finally:
            self._waiting -= 1

    async def _draw(self, drawing: bytes) -> bytes:
        if self._idle:
            self._idle.cancel()
        whole = False
        try:
            async with asyncio.timeout(self._within):
                process = await self._running()
                drawn = await _ask(process, drawing)
                said = b"" if drawn else await _read(process)
            whole = True
        except TimeoutError:
            raise UnavailableError(f"The picture was not drawn within {self._within:.0f} s.") from None
        except (OSError, asyncio.IncompleteReadError) as error:
            log.error("picture.process_died", error=type(error).__name__)
            raise UnavailableError("The picture could not be drawn.") from error
        finally:
            self._drawn += 1
            if not whole or self._drawn >= self._most_drawn:
                # Half an answer would be taken for the beginning of the next one.
                await self._end()
            else:
                self._idle = asyncio.get_running_loop().call_later(self._kept, self._let_go)
        if not drawn:
            log.error("picture.failed", error=said.decode(errors="replace"))
            raise UnavailableError("The picture could not be drawn.")
        return drawn

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "integrations.charts", stdin=PIPE, stdout=PIPE
            )
            self._drawn = 0
        return self._process

    def _let_go(self) -> None:
        """The process ends with its input."""
        if self._process and self._process.stdin and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ask(process: Process, drawing: bytes) -> bytes:
    if process.stdin is None:
        raise AssertionError("the process was started without a pipe")
    process.stdin.write(len(drawing).to_bytes(4, "big") + drawing)
    await process.stdin.drain()
    return await _read(process)


async def _read(process: Process) -> bytes:
    if process.stdout is None:
        raise AssertionError("the process was started without a pipe")
    size = int.from_bytes(await process.stdout.readexactly(4), "big")
    return await process.stdout.readexactly(size)
