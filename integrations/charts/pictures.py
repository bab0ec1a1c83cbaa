"""Implements `core.ports.pictures.Pictures` with a process for each picture."""

import asyncio
import sys

import structlog
from pydantic import TypeAdapter

from core.errors import UnavailableError
from core.workflow.layout import Picture

log = structlog.get_logger()
_PICTURE = TypeAdapter(Picture)
_WITHIN = 30.0
"""Seconds for one picture; a usual one takes about one."""


class DrawnPictures:
    """One at a time: drawing takes a whole core."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def png(self, picture: Picture) -> bytes:
        """See the port."""
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "integrations.charts", "png",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                async with asyncio.timeout(_WITHIN):
                    drawn, said = await process.communicate(_PICTURE.dump_json(picture))
            except TimeoutError:
                raise UnavailableError(f"The picture was not drawn within {_WITHIN:.0f} s.") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            log.error("picture.failed", exit=process.returncode, error=said.decode(errors="replace")[-2000:])
            raise UnavailableError("The picture could not be drawn.")
        return drawn
