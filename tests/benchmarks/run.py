"""`make bench`: measures, prints a table, writes build/bench.json. Ratios compare within one run only."""

import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import acme
from tests.benchmarks import load
from tests.benchmarks.processes import bare_bolt, copilot, emulator, memory
from tests.servers import free_port

OUT = Path("build/bench.json")
PEOPLE = 1_000


@dataclass(frozen=True)
class Figure:
    """One measured value, beside another where they are compared."""

    value: float
    unit: str
    beside: float | None = None
    ratio: float | None = None


def percentile(values: Sequence[float], percent: int) -> float:
    """In milliseconds, of seconds."""
    return 1000 * statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def throughput(folder: Path) -> dict[str, Figure]:
    """Turns a second at 50 at once, beside an empty slack-bolt handler on the same emulator."""
    ours, theirs = [], []
    for n in range(3):
        async with emulator() as url, ControlClient(url, timeout=60) as control, bare_bolt(f"{url}/api/"):
            await load.closed_loop(control, count=200, at_once=50)
            theirs.append((await load.closed_loop(control, count=1500, at_once=50))[0])
        async with (
            emulator() as url,
            ControlClient(url, timeout=60) as control,
            copilot(f"{url}/api/", folder / f"throughput{n}", free_port()) as (bot, _),
        ):
            await load.closed_loop(control, count=200, at_once=50)
            ours.append((await load.closed_loop(control, count=1500, at_once=50))[0])
            after = memory(bot.process.pid)
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "turns a second, 50 at once": Figure(mine, "1/s", bare, mine / bare),
        "memory after 1,700 turns": Figure(after, "MB"),
    }


async def latency(folder: Path) -> dict[str, Figure]:
    """The open-loop load: steady rates, then 1,000 people for a minute, then all of them at once."""
    figures: dict[str, Figure] = {}
    async with emulator() as url, ControlClient(url, timeout=60) as control:
        await control.seed(people=PEOPLE)
        state = await control.state()
        people = [p["id"] for p in state["people"] if not (p["bot"] or p["guest"] or p["stranger"] or p["deactivated"])]
        for person in people[3:]:
            await control.act(acme.DANA, "invite", channel=acme.GENERAL, person=person)
        async with copilot(f"{url}/api/", folder / "latency", free_port()) as (bot, ready):
            figures["start to ready"] = Figure(ready, "s")
            figures["idle memory"] = Figure(memory(bot.process.pid), "MB")
            await load.closed_loop(control, count=200, at_once=10)
            for rate in (50, 200):
                answers = await load.open_loop(control, people[:50], rate=rate, seconds=15)
                for percent in (50, 95, 99):
                    name = f"turn at {rate}/s, p{percent}"
                    figures[name] = Figure(percentile(answers.latencies(), percent), "ms")
            first = (await control.acks())[-1]["n"]
            answers = await load.open_loop(control, people, rate=50, seconds=60)
            acks = [a for a in await control.acks(since=first) if a["acked_at"]]
            figures["1,000 people: acknowledgement p99"] = Figure(
                percentile([a["acked_at"] - a["sent_at"] for a in acks], 99), "ms"
            )
            figures["1,000 people: reply p95"] = Figure(percentile(answers.latencies(), 95), "ms")
            figures["1,000 people: lost"] = Figure(answers.lost, "turns")
            figures["1,000 people: doubled"] = Figure(answers.doubled, "turns")
            answers = await load.burst(control, people)
            figures["burst of 1,000: reply p95"] = Figure(percentile(answers.latencies(), 95), "ms")
            figures["burst of 1,000: lost"] = Figure(answers.lost, "turns")
    return figures


async def clicks(folder: Path) -> dict[str, Figure]:
    """From a click on Approve to the edited card."""
    times = []
    async with (
        emulator() as url,
        ControlClient(url, timeout=60) as control,
        copilot(f"{url}/api/", folder / "clicks", free_port()),
    ):
        for _ in range(40):
            since = await control.seq()
            await control.command(acme.DANA, acme.CHECKOUT, "/copilot", "run maintenance host=db-1")
            card = await control.wait_message(channel=acme.APPROVALS, contains="Approval needed", since=since)
            buttons = [e for b in card.message["raw"]["blocks"] if b["type"] == "actions" for e in b["elements"]]
            clicked = (await control.state())["now"]
            await control.click(acme.LEE, card.message["id"], buttons[0]["action_id"])
            edited = await control.wait_message(id_=card.message["id"], contains="1/2", since=card.seq)
            times.append(edited.at - clicked)
    return {f"click to edited card, p{p}": Figure(percentile(times, p), "ms") for p in (50, 95)}


def show(figures: dict[str, Figure]) -> None:
    """Print the table and write the JSON."""
    table = Table("what", "value", "beside", "ratio")
    for name, figure in figures.items():
        beside = "" if figure.beside is None else f"{figure.beside:,.1f} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(name, f"{figure.value:,.1f} {figure.unit}", beside, ratio)
    Console(width=110).print(table)
    OUT.parent.mkdir(exist_ok=True)
    found = {name: {k: v for k, v in asdict(f).items() if v is not None} for name, f in figures.items()}
    OUT.write_text(json.dumps(found, indent=1))


async def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as folder:
        figures = {}
        for part in (throughput, latency, clicks):
            figures |= await part(Path(folder))
    show(figures)


if __name__ == "__main__":
    asyncio.run(main())
