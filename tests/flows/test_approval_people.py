"""Who decides an approval, and what people say about it before they do: A18–A22 in depth, on both platforms."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.cli import ask
from bot.emulators.common.client import Event
from core.ports.records import AuditRow
from tests.flows.test_approvals import asked, waiting
from tests.flows.world import Card, World, until

LOCKED = """
name: locked
version: 1.0.0
title: Locked
parameters: {service: {default: checkout}}
steps:
  - {id: gate, type: approval, title: May it, %s}
  - {id: look, type: action, tool: delivery.status, with: {service: "${{ parameters.service }}", environment: staging}}
"""


def plain_sam(world: World) -> None:
    """Sam holds no role."""
    names = world.names
    world.settings["roles"] = {
        world.account(names.dana): ["operator"],
        world.account(names.lee): ["operator", "approver"],
    }


def with_gate(world: World, gate: str, *, text: str = LOCKED) -> None:
    """Give the bot a workflow whose gate reads so."""
    folder = world.folder / "workflows"
    folder.mkdir()
    (folder / "locked.yaml").write_text(text % gate, encoding="utf-8")
    world.settings["workflows"] = [folder]


async def locked(world: World, who: str = "") -> Card:
    """Start the workflow and wait for its request."""
    since = await world.command(who or world.names.dana, world.names.checkout, "run locked")
    return await world.approval(since=since)


async def press(world: World, person: str, card: Card, label: str, /, **fields: str) -> int:
    """Press a button of a card and send the form that it opens, if it does; the event number before it."""
    since = await world.control.seq()
    await world.control.click(person, card.message, card.buttons[label])
    if fields:
        form = await world.control.wait_form(person=person, since=since)
        await world.control.submit(person, form.form["id"], fields)
    return since


async def audited(world: World, action: str) -> list[AuditRow]:
    """The rows of an action, oldest first."""
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(action=action, limit=200))
    return [*reversed(rows)]


async def direct(world: World, *, contains: str, since: int) -> Event:
    """What the bot says next that holds this, wherever it does: in a direct message as well."""

    def wanted(event: Event) -> bool:
        return contains in event.text and event.message.get("author") == world.names.bot

    return await world.control.wait_for(wanted, since=since)


def mention(world: World, name: str) -> str:
    """As the client writes a person who was chosen from its list."""
    return f"@{name}" if world.site.name == "slack" else f"<@{getattr(world.names, name)}>"


@pytest.fixture
async def without_sam(cold: World) -> AsyncIterator[World]:
    """A world in which Sam holds no role."""
    plain_sam(cold)
    async with cold.started():
        yield cold


# --- by person and group ---------------------------------------------------------------------------------


async def test_a_person_who_is_named_decides_and_no_role_helps_another(cold: World) -> None:
    plain_sam(cold)
    with_gate(cold, f"people: ['{cold.account(cold.names.sam)}']")
    async with cold.started():
        card = await locked(cold)
        since = await press(cold, cold.names.lee, card, "Approve")
        assert "may not decide" in (await cold.whisper_to(cold.names.lee, since=since)).text
        await press(cold, cold.names.sam, card, "Approve")
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)


async def test_a_name_of_the_roles_file_stands_for_all_accounts_of_the_person(cold: World) -> None:
    roles = cold.folder / "roles.yaml"
    people = f"Sam Sung: ['{cold.account(cold.names.sam)}', 'console:local/sam']"
    roles.write_text(f"roles: {{auditor: {{people: {{{people}}}}}}}", encoding="utf-8")
    cold.settings["roles_file"] = roles
    plain_sam(cold)
    with_gate(cold, "people: ['@sam sung']")
    async with cold.started():
        card = await locked(cold)
        await press(cold, cold.names.sam, card, "Approve")
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)


GROUPS = {"slack": "slack:{workspace}/group:S0RELEASE", "discord": "discord:{workspace}/role:1000000000000000202"}


async def test_a_group_of_the_platform_decides_without_a_role(cold: World) -> None:
    group = GROUPS[cold.site.name].format(workspace=cold.site.workspace)
    plain_sam(cold)
    with_gate(cold, f"groups: ['{group}']")
    async with cold.started():
        card = await locked(cold, cold.names.lee)
        since = await press(cold, cold.names.dana, card, "Approve")
        assert group.rpartition("/")[0] in (await cold.whisper_to(cold.names.dana, since=since)).text
        await press(cold, cold.names.sam, card, "Approve")
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)


SEPARATE = """
name: locked
version: 1.0.0
title: Locked
steps:
  - {id: first, type: approval, title: First, roles: [approver]}
  - {id: second, type: approval, title: Second, roles: [approver], %s}
