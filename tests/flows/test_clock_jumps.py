"""The bot's clock jumps: timers fire once, late rather than never, and what is over stays over."""

from collections import Counter

import pytest

from bot.clock import MovableClock
from core.ports.records import Transaction
from tests.flows.world import Card, World, until

HOUR = 3600.0
DEPLOY = "run deploy service=checkout environment=production version=2.9.0"


async def asked(world: World) -> Card:
    since = await world.command(world.names.dana, world.names.checkout, DEPLOY)
    return await world.approval(since=since)


async def happened(world: World) -> Counter[str]:
    """Events of the only run, by kind."""
    assert world.bot

    def unit(tx: Transaction) -> Counter[str]:
        [run] = tx.runs.find()
        return Counter(event.kind for event in tx.runs.history(run.id) if event.kind.startswith("approval."))

    return await world.bot.records.read(unit)


async def wait_for(world: World, kind: str, count: int = 1) -> None:
    async def there() -> bool:
        return (await happened(world))[kind] == count

    await until(there, what=f"{count} {kind}")


@pytest.mark.parametrize("hours", [5, 24])
async def test_a_jump_over_everything_that_was_due_fires_each_once(slack: World, hours: float) -> None:
    card = await asked(slack)
    slack.clock.advance(hours * HOUR)
    await slack.reply_in(slack.names.approvals, contains="Expired", since=card.seq)
    # A second pass over the timers, on a clock that has jumped once more.
    slack.clock.advance(hours * HOUR)
    await slack.control.click(slack.names.lee, card.message, card.buttons["Approve"], stale=True)
    await slack.whisper_to(slack.names.lee, since=card.seq)
    found = await happened(slack)
    assert (found["approval.expired"], found["approval.escalated"]) == (1, 1)
    assert found["approval.reminded"] <= 2


async def test_a_step_back_fires_nothing_again_and_loses_nothing(slack: World) -> None:
    await asked(slack)
    slack.clock.advance(2 * HOUR + 1)
    await wait_for(slack, "approval.reminded")
    slack.clock.advance(-HOUR)
    slack.clock.advance(2.6 * HOUR)
    await wait_for(slack, "approval.reminded", 2)
    await wait_for(slack, "approval.escalated")
    slack.clock.advance(HOUR)
    await wait_for(slack, "approval.expired")
    assert (await happened(slack))["approval.reminded"] == 2


async def test_a_restart_with_a_clock_that_was_set_back_fires_nothing_again(cold_slack: World) -> None:
    async with cold_slack.started():
        card = await asked(cold_slack)
        cold_slack.clock.advance(2 * HOUR + 1)
        await wait_for(cold_slack, "approval.reminded")
    cold_slack.clock = MovableClock()
    async with cold_slack.started():
        cold_slack.clock.advance(3.7 * HOUR)
        await wait_for(cold_slack, "approval.escalated")
        await wait_for(cold_slack, "approval.reminded", 2)
        await cold_slack.control.click(cold_slack.names.lee, card.message, card.buttons["Approve"])
        await cold_slack.reply_in(cold_slack.names.checkout, contains="completed", since=card.seq)
    assert cold_slack.delivery.effects("deploy") == 1


async def test_a_deploy_goes_on_while_the_clock_jumps(slack: World) -> None:
    card = await asked(slack)
    slack.delivery.hold()
    await slack.control.click(slack.names.lee, card.message, card.buttons["Approve"])

    async def under_way() -> bool:
        return bool(slack.delivery.waiting)

    await until(under_way, what="the deploy to be under way")
    for seconds in (HOUR, 24 * HOUR, -HOUR):
        slack.clock.advance(seconds)
    slack.delivery.release()
    await slack.reply_in(slack.names.checkout, contains="completed", since=card.seq)
    assert slack.delivery.effects("deploy") == 1
