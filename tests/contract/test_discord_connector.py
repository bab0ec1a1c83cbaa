"""The connector against the Discord emulator: sends, edits, answers and looks up through the real discord.py."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.discord.connector import DiscordConnector
from bot.emulators.discord import acme
from core.actors import Standing
from core.errors import UpstreamRejected, UpstreamUnavailable
from core.messages import Account, File, Handle, MessageRef, Place, Platform, Reply, Text
from core.ports.platforms import GONE, NOT_A_MEMBER
from tests.contract.discord_client import Bot, Scene, scene

Json = dict[str, Any]

CHECKOUT = Place(Platform.DISCORD, acme.GUILD, acme.CHECKOUT)
DANA = Account(Platform.DISCORD, acme.GUILD, acme.DANA)
SHORT = Reply((Text("Hello **there**"),), "Hello")
LONG = Reply((Text("".join(f"word{n} " for n in range(800))),), "Long")


class Stage:
    """A connector and the server that it sends to. Commands are deferred and left for the connector to answer."""

    def __init__(self, scene_: Scene) -> None:
        self.scene = scene_
        self.connector = DiscordConnector(scene_.bot)
        self.control = scene_.ctl

    async def messages(self, channel: str = "") -> list[Json]:
        """The bot's messages, oldest first."""
        found = (await self.control.state())["messages"]
        return [m for m in found if m["author"] == acme.BOT_USER and channel in ("", m["channel"])]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with scene(connected=False) as found:
        yield Stage(found)


# --- posts and edits ----------------------------------------------------------------------------------------


async def test_a_post_repeated_with_its_key_is_the_first_message_again(stage: Stage) -> None:
    first = await stage.connector.post(CHECKOUT, SHORT, key="k")
    assert await stage.connector.post(CHECKOUT, SHORT, key="k") == first
    assert len(await stage.messages()) == 1
    assert await stage.connector.post(CHECKOUT, SHORT, key="other") != first


async def test_an_edit_grows_and_shrinks_the_parts(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    many = await stage.connector.edit(one, LONG, key="k")
    assert many.parts[0] == one.parts[0]
    assert len(await stage.messages()) == len(many.parts) > 1
    assert await stage.connector.edit(many, SHORT, key="k") == one
    assert len(await stage.messages()) == 1


async def test_an_edit_repeated_after_an_unknown_outcome_adds_no_part_twice(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    first = await stage.connector.edit(one, LONG, key="k")
    assert await stage.connector.edit(one, LONG, key="k") == first
    assert len(await stage.messages()) == len(first.parts)


async def test_an_edit_does_not_mind_a_part_that_somebody_deleted(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    assert await stage.connector.edit(MessageRef(CHECKOUT, (*one.parts, "1")), SHORT, key="k") == one


async def test_an_edit_of_a_deleted_message_says_gone(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.edit(MessageRef(CHECKOUT, ("1",)), SHORT, key="k")
    assert caught.value.reason == GONE


async def test_a25_a_channel_without_the_bot_says_what_it_needs(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.post(replace(CHECKOUT, channel=acme.SECURITY), SHORT, key="k")
    assert caught.value.reason == NOT_A_MEMBER
    assert "View Channel" in caught.value.hint


async def test_files_stand_at_the_last_part(stage: Stage) -> None:
    picture = File("chart.png", b"\x89PNG", "image/png", title="Latency")
    ref = await stage.connector.post(CHECKOUT, Reply((*LONG.blocks, picture), "See"), key="k")
    with_files = [m["id"] for m in await stage.messages() if m["raw"].get("attachments")]
    assert with_files == [ref.parts[-1]]


async def test_a_thread_that_exists_is_opened_again(stage: Stage) -> None:
    root = await stage.connector.post(CHECKOUT, SHORT, key="k")
    thread = await stage.connector.open_thread(CHECKOUT, root.parts[0], "Deploy")
    assert await stage.connector.open_thread(CHECKOUT, root.parts[0], "Deploy") == thread
    await stage.connector.post(thread, SHORT, key="in")
    assert len(await stage.messages(channel=thread.thread)) == 1


# --- to one person, people --------------------------------------------------------------------------------------


async def test_a_whisper_goes_to_the_direct_message(stage: Stage) -> None:
    for n in range(2):
        await stage.connector.whisper(CHECKOUT, DANA, SHORT, key=f"k{n}")
    channels = {c["id"]: c["kind"] for c in (await stage.control.state())["channels"]}
    assert [channels[m["channel"]] for m in await stage.messages()] == ["direct", "direct"]


async def test_a_dead_handle_says_gone(stage: Stage) -> None:
    dead = Handle(Platform.DISCORD, "no-such-token", 0.0, application=acme.BOT_USER, deferred=True)
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.answer(dead, CHECKOUT, SHORT, private=False, key="k")
    assert caught.value.reason == GONE


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (acme.DANA, Standing.MEMBER),
        (acme.ROBIN, Standing.GUEST),
        (acme.KIM, Standing.STRANGER),
        (acme.DEPLOYBOT, Standing.BOT),
        ("1", Standing.STRANGER),
    ],
)
async def test_a24_the_standing_of_people_comes_from_discord(stage: Stage, person: str, expected: Standing) -> None:
    assert (await stage.connector.profile(replace(DANA, id=person))).standing is expected


async def test_a24_without_a_server_nobody_is_a_member(stage: Stage) -> None:
    assert (await stage.connector.profile(replace(DANA, workspace=""))).standing is Standing.STRANGER


# --- interactions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [False, True])
async def test_an_answer_takes_the_placeholders_place_and_a_private_one_removes_it(private: bool) -> None:
    handles: asyncio.Queue[Handle] = asyncio.Queue()

    def listen(bot: Bot) -> None:
        async def on_interaction(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            application = str(interaction.application_id)
            handles.put_nowait(Handle(Platform.DISCORD, interaction.token, 9e9, application, deferred=True))

        @bot.tree.command(name="ping", description="Ping", guild=bot.guild_object)
        async def ping(interaction: discord.Interaction) -> None:
            await on_interaction(interaction)

    async with scene(listen) as found, asyncio.timeout(30):
        stage = Stage(found)
        await stage.control.command(acme.DANA, acme.CHECKOUT, "ping")
        ref = await stage.connector.answer(await handles.get(), CHECKOUT, SHORT, private=private, key="k")
        (shown,) = await stage.messages()
        assert shown["private_to"] == (acme.DANA if private else None)
        assert (ref is None) is private


# --- trouble ------------------------------------------------------------------------------------------------------


async def test_a_broken_discord_is_worth_another_try(stage: Stage) -> None:
    await stage.control.fault("error", match="*", times=1, status=503)
    with pytest.raises(UpstreamUnavailable):
        await stage.connector.post(CHECKOUT, SHORT, key="k")


async def test_a07_discord_that_asks_to_slow_down_is_obeyed(stage: Stage) -> None:
    await stage.control.fault("rate_limit", match="*", times=1, retry_after=0.05)
    ref = await stage.connector.post(CHECKOUT, SHORT, key="k")
    assert [m["id"] for m in await stage.messages()] == list(ref.parts)
