"""Who may what, whichever way they ask: roles files, user groups, linked accounts: A23."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.bootstrap import running
from bot.cli import ask
from core.messages import Account
from tests.conftest import Databases
from tests.flows.test_approvals import DEPLOY, asked, waiting
from tests.flows.world import Card, World, until, workspace

TABLE = {
    "run deploy service=checkout environment=production version=2.5.0": {"dana"},
    "run deploy service=checkout environment=staging version=2.5.0": {"dana", "lee"},
    "ask which version of checkout is in production?": {"sam"},
    "ask which version of checkout is in staging?": {"sam", "lee"},
}
"""What is asked for → who may."""


def write_roles(world: World, text: str) -> Path:
    """The roles file of this world, and nothing in the settings."""
    path = world.folder / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    world.settings |= {"roles_file": str(path), "roles": {}}
    return path


def roles_of(world: World, **people: str) -> str:
    """A roles file: role → person."""
    lines = ["roles:"]
    for role, person in people.items():
        lines += [f"  {role}:", f"    people: {{{person.title()}: {world.account(getattr(world.names, person))}}}"]
    return "\n".join(lines)


async def test_a_changed_roles_file_is_taken_over_and_a_broken_one_is_not(cold: World) -> None:
    path = write_roles(cold, roles_of(cold, operator="dana"))
    async with cold.started() as bot:
        since = await cold.command(cold.names.sam, cold.names.checkout, DEPLOY)
        told = await cold.whisper_to(cold.names.sam, since=since)
        assert "operator" in told.text
        assert "Dana" in told.text
        assert f"<@{cold.names.dana}>" not in told.text

        path.write_text("roles: {operator: {people: {Sam: nobody}}}", encoding="utf-8")
        await bot.book.look(bot.records, bot.clock)
        assert "roles.yaml:1" in await bot.book.healthy()
        assert not await bot.problems()
        assert bot.book.roster.names("operator") == ("Dana",)

        path.write_text(roles_of(cold, operator="sam"), encoding="utf-8")
        await bot.book.look(bot.records, bot.clock)
        assert await bot.book.healthy() == ""
        await cold.command(cold.names.sam, cold.names.checkout, DEPLOY)
        await cold.approval(since=told.seq)
        rows = await bot.records.read(lambda tx: tx.audit.find(action="roles.change"))
        assert rows[0].details["added"] == [f"operator: {cold.account(cold.names.sam)}"]
        assert rows[0].details["removed"] == [f"operator: {cold.account(cold.names.dana)}"]


async def test_a_slack_user_group_gives_a_role_and_none_while_slack_cannot_be_asked(cold_slack: World) -> None:
    world = cold_slack
    write_roles(world, f"roles: {{operator: {{slack_groups: [{world.site.workspace}/S0RELEASE]}}}}")
    async with world.started():
        assert not await world.control.requests(path="usergroups")
        await world.control.fault("rate_limit", match="usergroups.users.list", retry_after=1)
        since = await world.command(world.names.sam, world.names.checkout, DEPLOY)
        told = await world.whisper_to(world.names.sam, since=since)
        assert "could not look up" in told.text
    await world.control.clear_faults()
    async with world.started():
        since = await world.command(world.names.dana, world.names.checkout, DEPLOY)
        assert "needs the permission" in (await world.whisper_to(world.names.dana, since=since)).text
        since = await world.command(world.names.sam, world.names.checkout, DEPLOY)
        await world.approval(since=since)
        assert len(await world.control.requests(path="usergroups.users.list")) <= 3


async def tally(world: World) -> tuple[int, int]:
    """How often the bot has refused, and how often it has started a run or answered a question."""
    assert world.bot
    find = world.bot.records.read
    refused = await find(lambda tx: tx.audit.find(action="turn.refused"))
    started = await find(lambda tx: tx.runs.find(limit=100))
    answered = [m for m in await world.messages() if "Understood as" in str(m["raw"])]
    return len(refused), len(started) + len(answered)


async def may(world: World, who: str, text: str, way: str) -> bool:
    """Whether somebody was answered rather than refused, in a channel, a thread or a direct message."""
    person = getattr(world.names, who)
    before = await tally(world)
    if way == "direct":
        await world.control.direct(person, text)
    elif way == "thread":
        root = await world.thread(world.names.sam, world.names.checkout, "about that")
        await world.say(person, world.names.checkout, f"@copilot {text}", root)
    else:
        await world.command(person, world.names.checkout, text)

    async def said() -> bool:
        return await tally(world) != before

    await until(said, what=f"an answer to {text}")
    refused, _ = await tally(world)
    return refused == before[0]


async def test_a23_the_answer_is_the_same_in_a_channel_a_thread_a_direct_message_and_a_terminal(
    cold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = {
        who: f"[{cold.account(getattr(cold.names, who))}, console:local/{who}]" for who in ("dana", "lee", "sam")
    }
    write_roles(
        cold,
        f"""
