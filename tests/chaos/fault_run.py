"""The fault run: workers die at random, PostgreSQL, NATS and Redis go and come back, a clock is wrong, and a thousand runs with
approvals are made good all the same.

`python -m tests.chaos.fault_run [--seconds 600] [--runs 1000]`: prints a report, keeps it as build/fault-run.json, and ends with 1
when something was lost or done twice.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from bot.clock import SystemClock, SystemIds
from core.errors import ConflictError, UnavailableError
from core.ports.records import Transaction
from core.tools import Toolbox
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.history import fold
from core.workflow.reading import parse
from core.workflow.run import ENDED
from core.workflow.signals import Means, Origin
from integrations.delivery.client import DeliveryClient
from integrations.delivery.fake import DeliveryFake
from integrations.delivery.tools import tools
from integrations.http import Reach
from storage import migrate
from storage.engine import open_records
from storage.records import SqlRecords
from tests.flows.process import free_port, write_settings
from tests.servers import Server, nats_server, postgres_server, redis_server
from tests.workflow_world import ALICE, REQUESTER

OUT = Path("build/fault-run.json")
WORKERS = 3
WRONG_BY = 60.0
"""Seconds that the clock of the first worker is ahead."""
_PATIENCE = 300.0
"""Seconds for what is left when the faults are over."""
_BATCH = 10
_DOWN = (1.0, 4.0)
"""Seconds that a server is away."""
_BETWEEN_KILLS = (4.0, 10.0)
DEFINITION = """
name: fault-run
version: 1.0.0
title: Fault run
parameters:
  host: {required: true}
steps:
  - {id: gate, type: approval, roles: [approver]}
  - id: drain
    type: action
    tool: delivery.drain
    with: {host: "${{ parameters.host }}"}
    retries: {count: 10, backoff: 1s, longest: 5s}
  - id: both
    type: parallel
    branches:
      one: [{id: pause, type: wait, for: 2s}]
      two: [{id: look, type: action, tool: delivery.services, retries: {count: 10, backoff: 1s, longest: 5s}}]
  - id: undrain
    type: action
    tool: delivery.undrain
    with: {host: "${{ parameters.host }}"}
    retries: {count: 10, backoff: 1s, longest: 5s}
