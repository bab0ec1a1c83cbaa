"""Turns that nobody holds: who takes them up, and when."""

import sqlite3
from contextlib import closing

from bot.bootstrap import running
from bot.leases import Leases
from core.messages import Account, Person, Place, Platform, Turn, Via
from tests.flows.test_delivery import QUESTION, locked
from tests.flows.world import World, until


def written(world: World, message: str) -> Turn:
    """A mention in a channel, as the transport understands it."""
    names = world.names
    place = Place(Platform.SLACK, world.site.workspace, names.checkout)
    person = Person(Account(Platform.SLACK, world.site.workspace, names.dana))
    text = QUESTION.removeprefix("@copilot ")
    return Turn(f"slack:test:{message}", place, person, text, float(message), Via.MENTION, message=message)


async def test_a_process_without_the_platform_leaves_its_turns_to_others(cold_slack: World) -> None:
    message, since = await cold_slack.say(cold_slack.names.dana, cold_slack.names.checkout, "a question to come")
    turn = written(cold_slack, message)
    conversation = f"{turn.place}/{message}"
    async with running(cold_slack.make_settings(), platforms=False, http=False) as worker:
        await worker.records.write(lambda tx: tx.inbox.add("e1", conversation, turn, overtakes=False))
        worker.turns.backlog()
        async with cold_slack.started():
            reply = await cold_slack.reply_in(cold_slack.names.checkout, thread=message, since=since)
    assert cold_slack.delivery.version("checkout", "production") in reply.text


async def test_a_turn_whose_lease_ran_out_under_its_handler_is_answered_once(cold_slack: World) -> None:
    """The records hang for longer than the lease; then the same process finds its own turn unheld."""
    async with cold_slack.started(leases=Leases(turn=0.3)):
        cold_slack.delivery.hold()
        message, since = await cold_slack.say(cold_slack.names.dana, cold_slack.names.checkout, QUESTION)

        async def under_way() -> bool:
            return bool(cold_slack.delivery.waiting)

        await until(under_way, what="the turn to be handled")
        with locked(cold_slack):
            await until(
                lambda: _holds(cold_slack, "claimed_until < (julianday('now') - 2440587.5) * 86400.0"), what="the end"
            )
        await until(lambda: _holds(cold_slack, "attempts >= 2"), what="the turn to be claimed again")
        cold_slack.delivery.release()
        await cold_slack.reply_in(cold_slack.names.checkout, thread=message, since=since)
        await cold_slack.settled()
    assert len(await cold_slack.messages()) == 1


async def _holds(world: World, condition: str) -> bool:
    """Whether the only turn is in this state."""
    with closing(sqlite3.connect(world.folder / "copilot.db")) as connection:
        [[found]] = connection.execute(f"SELECT count(*) FROM inbox WHERE {condition}")  # noqa: S608 -- our own text
    return bool(found)
