"""Durable steps: what one costs beside DBOS Transact on the same PostgreSQL, fan-out, waiting runs, and a click's way."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import sqlalchemy as sa

from bot import timers
from bot.clock import SystemClock, SystemIds
from core.ports.records import Timer, Transaction
from core.tools import FunctionTool, Risk, Toolbox, ToolContext, ToolResult
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.definition import Definition
from core.workflow.reading import parse
from core.workflow.run import ENDED, Run
from core.workflow.runner import Runner, serve
from core.workflow.signals import Means, Origin
from core.workflow.upkeep import TIMERS
from storage import migrate
from storage.engine import open_records
from storage.queue_sql import SqlWorkQueue
from storage.records import SqlRecords
from tests.benchmarks.figures import Figure, percentile
from tests.servers import PostgresServer, postgres_server
from tests.workflow_world import ALICE, REQUESTER

STEPS, RUNS, ROUNDS = 100, 20, 3
FANNED = 100
WAITING = 10_000
CLICKS = 50
_IDLE_SECONDS = 5.0
_DBOS = "dbos==3.4.0"
_HEAD = "name: bench\nversion: 1.0.0\ntitle: Bench\nsteps:\n"


class Workshop:
    """Records, a queue and a worker in this process."""

    def __init__(self, records: SqlRecords) -> None:
        self.records = records
        self.called: list[float] = []
        """When the tool was called."""
        self.tools = Toolbox([FunctionTool("bench.nothing", "Do nothing", Risk.READ, self._nothing)])
        self.clock = SystemClock()
        self.means = Means(SystemIds(), self._announce)
        self._loop = asyncio.get_running_loop()
        self._ending: dict[str, asyncio.Event] = {}
        self.queue = SqlWorkQueue(records)

    def _announce(self, _tx: Transaction, run: Run, _events: Sequence[ev.Event]) -> None:
        if run.status in ENDED and (ending := self._ending.get(run.id)):
            self._loop.call_soon_threadsafe(ending.set)

    async def _nothing(self, _given: object, _context: ToolContext) -> ToolResult:
        self.called.append(time.perf_counter())
        return ToolResult()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """With a worker and the firing of timers."""

        def fire(tx: Transaction, timer: Timer) -> None:
            service.fire_timer(tx, self.means, timer, holder="bench", origin=self.origin())

        runner = Runner(self.records, self.tools, self.clock, self.means)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            worker = group.create_task(serve(self.queue, runner, at_once=50))
            kinds = dict.fromkeys(TIMERS, fire)
            group.create_task(timers.serve(self.records, kinds, clock=self.clock, holder="bench", stop=stop))
            try:
                yield
            finally:
                stop.set()
                worker.cancel()

    def origin(self) -> Origin:
        """Now."""
        return Origin(self.clock.now())

    def parse(self, steps: Sequence[str]) -> Definition:
        """A definition of these steps."""
        return parse(_HEAD + "".join(f"  - {step}\n" for step in steps), "bench.yaml", self.tools)

    async def start(self, definition: Definition, count: int = 1) -> list[Run]:
        """So many runs, begun in one transaction."""

        def unit(tx: Transaction) -> list[Run]:
            done = [
                service.start(tx, self.means, definition, {}, REQUESTER, origin=self.origin()) for _ in range(count)
            ]
            runs = [one.run for one in done if isinstance(one, service.Done)]
            self._ending |= {run.id: asyncio.Event() for run in runs}
            return runs

        return await self.records.write(unit)

    async def finished(self, runs: Sequence[Run]) -> None:
        """Return when all are over. To ask again and again would take the time that is measured."""
        for run in runs:
            await self._ending[run.id].wait()
            while await self.records.read(lambda tx, id_=run.id: _status(tx, id_)) not in ENDED:  # type: ignore[misc]
                await asyncio.sleep(0.005)

    async def seconds(self, definition: Definition, count: int = 1) -> float:
        """From the start of so many runs to the end of the last."""
        began = time.perf_counter()
        await self.finished(await self.start(definition, count))
        return time.perf_counter() - began


def _status(tx: Transaction, run_id: str) -> str:
    view = tx.runs.get(run_id)
    return view.status if view else ""


def _acts(count: int) -> list[str]:
    return [f"{{id: s{n}, type: action, tool: bench.nothing}}" for n in range(count)]


async def steps(folder: Path) -> dict[str, Figure]:
    """All figures about durable steps."""
    figures: dict[str, Figure] = {}
    with postgres_server() as server:
        await _durable(server)
        await migrate.upgrade(server.url)
        for name, url in (("PostgreSQL", server.url), ("SQLite", f"sqlite:///{folder / 'steps.db'}")):
            async with open_records(url) as records:
                workshop = Workshop(records)
                async with workshop.working():
                    figures |= await _chains(workshop, name, server if name == "PostgreSQL" else None)
                    figures |= await _fan_out(workshop, name)
                    figures |= await _clicks(workshop, name)
    async with open_records(f"sqlite:///{folder / 'waiting.db'}") as records:
        figures |= await _waiting(Workshop(records))
    return figures


async def _chains(workshop: Workshop, name: str, server: PostgresServer | None) -> dict[str, Figure]:
    """In turns with DBOS, since a disk is faster at one time than at another; the median of the rounds."""
    definition = workshop.parse(_acts(STEPS))
    await workshop.seconds(workshop.parse(_acts(5)))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append((await workshop.seconds(definition), await workshop.seconds(definition, RUNS)))
        if server is not None and (beside := await _dbos(server)):
            theirs.append(beside)
    one, many = (statistics.median(column) for column in zip(*ours, strict=True))
    costs, rates = Figure(1000 * one / STEPS, "ms"), Figure(STEPS * RUNS / many, "1/s")
    if theirs:
        their_one, their_many = (statistics.median(column) for column in zip(*theirs, strict=True))
        costs = replace(costs, beside=1000 * their_one / STEPS, ratio=their_one / one)
        rates = replace(rates, beside=STEPS * RUNS / their_many, ratio=their_many / many)
    return {f"durable step, {name}": costs, f"steps a second, {RUNS} runs at once, {name}": rates}


async def _fan_out(workshop: Workshop, name: str) -> dict[str, Figure]:
    """One step, a hundred beside each other, one step."""
    branches = ", ".join(f"b{n}: [{step}]" for n, step in enumerate(_acts(FANNED)))
    definition = workshop.parse([f"{{id: all, type: parallel, branches: {{{branches}}}}}"])
    return {f"{FANNED} steps side by side, {name}": Figure(await workshop.seconds(definition), "s")}


async def _clicks(workshop: Workshop, name: str) -> dict[str, Figure]:
    """From the decision of an approval to the call of the tool behind it."""
    definition = workshop.parse(["{id: gate, type: approval, roles: [approver]}", *_acts(1)])
    took = []
    for _ in range(CLICKS):
        (run,) = await workshop.start(definition)
        gate = next(iter(run.approvals))
        before, began = len(workshop.called), time.perf_counter()

        def decide(tx: Transaction, id_: str = gate) -> object:
            return service.decide_approval(tx, workshop.means, id_, ALICE, Verdict.APPROVE, origin=workshop.origin())

        await workshop.records.write(decide)
        while len(workshop.called) == before:
            await asyncio.sleep(0.0005)
        took.append(workshop.called[-1] - began)
        await workshop.finished([run])
    return {f"click to resumed step, {name}, p{p}": Figure(percentile(took, p), "ms") for p in (50, 95)}


async def _waiting(workshop: Workshop) -> dict[str, Figure]:
    """How many statements a second the database hears with nobody waiting, and with ten thousand runs that wait."""
    async with workshop.working():
        idle = await _statements_a_second()
        definition = workshop.parse(["{id: soak, type: wait, for: 24h}", *_acts(1)])
        for _ in range(WAITING // 100):
            await workshop.start(definition, 100)
        waiting = await _statements_a_second()
    return {
        f"statements a second, {WAITING:,} waiting runs (beside: none)": Figure(waiting, "1/s", idle, waiting / idle)
    }


async def _statements_a_second() -> float:
    heard = 0

    def hear(*_: object) -> None:
        nonlocal heard
        heard += 1

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        await asyncio.sleep(_IDLE_SECONDS)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)
    return heard / _IDLE_SECONDS


# --- beside -----------------------------------------------------------------------------------------------


async def _durable(server: PostgresServer) -> None:
    """The tests' server does not wait for the disk; what is measured here does, on both sides."""
    connection = await asyncpg.connect(server.url)
    for setting in ("fsync", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = on")
    await connection.close()
    server.control("restart", "fast")


async def _dbos(server: PostgresServer) -> tuple[float, float] | None:
    """DBOS on the same server, from an environment of its own: seconds of one run, and of many at once. None, with a word, where
    it cannot be had."""
    python = _environment()
    if python is None:
        return None
    connection = await asyncpg.connect(server.url)
    with suppress(asyncpg.DuplicateDatabaseError):
        await connection.execute("CREATE DATABASE dbos_bench")
    await connection.close()
    script = Path(__file__).with_name("dbos_steps.py")
    command = [str(python), str(script), server.database("dbos_bench"), str(STEPS), str(RUNS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await asyncio.wait_for(process.communicate(), 300)
    if process.returncode:
        print("DBOS did not run; its column is left out.")  # noqa: T201
        return None
    found = json.loads(told.splitlines()[-1])
    return float(found["one"]), float(found["many"])


def _environment() -> Path | None:
    folder = Path("build/dbos")
    python = folder / "bin" / "python"
    made = folder / ".installed"
    if not made.exists():
        with suppress(subprocess.CalledProcessError, OSError):
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", _DBOS], check=True, env=os.environ)
            made.touch()
    if made.exists():
        return python.absolute()
    print(f"{_DBOS} could not be installed; its column is left out.")  # noqa: T201
    return None
