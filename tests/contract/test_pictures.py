"""The drawing process: started when needed, kept, replaced when it dies or hangs, let go when nobody needs it."""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.charts.chart import Chart, chart
from core.charts.waterfall import Waterfall
from core.errors import UnavailableError
from core.ports.telemetry import Series
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.workflow.layout import Picture
from integrations.charts.pictures import DrawnPictures
from tests.flows.world import until

END = datetime(2026, 11, 25, 12, 40, tzinfo=UTC)
SERIES = Series({}, ((END.timestamp() - 60, 0.1), (END.timestamp(), 0.2)))
PNG = b"\x89PNG"


def drawing(title: str = "latency") -> Chart:
    step = timedelta(minutes=1)
    return chart(
        [("", SERIES)], title=title, quantity=Quantity(Unit.SECONDS), start=END - step, end=END, step=step, zone=UTC
    )


def children() -> list[int]:
    """Processes of ours that draw."""
    found = [int(one) for one in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]
    return [one for one in found if "integrations.charts" in _command(one)]


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


linux = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes as Linux shows them")


@linux
async def test_one_process_draws_everything_and_ends_with_the_bot() -> None:
    assert children() == []
    async with DrawnPictures() as pictures:
        drawn = await asyncio.gather(
            pictures.png(drawing()), pictures.png(Waterfall("t", 0.0, ())), pictures.png(Picture(100, 50))
        )
        assert all(one.startswith(PNG) for one in drawn)
        assert len(children()) == 1
    assert children() == []


@linux
async def test_a_process_that_died_is_replaced() -> None:
    async with DrawnPictures() as pictures:
        await pictures.png(drawing())
        (first,) = children()
        os.kill(first, signal.SIGKILL)
        try:
            await pictures.png(drawing())
        except UnavailableError:
            # It may have died with the picture in its hands.
            await pictures.png(drawing())
        assert children() != [first]


@linux
async def test_a_process_that_hangs_costs_one_picture() -> None:
    async with DrawnPictures(within=3.0) as pictures:
        await pictures.png(drawing())
        (first,) = children()
        os.kill(first, signal.SIGSTOP)
        with pytest.raises(UnavailableError, match="not drawn within 3 s"):
            await pictures.png(drawing())
        assert (await pictures.png(drawing())).startswith(PNG)
        assert first not in children()


@linux
async def test_nobody_keeps_the_process_without_work_or_for_ever() -> None:
    async with DrawnPictures(kept=0.05, most_drawn=2) as pictures:
        await pictures.png(drawing())

        async def gone() -> bool:
            return not children()

        await until(gone, what="the process to be let go")
        assert (await pictures.png(drawing())).startswith(PNG)
        await pictures.png(drawing())
        assert children() == []


async def test_what_cannot_be_drawn_is_said_and_the_next_one_is_drawn() -> None:
    async with DrawnPictures() as pictures:
        with pytest.raises(UnavailableError, match="could not be drawn"):
            await pictures.png(Picture(float("nan"), 0))
        assert (await pictures.png(drawing())).startswith(PNG)
