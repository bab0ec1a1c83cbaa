"""When a platform is asked for the beginning of a thread: once a thread, once a minute a workspace, and never for long."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from core.context import gathering
from core.context.gathering import Contexts
from core.errors import UpstreamUnavailable
from core.messages import Account, Heard, Person, Place, Platform, Turn, Via
from core.ports.records import Recalled
from storage.cache_memory import MemoryCache

DANA = Person(Account(Platform.SLACK, "T1", "U1"), "Dana")


def place(thread: str | None = "1.0", *, channel: str = "C1", workspace: str = "T1") -> Place:
    return Place(Platform.SLACK, workspace, channel, thread)


def heard(message: str, *, where: Place, text: str = "checkout") -> Heard:
    return Heard(where, message, DANA, text, float(message), float(message))


def turn(where: Place, *, message: str = "5.0", via: Via = Via.MENTION) -> Turn:
    return Turn(f"claim:{message}", where, DANA, "why?", 5.0, via, message=message)


class Memory:
    """Records whose one table is what the test says."""

    def __init__(self, recalled: Recalled) -> None:
        self.recalled = recalled
        self.asked: list[Place] = []
        self.heard = self

    async def read(self, unit: Callable[[Any], Any]) -> Any:  # noqa: ANN401 -- as the unit says
        return unit(self)

    def recall(self, where: Place, *, limit: int, until: float) -> Recalled:
        self.asked.append(where)
        return self.recalled


class Reader:
    """A platform that can read a thread, or says no."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away
        self.calls: list[Place] = []

    async def read_thread(self, where: Place, *, limit: int) -> Sequence[Heard]:
        self.calls.append(where)
        if self.away:
            raise UpstreamUnavailable("Slack", "away")
        channel = Place(where.platform, where.workspace, where.channel)
        return (heard("1.0", where=channel), heard("2.0", where=where), heard("9.0", where=where, text="later"))


def contexts(memory: Memory, reader: object | None) -> Contexts:
    platforms = {Platform.SLACK: reader} if reader else {}
    return Contexts(memory, cache=MemoryCache(), platforms=platforms)  # type: ignore[arg-type]


async def test_a17_a_thread_that_was_heard_from_its_root_is_never_asked_for() -> None:
    reader, memory = Reader(), Memory(Recalled((heard("1.0", where=place(None)), heard("3.0", where=place()))))
    found = await contexts(memory, reader).of(turn(place()))
    assert [message.message for message in found.messages] == ["1.0", "3.0"]
    assert (reader.calls, found.gap, memory.asked) == ([], "", [place()])


async def test_what_the_platform_tells_is_put_together_with_what_was_heard() -> None:
    memory = Memory(
        Recalled((heard("2.0", where=place(), text="as heard"), heard("5.0", where=place())), complete=False)
    )
    found = await contexts(memory, Reader()).of(turn(place()))
    assert [(message.message, message.text) for message in found.messages] == [("1.0", "checkout"), ("2.0", "as heard")]
    assert len(found.learned) == 3


async def test_a_thread_is_asked_for_once_and_a_workspace_once_a_minute() -> None:
    reader = Reader()
    gathered = contexts(Memory(Recalled((), complete=False)), reader)
    asked = [place(), place(), place("2.0"), place(workspace="T2"), place(channel="C2")]
    gaps = [(await gathered.of(turn(where))).gap for where in asked]
    assert gaps == ["", gathering.KNOWN_NO_MORE, gathering.TOO_SOON, "", gathering.TOO_SOON]
    assert reader.calls == [place(), place(workspace="T2")]


@pytest.mark.parametrize(
    ("reader", "gap"),
    [(None, gathering.UNREADABLE), (object(), gathering.UNREADABLE), (Reader(away=True), gathering.REFUSED)],
)
async def test_without_the_beginning_it_goes_on_with_less(reader: object | None, gap: str) -> None:
    memory = Memory(Recalled((heard("3.0", where=place()),), complete=False))
    found = await contexts(memory, reader).of(turn(place()))
    assert (len(found.messages), found.gap) == (1, gap)


async def test_a_mention_in_a_channel_and_a_command_there_have_no_past() -> None:
    memory, reader = Memory(Recalled((heard("1.0", where=place(None)),))), Reader()
    for asked in (turn(place(None)), turn(place(None), message="", via=Via.COMMAND)):
        assert (await contexts(memory, reader).of(asked)).messages == ()
    assert (memory.asked, reader.calls) == ([], [])