"""


async def test_who_approved_one_gate_does_not_approve_the_other(cold: World) -> None:
    with_gate(cold, "not_by: [first]", text=SEPARATE)
    async with cold.started():
        first = await locked(cold)
        await press(cold, cold.names.lee, first, "Approve")
        second = await cold.approval(since=first.seq)
        since = await press(cold, cold.names.lee, second, "Approve")
        assert "somebody else" in (await cold.whisper_to(cold.names.lee, since=since)).text
        await press(cold, cold.names.sam, second, "Approve")
        await cold.reply_in(cold.names.checkout, contains="completed", since=second.seq)


# --- words -----------------------------------------------------------------------------------------------


async def test_a_comment_stands_on_every_card_and_in_the_audit(world: World) -> None:
    card = await asked(world)
    await press(world, world.names.lee, card, "Approve …", comment="Watched by me")
    done = await world.reply_in(world.names.checkout, contains="completed", since=card.seq)
    ended = await world.reply_in(world.names.approvals, contains="pproved by", since=card.seq)
    assert "Watched by me" in done.text
    assert "Watched by me" in ended.text
    assert [row.details["comment"] for row in await audited(world, "approval.decide")] == ["Watched by me"]


async def test_a_denial_needs_no_words_unless_it_must(world: World) -> None:
    card = await asked(world)
    await press(world, world.names.lee, card, "Deny")
    await world.reply_in(world.names.checkout, contains="denied", since=card.seq)
    assert world.delivery.effects("deploy") == 0


async def test_a_denial_without_a_reason_is_not_offered_and_not_counted_where_it_takes_one(cold: World) -> None:
    cold.settings["approvals"] = {"deny_reason": "required"}
    async with cold.started():
        card = await asked(cold)
        assert "Deny" not in card.buttons
        token = card.buttons["Deny …"].rpartition(":")[2]
        since = await cold.control.seq()
        await cold.control.click(cold.names.lee, card.message, f"do:{token}", stale=True)
        assert "reason" in (await cold.whisper_to(cold.names.lee, since=since)).text
        assert len(await waiting(cold)) == 1
        await press(cold, cold.names.lee, card, "Deny …", reason="Freeze")
        await cold.reply_in(cold.names.checkout, contains="Freeze", since=card.seq)


async def test_a_question_goes_to_the_requester_and_the_answer_comes_back_onto_the_card(world: World) -> None:
    card = await asked(world)
    (run_card,) = await world.messages(channel=world.names.checkout)
    thread = run_card["id"]
    await press(world, world.names.lee, card, "Ask …", question="Is the migration in it?")
    question = await world.reply_in(world.names.checkout, thread=thread, contains="Is the migration in it?")
    assert f"<@{world.names.dana}>" in question.text
    # What somebody else says there is no answer; what is said in a thread is handled in its order.
    await world.say(world.names.sam, world.names.checkout, "I think so", thread)
    _, since = await world.say(world.names.dana, world.names.checkout, "Yes, since yesterday", thread)
    on_card = await world.reply_in(world.names.approvals, contains="Yes, since yesterday", since=since)
    told = await world.reply_in(world.names.approvals, contains="💬", since=since)
    assert on_card.message["id"] == card.message or told.message["id"] != card.message
    assert f"<@{world.names.lee}>" in told.text
    assert "I think so" not in on_card.text
    assert len(await waiting(world)) == 1
    assert [row.details["text"] for row in await audited(world, "approval.answer")] == ["Yes, since yesterday"]
    await press(world, world.names.lee, card, "Approve")
    await world.reply_in(world.names.checkout, contains="completed", since=since)


async def test_an_answer_that_opens_with_the_askers_name_is_one_and_talk_among_others_stays_theirs(
    world: World,
) -> None:
    card = await asked(world)
    (run_card,) = await world.messages(channel=world.names.checkout)
    thread = run_card["id"]
    await press(world, world.names.lee, card, "Ask …", question="Who watches it?")
    await world.reply_in(world.names.checkout, thread=thread, contains="Who watches it?")
    await world.say(world.names.sam, world.names.checkout, f"{mention(world, 'lee')} not me", thread)
    _, since = await world.say(world.names.dana, world.names.checkout, f"{mention(world, 'lee')} I do", thread)
    on_card = await world.reply_in(world.names.approvals, contains="I do", since=since)
    assert "not me" not in on_card.text
    in_thread = await world.reply_in(world.names.checkout, thread=thread, contains="Passed on", since=since)
    _, later = await world.say(world.names.dana, world.names.checkout, f"{mention(world, 'sam')} thanks", thread)
    await world.say(world.names.dana, world.names.checkout, "@copilot help", thread)
    answer = await world.reply_in(world.names.checkout, thread=thread, since=later)
    assert "What I can do" in answer.text
    assert answer.message["id"] != in_thread.message["id"]


# --- handing over ----------------------------------------------------------------------------------------


async def test_a_say_is_handed_over_for_one_request_and_shown_for_whom(without_sam: World) -> None:
    world = without_sam
    card = await asked(world)
    since = await press(world, world.names.lee, card, "Delegate …", person=world.names.sam)
    told = await direct(world, contains="lets you decide", since=since)
    await world.control.click(world.names.sam, told.message["id"], world.card(told).buttons["Approve"])
    ended = await world.reply_in(world.names.approvals, contains="pproved by", since=told.seq)
    assert f"<@{world.names.sam}> for <@{world.names.lee}>" in ended.text
    await world.reply_in(world.names.checkout, contains="completed", since=told.seq)
    (row,) = await audited(world, "approval.decide")
    assert row.details["on_behalf"] == world.account(world.names.lee)


async def test_a22_a_say_that_two_hold_is_said_once_however_often_both_click(without_sam: World) -> None:
    world, names = without_sam, without_sam.names
    since = await world.command(names.lee, names.general, f"delegate {mention(world, 'sam')} for 2 hours")
    await direct(world, contains="lets you decide", since=since)
    card = await asked(world)
    people = (names.lee, names.sam)
    await asyncio.gather(
        *(world.control.click(people[n % 2], card.message, card.buttons["Approve"], stale=True) for n in range(50))
    )
    await world.reply_in(names.checkout, contains="completed", since=card.seq)
    assert world.delivery.effects("deploy") == 1
    assert sum(row.outcome == "done" for row in await audited(world, "approval.decide")) == 1


async def test_a18_questions_and_what_was_handed_over_survive_a_restart(cold: World) -> None:
    plain_sam(cold)
    async with cold.started():
        card = await asked(cold)
        await press(cold, cold.names.lee, card, "Ask …", question="Who watches it?")
        (run_card,) = await cold.messages(channel=cold.names.checkout)
        await cold.reply_in(cold.names.checkout, thread=run_card["id"], contains="Who watches it?")
        since = await press(cold, cold.names.lee, card, "Delegate …", person=cold.names.sam)
        await direct(cold, contains="lets you decide", since=since)
    async with cold.started():
        await cold.say(cold.names.dana, cold.names.checkout, "I watch it", run_card["id"])
        await cold.reply_in(cold.names.approvals, contains="I watch it", since=card.seq)
        await press(cold, cold.names.sam, card, "Approve")
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)
    assert cold.delivery.effects("deploy") == 1


async def test_nothing_is_handed_to_the_requester(world: World) -> None:
    card = await asked(world)
    since = await press(world, world.names.lee, card, "Delegate …", person=world.names.dana)
    await world.whisper_to(world.names.lee, contains="somebody else", since=since)
    assert [row.outcome for row in await audited(world, "approval.delegate")] == ["refused"]


async def test_a_delegation_for_a_while_is_told_holds_and_ends_by_itself(without_sam: World) -> None:
    world = without_sam
    since = await world.command(world.names.lee, world.names.general, f"delegate {mention(world, 'sam')} for 2 hours")
    await direct(world, contains="lets you decide", since=since)
    card = await asked(world)
    await press(world, world.names.sam, card, "Approve")
    ended = await world.reply_in(world.names.approvals, contains="pproved by", since=card.seq)
    assert f"<@{world.names.sam}> for <@{world.names.lee}>" in ended.text
    world.clock.advance(2 * 3600)
    late = await asked(world)
    since = await press(world, world.names.sam, late, "Approve")
    await direct(world, contains="may not decide", since=since)


async def test_a_delegation_can_be_taken_back_and_shows_in_ones_list(without_sam: World) -> None:
    world, names = without_sam, without_sam.names
    await world.command(names.lee, names.general, f"delegate {mention(world, 'sam')} until 23:59")
    since = await world.command(names.lee, names.general, "delegate")
    await world.whisper_to(names.lee, contains="may decide for you until", since=since)
    await world.command(names.lee, names.general, "delegate off")
    card = await asked(world)
    since = await press(world, names.sam, card, "Approve")
    assert "may not decide" in (await world.whisper_to(names.sam, since=since)).text
    assert len(await audited(world, "delegation")) == 2


@pytest.mark.parametrize("said", ["delegate lee until friday", "delegate MENTION", "delegate MENTION until once"])
async def test_an_unclear_delegation_hands_nothing_over(world: World, said: str) -> None:
    since = await world.command(world.names.sam, world.names.general, said.replace("MENTION", mention(world, "lee")))
    await world.whisper_to(world.names.sam, contains="I do not know", since=since)
    assert await audited(world, "delegation") == []


# --- time ------------------------------------------------------------------------------------------------


async def test_quiet_hours_hold_a_reminder_up_and_expiry_not(cold: World) -> None:
    now = cold.clock.now()
    begin, end = (now.replace(microsecond=0, second=0), f"{(now.hour + 12) % 24:02}:00")
    cold.settings["approvals"] = {"quiet_hours": f"{begin:%H:%M}-{end} UTC"}
    async with cold.started():
        card = await asked(cold)
        cold.clock.advance(4 * 3600 + 1)
        await cold.reply_in(cold.names.approvals, contains="Expired", since=card.seq)
        assert not [m for m in await cold.messages(channel=cold.names.approvals) if "expires in" in str(m["raw"])]


# --- what waits for me -----------------------------------------------------------------------------------


async def test_the_queue_shows_what_waits_for_me_with_buttons_and_the_rest_as_lines(world: World) -> None:
    names = world.names
    first = await asked(world)
    await asked(world, names.lee, "search")
    since = await world.command(names.lee, names.general, "approvals")
    told = await world.whisper_to(names.lee, contains="Waiting for approval", since=since)
    buttons = world.card(told).buttons
    assert buttons["Approve"] == first.buttons["Approve"], "Lee's own request is not Lee's to decide"
    assert "Also waiting" in told.text
    since = await world.control.seq()
    await world.control.click(names.lee, told.message["id"], buttons["Approve"])
    assert "Approved: 1/1" in (await world.whisper_to(names.lee, contains="Approved", since=since)).text
    ended = await world.reply_in(names.approvals, contains="pproved by", since=since)
    assert ended.message["id"] == first.message
    since = await world.command(names.dana, names.general, "approvals all")
    told = await world.whisper_to(names.dana, contains="Waiting for approval", since=since)
    assert "Nothing waits for you" in told.text
    assert "Approve" not in world.card(told).buttons


async def test_the_app_home_has_the_buttons_too(slack: World) -> None:
    card = await asked(slack)
    await slack.control.act(slack.names.lee, "open_home")

    async def home() -> Mapping[str, Any] | None:
        views = (await slack.control.state())["views"]
        shown = [v for v in views if v["raw"]["type"] == "home" and v["person"] == slack.names.lee]
        return shown[-1] if shown else None

    await until(home, what="the home page")
    page = await home()
    assert page
    actions = [e["action_id"] for b in page["raw"]["blocks"] if b["type"] == "actions" for e in b["elements"]]
    assert card.buttons["Approve"] in actions
    await slack.control.click(slack.names.lee, page["id"], card.buttons["Approve"])
    await slack.reply_in(slack.names.checkout, contains="completed", since=card.seq)


async def test_a_terminal_lists_what_waits_and_decides_it_and_the_cards_follow(
    cold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold.settings["roles"] = {
        cold.account(cold.names.dana): ["operator"],
        cold.account(cold.names.lee): ["approver"],
        "console:local/lee": ["approver"],
    }
    monkeypatch.setenv("LOGNAME", "lee")
    async with cold.started():
        card = await asked(cold)
        (view,) = await waiting(cold)
        listed = await ask._ask(cold.make_settings(), "approvals")  # noqa: SLF001 -- what `copilot approvals` does
        assert f"approvals approve {view.id}" in str(listed)
        said = await ask._ask(cold.make_settings(), f"approvals approve {view.id} from the shell")  # noqa: SLF001
        assert "Approved: 1/1" in said.summary
        ended = await cold.reply_in(cold.names.approvals, contains="from the shell", since=card.seq)
        assert ended.message["id"] == card.message
        since = await cold.control.seq()
        await cold.control.click(cold.names.lee, card.message, card.buttons["Approve"], stale=True)
        assert "already" in (await cold.whisper_to(cold.names.lee, since=since)).text
        await cold.reply_in(cold.names.checkout, contains="completed", since=card.seq)
    assert cold.delivery.effects("deploy") == 1