roles:
  member: {{may: [help]}}
  operator: {{may: [run], people: {{Dana: {accounts["dana"]}}}}}
  stager: {{may: ["run:deploy:staging", "ask:delivery.status:staging"], people: {{Lee: {accounts["lee"]}}}}}
  reader: {{may: [ask], people: {{Sam: {accounts["sam"]}}}}}
""",
    )
    rows = [(who, text) for text in TABLE for who in accounts]
    expected = {(who, text): who in TABLE[text] for who, text in rows}
    async with cold.started():
        for way in ("channel", "thread", "direct"):
            assert {row: await may(cold, *row, way) for row in rows} == expected, way
    said = {}
    for who, text in rows:
        monkeypatch.setenv("LOGNAME", who)
        reply = await ask._ask(cold.make_settings(), text)  # noqa: SLF001 -- what `copilot ask` does
        said[who, text] = "Not allowed" not in reply.summary
    assert said == expected


# --- linked accounts -------------------------------------------------------------------------------------


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[World, World]]:
    """Slack and Discord with one bot in both; Lee approves on Slack only."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace("slack", tmp_path))
        discord = await stack.enter_async_context(workspace("discord", tmp_path))
        slack.settings |= {
            "discord": discord.site.settings(),
            "roles": {
                slack.account(slack.names.dana): ["operator"],
                slack.account(slack.names.lee): ["approver"],
                discord.account(discord.names.dana): ["approver"],
                discord.account(discord.names.sam): ["approver"],
            },
            "approval_channels": [slack.account(slack.names.approvals), discord.account(discord.names.approvals)],
        }
        discord.bot = await stack.enter_async_context(slack.started())
        yield slack, discord


async def code_for(world: World, person: str) -> str:
    """Ask for a code in a channel; only the person sees it."""
    since = await world.command(person, world.names.checkout, "link")
    found = re.search(
        r"link ([2-9A-Z]{5}-[2-9A-Z]{5})", (await world.whisper_to(person, contains="Say this from", since=since)).text
    )
    assert found
    return found[1]


async def shown(world: World, person: str, contains: str, since: int) -> Card:
    """What the bot shows to this person alone: ephemerally or in the direct message."""
    event = await world.control.wait_for(
        lambda e: e.seq > since and contains in e.text and person not in e.message.get("author", ""), since=since
    )
    return world.card(event)


async def link(first: World, asks: str, second: World, says: str) -> None:
    """Both agree."""
    code = await code_for(first, asks)
    before = await first.control.seq()
    since = await second.command(says, second.names.checkout, f"link {code}")
    mine = await shown(second, says, "about to join", since)
    assert asks in mine.text
    await second.control.click(says, mine.message, mine.buttons["Both are mine"])
    theirs = await shown(first, asks, "about to join", before)
    assert says in theirs.text
    await first.control.click(asks, theirs.message, theirs.buttons["Both are mine"])
    await shown(second, says, "one person", mine.seq)


async def test_linked_accounts_are_one_person_at_once_and_unlinking_makes_nobody_two(both: tuple[World, World]) -> None:
    slack, discord = both
    card = await asked(slack)
    await link(slack, slack.names.dana, discord, discord.names.dana)
    copy = discord.card(await discord.reply_in(discord.names.approvals, contains="Approval needed"))
    for _ in ("linked", "unlinked"):
        since = await discord.control.seq()
        await discord.control.click(discord.names.dana, copy.message, copy.buttons["Approve"])
        await shown(discord, discord.names.dana, "somebody else", since)
        await discord.command(discord.names.dana, discord.names.checkout, "unlink")
        await shown(discord, discord.names.dana, "onger linked" if _ == "linked" else "no other", since)
    assert len(await waiting(slack)) == 1
    await slack.control.click(slack.names.lee, card.message, card.buttons["Approve"])
    await slack.reply_in(slack.names.checkout, contains="completed", since=card.seq)
    assert slack.bot
    rows = await slack.bot.records.read(lambda tx: tx.audit.find(action="account."))
    assert [row.action for row in rows] == ["account.unlink", "account.link", "account.code"]


