"""Reactions, pins and message shortcuts of people in the Slack emulator, as a bolt app is told of them."""

import asyncio
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.emulators.common.client import ControlFailed
from bot.emulators.slack import acme
from tests.contract.slack_emulator import scene

Json = dict[str, Any]


class Told:
    """An app that keeps what it is told of."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[Json] = asyncio.Queue()

    def listen(self, app: AsyncApp) -> None:
        @app.event("reaction_added")
        @app.event("pin_added")
        async def event(event: Json) -> None:
            self.got.put_nowait(event)

        @app.shortcut("declare")
        async def shortcut(ack: Any, shortcut: Json) -> None:  # noqa: ANN401 -- bolt's own
            await ack()
            self.got.put_nowait(shortcut)

    async def next(self) -> Json:
        async with asyncio.timeout(10):
            return await self.got.get()


async def test_a_reaction_and_a_pin_are_told_with_who_and_what() -> None:
    told = Told()
    async with scene(told.listen) as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        await s.ctl.react(acme.LEE, ts, ":eyes:")
        reaction = await told.next()
        assert (reaction["user"], reaction["reaction"], reaction["item"]["ts"]) == (acme.LEE, "eyes", ts)
        assert (await s.ctl.pin(acme.LEE, ts))["changed"] is True
        pin = await told.next()
        assert (pin["user"], pin["channel_id"], pin["item"]["message"]["ts"]) == (acme.LEE, acme.CHECKOUT, ts)
        assert (pin["item"]["created_by"], pin["pin_count"]) == (acme.LEE, 1)
        assert (await s.ctl.pin(acme.LEE, ts))["changed"] is False
        listed = (await s.client.pins_list(channel=acme.CHECKOUT))["items"]
        assert [one["message"]["ts"] for one in listed] == [ts]
        assert (await s.ctl.act(acme.DANA, "unpin", message=ts))["changed"] is True


async def test_a_shortcut_brings_the_message_and_a_trigger() -> None:
    told = Told()
    async with scene(told.listen) as s:
        assert {"name": "Declare incident", "callback": "declare"} in (await s.ctl.state())["shortcuts"]
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        await s.ctl.shortcut(acme.LEE, ts, "declare")
        found = await told.next()
        assert (found["message"]["text"], found["message_ts"], found["channel"]["id"]) == ("look", ts, acme.CHECKOUT)
        assert found["trigger_id"]
        assert found["response_url"]


async def test_marks_are_for_members_of_a_living_channel() -> None:
    async with scene() as s:
        room = (await s.client.conversations_create(name="lab"))["channel"]["id"]
        await s.client.conversations_invite(channel=room, users=acme.DANA)
        ts = await s.ctl.post(acme.DANA, room, "look")
        for do in ("react", "pin"):
            with pytest.raises(ControlFailed, match="no member"):
                await s.ctl.act(acme.SAM, do, message=ts, emoji="eyes")
        await s.client.conversations_archive(channel=room)
        for do in ("react", "pin"):
            with pytest.raises(ControlFailed, match="archived"):
                await s.ctl.act(acme.DANA, do, message=ts, emoji="eyes")
        with pytest.raises(ControlFailed, match="archived"):
            await s.ctl.act(acme.DANA, "invite", channel=room, person=acme.SAM)
        shown = next(one for one in (await s.ctl.state())["channels"] if one["id"] == room)
        assert (shown["archived"], shown["read_only"], shown["private"]) == (True, True, False)


async def test_a_stranger_is_not_invited_into_a_channel_of_the_workspace_alone() -> None:
    async with scene() as s:
        assert await s.error("conversations.invite", channel=acme.DEPLOYS, users=acme.KIM) == "cant_invite"
        answer = await s.client.conversations_invite(channel=acme.DEPLOYS, users=f"{acme.KIM},{acme.ROBIN}", force=True)
        assert answer["errors"] == [{"user": acme.KIM, "ok": False, "error": "cant_invite"}]