"""
T = TypeVar("T")


class Drill:
    """One fault run."""

    def __init__(self, records: SqlRecords, *, seconds: float, runs: int) -> None:
        self._records = records
        self._seconds = seconds
        self._runs = runs
        self._clock = SystemClock()
        self._means = Means(SystemIds(), lambda _tx, _run, _events: None)
        self._definition = parse(DEFINITION, "fault-run.yaml", Toolbox(tools(DeliveryClient(Reach("")))))
        self.started: list[str] = []
        self.faults: Counter[str] = Counter()

    async def play(self, workers: "Workers", servers: dict[str, Server]) -> None:
        """Start and approve runs while things break; then let what is left come to its end."""
        async with asyncio.TaskGroup() as group:
            approving = group.create_task(self._approve())
            breaking = [group.create_task(self._kill(workers)), group.create_task(self._cut_off(servers))]
            await self._start()
            for task in breaking:
                await task
            await self._all_ended()
            approving.cancel()

    async def _persist(self, unit: Callable[[Transaction], T], *, read: bool = False) -> T:
        """Until the database is there again. A commit of unknown outcome is the caller's to look at."""
        while True:
            try:
                return await (self._records.read(unit) if read else self._records.write(unit))
            except ConflictError:
                await asyncio.sleep(random.uniform(0.0, 0.05))
            except UnavailableError:
                await asyncio.sleep(0.2)

    def _origin(self) -> Origin:
        return Origin(self._clock.now())

    async def _start(self) -> None:
        """All runs, spread over the time. A batch whose commit is in doubt is counted by what is on the record."""
        batches = -(-self._runs // _BATCH)
        for batch in range(batches):
            first = batch * _BATCH
            hosts = [f"host-{n}" for n in range(first, min(first + _BATCH, self._runs))]
            self.started += await self._persist(lambda tx, these=hosts: self._start_batch(tx, these))  # type: ignore[misc]
            await asyncio.sleep(self._seconds * 0.8 / batches)

    def _start_batch(self, tx: Transaction, hosts: Sequence[str]) -> list[str]:
        found = []
        for host in hosts:
            # A unit that was run again after a commit in doubt finds what the first one did.
            there = tx.runs.find(parameter=("host", host), limit=1)
            if there:
                found.append(there[0].id)
                continue
            done = service.start(tx, self._means, self._definition, {"host": host}, REQUESTER, origin=self._origin())
            if isinstance(done, service.Done):
                found.append(done.run.id)
        return found

    async def _approve(self) -> None:
        """Somebody approves whatever waits, each request by two clicks at once."""
        while True:
            waiting = await self._persist(lambda tx: tx.runs.open_approvals(limit=20), read=True)
            for approval in waiting:
                clicks = [self._persist(lambda tx, id_=approval.id: self._click(tx, id_)) for _ in range(2)]  # type: ignore[misc]
                await asyncio.gather(*clicks)
            await asyncio.sleep(0.1)

    def _click(self, tx: Transaction, approval: str) -> object:
        return service.decide_approval(tx, self._means, approval, ALICE, Verdict.APPROVE, origin=self._origin())

    async def _kill(self, workers: "Workers") -> None:
        end = time.monotonic() + self._seconds
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(*_BETWEEN_KILLS))
            await workers.kill_one()
            self.faults["worker killed"] += 1

    async def _cut_off(self, servers: dict[str, Server]) -> None:
        """Each server goes away and comes back, one after the other, again and again."""
        end = time.monotonic() + self._seconds
        pause = max(5.0, self._seconds / 20)
        while time.monotonic() < end:
            for name, server in servers.items():
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(random.uniform(*_DOWN))
                await asyncio.to_thread(server.start)
                self.faults[f"{name} cut off"] += 1

    async def _all_ended(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if all(status in ENDED for status in (await self.statuses()).elements()):
                return
            await asyncio.sleep(1.0)

    async def statuses(self) -> Counter[str]:
        """How many runs stand how."""
        views = await self._persist(lambda tx: tx.runs.find(limit=self._runs * 2), read=True)
        return Counter(view.status for view in views)

    async def faults_found(self, delivery: DeliveryFake) -> list[str]:
        """What was lost or done twice; empty is what is hoped for."""
        found: list[str] = []
        statuses = await self.statuses()
        if statuses != {"completed": self._runs}:
            found.append(f"runs stand as {dict(statuses)}, not {self._runs} completed")
        if len(set(self.started)) != self._runs:
            found.append(f"{len(set(self.started))} runs were started, not {self._runs}")
        effects = {kind: delivery.effects(kind) for kind in ("drain", "undrain")}
        found += [f"{kind} happened {n} times, not {self._runs}" for kind, n in effects.items() if n != self._runs]
        for run_id in self.started:
            history = await self._persist(lambda tx, id_=run_id: tx.runs.history(id_), read=True)  # type: ignore[misc]
            view = await self._persist(lambda tx, id_=run_id: tx.runs.get(id_), read=True)  # type: ignore[misc]
            if view is None or fold(history).status.value != view.status:
                found.append(f"{run_id} folds to something else than its read model")
            counted = Counter(event.kind for event in history)
            if counted["approval.granted"] != 1 or counted["run.completed"] != 1:
                found.append(f"{run_id}: {counted['approval.granted']} approvals, {counted['run.completed']} ends")
            ends = Counter(event.data.get("step") for event in history if event.kind == "step.completed")
            found += [f"{run_id}: {step} was completed {n} times" for step, n in ends.items() if n != 1]
        return found


class Workers:
    """`copilot work` as processes; whoever ends is replaced."""

    def __init__(self, configs: Sequence[Path]) -> None:
        self._configs = configs
        self._processes: dict[int, asyncio.subprocess.Process] = {}

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """While the block runs."""
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(self._keep(number)) for number in range(len(self._configs))]
            try:
                yield
            finally:
                for keeper in keepers:
                    keeper.cancel()

    async def kill_one(self) -> None:
        """`kill -9` for one of them."""
        if self._processes:
            process = random.choice(list(self._processes.values()))
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)

    async def _keep(self, number: int) -> None:
        copilot = Path(sys.executable).with_name("copilot")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COPILOT_")}
        while True:
            process = await asyncio.create_subprocess_exec(
                copilot,
                "work",
                "--config",
                self._configs[number],
                env=environment,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            self._processes[number] = process
            try:
                await process.wait()
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            await asyncio.sleep(0.5)


async def fault_run(folder: Path, *, seconds: float, runs: int) -> dict[str, Any]:
    """Play it and look at what has become of every run."""
    began = time.monotonic()
    with postgres_server() as postgres, nats_server() as nats, redis_server() as redis:
        await migrate.upgrade(postgres.url)
        async with DeliveryFake() as delivery, open_records(postgres.url) as records:
            drill = Drill(records, seconds=seconds, runs=runs)
            configs = []
            for number in range(WORKERS):
                settings = {
                    "database_url": postgres.url,
                    "queue": "nats",
                    "nats_url": nats.url,
                    "redis_url": redis.url,
                    "clock_offset": WRONG_BY if number == 0 else 0.0,
                    "delivery": {"url": delivery.url, "token": delivery.token},
                    "http": {"port": free_port()},
                }
                configs.append(write_settings(folder / f"worker{number}.toml", settings))
            workers = Workers(configs)
            async with workers.working():
                await drill.play(workers, {"PostgreSQL": postgres, "NATS": nats, "Redis": redis})
                found = await drill.faults_found(delivery)
            return {
                "runs": runs,
                "statuses": dict(await drill.statuses()),
                "faults": dict(drill.faults),
                "effects": {kind: delivery.effects(kind) for kind in ("drain", "undrain")},
                "seconds of faults": seconds,
                "seconds in all": round(time.monotonic() - began, 1),
                "lost or twice": found,
            }


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--runs", type=int, default=1000)
    given = parser.parse_args()
    # A worker that is killed breaks its calls off, and the fake's server would tell of each.
    logging.getLogger("aiohttp.server").disabled = True
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(fault_run(Path(folder), seconds=given.seconds, runs=given.runs))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))  # noqa: T201  # its report
    sys.exit(1 if report["lost or twice"] else 0)


if __name__ == "__main__":
    main()