async def test_linked_accounts_unite_their_roles_and_whoami_says_why(both: tuple[World, World]) -> None:
    slack, discord = both
    await link(slack, slack.names.dana, discord, discord.names.dana)
    since = await discord.command(discord.names.dana, discord.names.checkout, "whoami")
    told = await discord.control.wait_for(lambda e: "Also you" in e.text, since=since)
    assert slack.account(slack.names.dana) in told.text
    assert "operator" in told.text
    assert "run:deploy:production" in told.text


async def test_a_code_that_is_typed_joins_nothing_by_itself(both: tuple[World, World]) -> None:
    slack, discord = both
    code = await code_for(slack, slack.names.sam)
    since = await discord.command(discord.names.lee, discord.names.checkout, f"link {code}")
    card = await shown(discord, discord.names.lee, "about to join", since)
    await discord.control.click(discord.names.lee, card.message, card.buttons["Not mine"])
    await shown(discord, discord.names.lee, "Nothing was joined", card.seq)
    await discord.control.click(discord.names.lee, card.message, card.buttons["Both are mine"], stale=True)
    await shown(discord, discord.names.lee, "does not work", card.seq)
    since = await discord.command(discord.names.lee, discord.names.checkout, f"link {code}")
    await shown(discord, discord.names.lee, "does not work", since)
    assert slack.bot
    lee = Account.parse(discord.account(discord.names.lee))
    assert await slack.bot.records.read(lambda tx: tx.people.linked(lee, former=True)) == frozenset()


async def test_wrong_and_late_codes_are_refused_audited_and_limited(world: World) -> None:
    late = await code_for(world, world.names.sam)
    world.clock.advance(601)
    for code in (late, *(f"2222{n}-33333" for n in range(2, 6))):
        since = await world.command(world.names.lee, world.names.checkout, f"link {code}")
        await world.whisper_to(world.names.lee, contains="does not work", since=since)
    since = await world.command(world.names.lee, world.names.checkout, "link 22222-44444")
    await world.whisper_to(world.names.lee, contains="codes an hour", since=since)
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(action="account.link"))
    assert [row.outcome for row in rows] == ["refused"] * 5
    kept = await world.bot.records.read(lambda tx: [row.details for row in tx.audit.find(action="account.")])
    assert late not in str(kept)


async def test_the_other_replica_knows_a_link_at_once(tmp_path: Path, postgres: Databases) -> None:
    async with workspace("slack", tmp_path) as world:
        world.settings |= {"database_url": await postgres.migrated()}
        dana, lee = (Account.parse(world.account(who)) for who in (world.names.dana, world.names.lee))
        async with world.started() as first, running(world.make_settings(), platforms=False, workers=False) as second:
            card = await asked(world)
            await second.records.write(lambda tx: tx.people.link(dana, lee, now=second.clock.now()))
            await world.control.click(world.names.lee, card.message, card.buttons["Approve"])
            await world.whisper_to(world.names.lee, contains="somebody else", since=card.seq)
            assert len(await first.records.read(lambda tx: tx.runs.open_approvals())) == 1


async def test_a_terminal_says_a_code_twice_and_the_chat_account_agrees(
    cold_slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, dana = cold_slack, cold_slack.names.dana
    monkeypatch.setenv("LOGNAME", "dana")
    async with world.started() as bot:
        code = await code_for(world, dana)
        seen = await ask._ask(world.make_settings(), f"link {code}")  # noqa: SLF001 -- what `copilot ask` does
        assert dana in str(seen)
        since = await world.control.seq()
        said = await ask._ask(world.make_settings(), f"link {code} yes")  # noqa: SLF001
        assert "confirm it" in str(said)
        bot.sender.wake(f"slack:{world.site.workspace}/{dana}")
        card = await shown(world, dana, "about to join", since)
        await world.control.click(dana, card.message, card.buttons["Both are mine"])
        await shown(world, dana, "one person", card.seq)
    told = await ask._ask(world.make_settings(), "whoami")  # noqa: SLF001
    assert "run:deploy:production" in str(told)
