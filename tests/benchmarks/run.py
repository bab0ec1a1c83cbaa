"""`make bench`: measures, prints a table, writes build/bench.json. Ratios compare within one run only."""

import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import acme
from integrations.delivery.fake import DeliveryFake
from tests.benchmarks import crowd, load
from tests.benchmarks.answers import answers, charts, storm
from tests.benchmarks.day import day
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.language import language
from tests.benchmarks.processes import bare_bolt, copilot, emulator, memory
from tests.benchmarks.steps import steps
from tests.benchmarks.translation import translation
from tests.servers import free_port

OUT = Path("build/bench.json")


async def throughput(folder: Path) -> dict[str, Figure]:
    """Turns a second at 50 at once, beside an empty slack-bolt handler on the same emulator: of a phrase that rules know, and of a
    sentence that is classified."""
    ours, theirs, classified = [], [], []
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
            sentences = await load.closed_loop(control, count=1000, at_once=50, question=load.SENTENCE)
            classified.append(sentences[0])
    mine, bare, sentence = statistics.median(ours), statistics.median(theirs), statistics.median(classified)
    return {
        "turns a second, 50 at once": Figure(mine, "1/s", bare, mine / bare),
        "the same with a sentence to classify": Figure(sentence, "1/s", bare, sentence / bare),
        "memory after 1,700 turns": Figure(after, "MB"),
    }


async def latency(folder: Path) -> dict[str, Figure]:
    """The open-loop load at steady rates."""
    figures: dict[str, Figure] = {}
    async with (
        emulator() as url,
        ControlClient(url, timeout=60) as control,
        copilot(f"{url}/api/", folder / "latency", free_port()) as (bot, ready),
    ):
        figures["start to ready"] = Figure(ready, "s")
        figures["idle memory"] = Figure(memory(bot.process.pid), "MB")
        await load.closed_loop(control, count=200, at_once=10)
        for rate in (50, 200):
            answers = await load.open_loop(control, [acme.DANA, acme.LEE], rate=rate, seconds=15)
            for percent in (50, 95, 99):
                figures[f"turn at {rate}/s, p{percent}"] = Figure(percentile(answers.latencies(), percent), "ms")
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


async def resume(folder: Path) -> dict[str, Figure]:
    """From the start after a `kill -9` in the middle of a step to the run's end, beside the start to ready."""
    async with emulator() as url, ControlClient(url, timeout=60) as control, DeliveryFake() as delivery:
        port = free_port()
        connection = {"delivery": {"url": delivery.url, "token": delivery.token}}
        async with copilot(f"{url}/api/", folder / "resume", port, **connection) as (bot, _):
            delivery.hold()
            since = await control.seq()
            start = "run deploy service=checkout environment=staging version=2.9.0"
            await control.command(acme.DANA, acme.CHECKOUT, "/copilot", start)
            while not delivery.waiting:
                await asyncio.sleep(0.01)
            await bot.kill()
        delivery.release()
        began = time.perf_counter()
        async with copilot(f"{url}/api/", folder / "resume", port, **connection) as (_, ready):
            await control.wait_message(channel=acme.CHECKOUT, contains="completed", since=since)
            resumed = time.perf_counter() - began
    return {"killed in a step, start to completed (beside: to ready)": Figure(resumed, "s", ready, resumed / ready)}


def show(figures: dict[str, Figure]) -> None:
    """Print the table and write the JSON."""
    table = Table("what", "value", "beside", "ratio")
    for name, figure in figures.items():
        beside = "" if figure.beside is None else f"{_rounded(figure.beside)} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(name, f"{_rounded(figure.value)} {figure.unit}", beside, ratio)
    Console(width=110).print(table)
    OUT.parent.mkdir(exist_ok=True)
    found = {name: {k: v for k, v in asdict(f).items() if v is not None} for name, f in figures.items()}
    OUT.write_text(json.dumps(found, indent=1))


def _rounded(value: float) -> str:
    return f"{value:,.{1 if value >= 10 else 2}f}"


async def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as folder:
        figures = {}
        for part in (
            language,
            translation,
            throughput,
            latency,
            clicks,
            resume,
            steps,
            crowd.one_replica,
            crowd.three_replicas,
            charts,
            answers,
            day,
            storm,
        ):
            figures |= await part(Path(folder))
    show(figures)


if __name__ == "__main__":
    asyncio.run(main())
