"""Approvals, from the question in one channel to the decision in another: A12, A18–A22."""

import asyncio

import pytest

from core.ports.records import ApprovalView
from tests.flows.world import Card, World

DEPLOY = "run deploy service=checkout environment=production version=2.5.0"


async def asked(world: World, who: str = "", service: str = "checkout") -> Card:
    """Start a deploy and wait for its request."""
    said = DEPLOY.replace("service=checkout", f"service={service}")
    since = await world.command(who or world.names.dana, world.names.checkout, said)
    return await world.approval(since=since)


async def waiting(world: World) -> list[ApprovalView]:
    assert world.bot
    return list(await world.bot.records.read(lambda tx: tx.runs.open_approvals()))


async def test_a20_the_requesters_own_click_is_refused_with_the_reason(world: World) -> None:
    card = await asked(world)
    await world.control.click(world.names.dana, card.message, card.buttons["Approve"])
    told = await world.whisper_to(world.names.dana, since=card.seq)
    assert "somebody else" in told.text
    assert len(await waiting(world)) == 1


async def test_a_second_persons_click_lets_the_run_go_on_to_the_end(world: World) -> None:
    card = await asked(world)
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
    done = await world.reply_in(world.names.checkout, contains="completed", since=card.seq)
    assert f"<@{world.names.lee}>" in done.text
    ended = await world.reply_in(world.names.approvals, contains="pproved by", since=card.seq)
    assert ended.message["id"] == card.message
    assert "Approve" not in world.card(ended).buttons
    assert world.delivery.effects("deploy") == 1


async def test_progress_is_one_message_edited_in_place(world: World) -> None:
    card = await asked(world)
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
    await world.reply_in(world.names.checkout, contains="completed", since=card.seq)
    assert len(await world.messages(channel=world.names.checkout)) == 1
    assert len(await world.messages(channel=world.names.approvals)) == 1


async def test_a20_two_different_people_are_needed_and_one_counts_once(world: World) -> None:
    since = await world.command(world.names.dana, world.names.checkout, "run maintenance host=db-1")
    card = await world.approval(since=since)
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
    half = await world.reply_in(world.names.approvals, contains="1/2", since=card.seq)
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
    assert "counts once" in (await world.whisper_to(world.names.lee, since=half.seq)).text
    await world.control.click(world.names.sam, card.message, card.buttons["Approve"])
    done = await world.reply_in(world.names.checkout, contains="completed", since=half.seq)
    assert f"<@{world.names.lee}>" in done.text
    assert f"<@{world.names.sam}>" in done.text


async def test_a21_two_open_cards_never_mix(world: World) -> None:
    first = await asked(world)
    second = await asked(world, world.names.lee, "search")
    await world.control.click(world.names.sam, second.message, second.buttons["Approve"])
    await world.reply_in(world.names.approvals, contains="pproved by", since=second.seq)
    left = await waiting(world)
    assert [view.requested_by for view in left] == [world.account(world.names.dana)]
    assert first.buttons["Approve"] != second.buttons["Approve"]


async def test_a21_a_changed_plan_voids_what_was_approved_and_asks_anew(world: World) -> None:
    card = await asked(world)
    run = (await waiting(world))[0].run_id
    await world.command(world.names.dana, world.names.checkout, f"change {run} version=2.6.0")
    void = await world.reply_in(world.names.approvals, contains="Void", since=card.seq)
    assert void.message["id"] == card.message
    again = await world.approval(since=card.seq)
    assert "2.6.0" in again.text
    await world.control.click(world.names.lee, card.message, card.buttons["Approve"], stale=True)
    assert "changed" in (await world.whisper_to(world.names.lee, since=again.seq)).text


async def test_a22_fifty_clicks_at_once_change_the_state_once(world: World) -> None:
    card = await asked(world)
    people = (world.names.lee, world.names.sam)
    actions = (card.buttons["Approve"],) * 50
    await asyncio.gather(
        *(world.control.click(people[n % 2], card.message, a, stale=True) for n, a in enumerate(actions))
    )
    done = await world.reply_in(world.names.checkout, contains="completed", since=card.seq)
    assert "approved by" in done.text
    assert world.delivery.effects("deploy") == 1
    ended = await world.reply_in(world.names.approvals, contains="pproved by", since=card.seq)
    assert ended.text.count("<@") >= 1
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(action="approval.decide", limit=200))
    assert sum(row.outcome == "done" for row in rows) == 1


async def test_a19_a_request_reminds_escalates_expires_and_can_be_asked_again(world: World) -> None:
    card = await asked(world)
    world.clock.advance(2 * 3600 + 1)
    half = await world.reply_in(world.names.approvals, contains="expires in", since=card.seq)
    world.clock.advance(1.6 * 3600)
    await world.reply_in(world.names.approvals, contains="escalated", since=half.seq)
    world.clock.advance(3600)
    expired = await world.reply_in(world.names.approvals, contains="Expired", since=half.seq)
    assert expired.message["id"] == card.message
    assert "enied" not in expired.text
    await world.control.click(world.names.dana, card.message, world.card(expired).buttons["Ask again"])
    again = await world.approval(since=expired.seq)
    await world.control.click(world.names.lee, again.message, again.buttons["Approve"])
    await world.reply_in(world.names.checkout, contains="completed", since=again.seq)


async def test_denying_takes_a_reason_that_the_card_shows(world: World) -> None:
    card = await asked(world)
    await world.control.click(world.names.lee, card.message, card.buttons["Deny …"])
    form = await world.control.wait_form(person=world.names.lee, since=card.seq)
    await world.control.submit(world.names.lee, form.form["id"], {"reason": "Freeze until Monday"})
    denied = await world.reply_in(world.names.checkout, contains="denied", since=card.seq)
    assert "Freeze until Monday" in denied.text
    assert world.delivery.effects("deploy") == 0


@pytest.mark.parametrize("moment", ["before the click", "after the click"])
async def test_a12_a_restart_around_the_click_loses_nothing(cold: World, moment: str) -> None:
    async with cold.started():
        card = await asked(cold)
        if moment == "after the click":
            await cold.control.click(cold.names.lee, card.message, card.buttons["Approve"])
            await cold.reply_in(cold.names.approvals, contains="pproved by", since=card.seq)
    async with cold.started():
        if moment == "before the click":
            await cold.control.click(cold.names.lee, card.message, card.buttons["Approve"])
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)
    assert cold.delivery.effects("deploy") == 1


async def test_a12_an_unknown_button_says_that_it_has_expired(world: World) -> None:
    card = await asked(world)
    await world.control.click(world.names.lee, card.message, "do:nobody-knows-this", stale=True)
    told = await world.whisper_to(world.names.lee, since=card.seq)
    assert "expired" in told.text
    assert "/copilot status" in told.text
