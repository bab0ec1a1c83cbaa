"""One life of the bot in a process of its own, forked from a server that has imported everything."""

import asyncio
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from bot import logs
from bot.bootstrap import running
from bot.clock import MovableClock
from bot.leases import Leases
from bot.sections import Log
from bot.settings import Settings
from tests.chaos.points import Points, watch_calls, watched_records
from tests.flows.world import until

READY = "ready"
_ADDRESS = "http://"
"""How the line of the report begins that says where it serves."""
SHORT = Leases(turn=2.0, sending=4.0, timer=2.0, room=4.0, run=2.0)
"""For deaths that another replica has to find out by waiting."""

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload([__name__, "bot.slack.transport", "bot.discord.transport", "storage.queue_jetstream"])


@dataclass(frozen=True)
class Fate:
    """How a life begins and ends."""

    ahead: float = 0.0
    """Seconds that its clock is ahead of the machine's."""
    kill_at: int = 0
    """The point at which it kills itself; 0: at none."""


class Life:
    """A process that runs the bot."""

    def __init__(self, settings: Settings, fate: Fate, report: Path) -> None:
        self.report = report
        theirs, self._orders = _server.Pipe(duplex=False)
        self._process = _server.Process(target=live, args=(settings, fate, report, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process.pid
        return self._process.pid

    @property
    def over(self) -> bool:
        """True when it is dead."""
        return self._process.exitcode is not None

    @property
    def killed(self) -> bool:
        """True when it died by SIGKILL and not of an error."""
        return self._process.exitcode == -signal.SIGKILL

    def passed(self) -> list[str]:
        """The points it passed so far."""
        lines = self.report.read_text().splitlines() if self.report.exists() else []
        return [line for line in lines if line != READY and not line.startswith(_ADDRESS)]

    def address(self) -> str:
        """Of its HTTP server, once it is ready."""
        return next(line for line in self.report.read_text().splitlines() if line.startswith(_ADDRESS))

    async def ready(self) -> bool:
        """Return when it is ready (True) or dead (False)."""

        async def either() -> bool:
            return self.over or self._is_ready()

        await until(either, what="the bot to be ready", within=30)
        return self._is_ready()

    def advance(self, seconds: float) -> None:
        """Move its clock forward; nothing happens when it is dead."""
        with suppress(BrokenPipeError):
            self._orders.send(seconds)

    async def kill(self) -> None:
        """`kill -9`, and wait for the end."""
        self._process.kill()

        async def dead() -> bool:
            return self.over

        await until(dead, what="the bot to die")
        self._orders.close()

    def _is_ready(self) -> bool:
        return self.report.exists() and READY in self.report.read_text().splitlines()


def live(settings: Settings, fate: Fate, report: Path, orders: Connection) -> None:
    """Runs in the new process until it is killed."""
    out = os.open(report.with_suffix(".log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(out, sys.stdout.fileno())
    os.dup2(out, sys.stderr.fileno())
    logs.configure(Log(level="info"))
    asyncio.run(_live(settings, fate, report, orders))


async def _live(settings: Settings, fate: Fate, report: Path, orders: Connection) -> None:
    clock = MovableClock()
    clock.advance(fate.ahead)
    points = Points(report, fate.kill_at)
    watch_calls(points)
    opens = partial(watched_records, points)
    async with running(settings, clock=clock, opens=opens, leases=SHORT) as bot:
        await bot.ready()
        points.counting = True
        points.note(bot.address)
        points.note(READY)
        asyncio.get_running_loop().add_reader(orders.fileno(), _obey, orders, clock)
        await asyncio.Event().wait()


def _obey(orders: Connection, clock: MovableClock) -> None:
    try:
        clock.advance(orders.recv())
    except EOFError:  # whoever started us is gone
        os.kill(os.getpid(), signal.SIGKILL)
