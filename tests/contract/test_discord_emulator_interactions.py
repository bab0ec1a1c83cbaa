"""Interactions of the Discord emulator through real discord.py: commands, completion, buttons, menus and modals."""

import asyncio
from collections.abc import Awaitable, Callable

import discord
import pytest
from discord import app_commands

from bot.emulators.common.client import ControlFailed, Event
from bot.emulators.discord import acme
from tests.contract.discord_client import WAIT, Bot, Json, Scene, scene

Handler = Callable[[discord.Interaction], Awaitable[None]]


class Catch:
    """A command `/copilot run workflow:… [note:…]` whose interactions a test takes and answers itself."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self.workflow = self.note = ""

    def listen(self, bot: Bot) -> None:
        """Register the command, and take component and modal interactions."""
        group = app_commands.Group(name="copilot", description="Ask, run, approve")

        @group.command(name="run", description="Starts a run")
        async def run(interaction: discord.Interaction, workflow: str, note: str = "") -> None:
            self.workflow, self.note = workflow, note
            await self.queue.put(interaction)

        @run.autocomplete("workflow")
        async def complete(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
            names = ["deploy", "drain", "restart"]
            return [app_commands.Choice(name=name, value=name) for name in names if name.startswith(current)]

        async def on_interaction(interaction: discord.Interaction) -> None:
            if interaction.type in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
                await self.queue.put(interaction)

        bot.tree.add_command(group, guild=bot.guild_object)
        bot.event(on_interaction)

    async def next(self) -> discord.Interaction:
        """The next interaction."""
        async with asyncio.timeout(WAIT):
            return await self.queue.get()

    async def command(self, s: Scene, text: str = "run deploy", person: str = acme.DANA) -> discord.Interaction:
        """Let somebody send the command; the interaction."""
        await s.ctl.command(person, acme.CHECKOUT, "copilot", text)
        return await self.next()

    async def button(self, s: Scene) -> tuple[discord.Message, discord.Interaction]:
        """Post a message with a button and let somebody press it."""
        message = await s.bot.room().send("ok?", view=_buttons())
        await s.ctl.click(acme.LEE, str(message.id), "go:1")
        return message, await self.next()


def _buttons() -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Go", custom_id="go:1"))
    view.add_item(discord.ui.Button(label="Off", custom_id="off:1", disabled=True))
    options = [discord.SelectOption(label=name, value=name) for name in ("a", "b")]
    view.add_item(discord.ui.Select(custom_id="pick:1", options=options))
    return view


def _failed(event: Event) -> bool:
    return event.type == "interaction_failed"


async def test_a_command_arrives_with_its_options_and_is_answered() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s, "/copilot run workflow:deploy note:it is late")
        assert (catch.workflow, catch.note) == ("deploy", "it is late")
        await interaction.response.send_message("started")
        answer = await s.ctl.wait_message(contains="started", channel=acme.CHECKOUT)
        assert answer.message["raw"]["interaction_metadata"]["user"]["id"] == acme.DANA


async def test_plain_words_fill_the_required_options_and_the_last_takes_the_rest() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        await catch.command(s, "run deploy the shop")
        assert (catch.workflow, catch.note) == ("deploy the shop", "")


async def test_options_come_as_an_object_too() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        wish = {"subcommand": "run", "options": {"workflow": "deploy", "note": "now"}}
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", options=wish)
        await catch.next()
        assert (catch.workflow, catch.note) == ("deploy", "now")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("nothing", "", "knows no /nothing"),
        ("copilot", "fly", "no subcommand 'fly'"),
        ("copilot", "run", "required"),
        ("copilot", "run workflow:a note:" + "x" * 6001, "must be between"),
    ],
)
async def test_the_client_refuses_what_the_command_does_not_take(name: str, text: str, reason: str) -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        with pytest.raises(ControlFailed, match=reason):
            await s.ctl.command(acme.DANA, acme.CHECKOUT, name, text)


async def test_completion_waits_for_the_bots_choices() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        fields: Json = {"subcommand": "run", "options": {"workflow": "d"}}
        found = await s.ctl.act(
            acme.DANA, "complete", channel=acme.CHECKOUT, name="copilot", options=fields, focused="workflow"
        )
        assert [choice["value"] for choice in found["choices"]] == ["deploy", "drain"]


async def test_a_deferred_answer_is_pending_then_edited_then_followed_up() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.defer(thinking=True)
        pending = await s.ctl.wait_for(lambda event: event.type == "pending")
        assert pending.data["person"] == acme.DANA
        edited = await interaction.edit_original_response(content="done")
        changed = await s.ctl.wait_message(contains="done", changed=True)
        assert (changed.message["id"], changed.message["edited"]) == (str(edited.id), False)
        further = await interaction.followup.send("more", wait=True)
        assert further.id != edited.id


async def test_the_first_follow_up_takes_the_place_of_thinking() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.defer(thinking=True)
        first = await interaction.followup.send("done", wait=True)
        assert first.id == (await interaction.original_response()).id


async def test_follow_ups_can_be_read_edited_and_deleted() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_message("one")
        further = await interaction.followup.send("two", wait=True)
        await further.edit(content="three")
        assert (await interaction.followup.fetch_message(further.id)).content == "three"
        await further.delete()
        await interaction.delete_original_response()
        gone = await s.ctl.wait_for(lambda event: event.data.get("id") == str(further.id), what="the deletion")
        assert gone.type in {"message", "message_changed", "message_deleted"}
        with pytest.raises(discord.NotFound):
            await interaction.followup.fetch_message(further.id)


async def test_an_ephemeral_answer_is_seen_by_one_person_alone() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_message("psst", ephemeral=True, view=_buttons())
        answer = await s.ctl.wait_message(contains="psst", private_to=acme.DANA)
        with pytest.raises(ControlFailed, match="does not see"):
            await s.ctl.click(acme.LEE, answer.message["id"], "go:1")
        assert [message async for message in s.bot.room().history()] == []


async def test_the_first_response_acknowledges_the_delivery() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        first = await catch.command(s)
        assert [ack["acked_at"] for ack in await s.ctl.acks(kind="INTERACTION_CREATE")] == [None]
        await first.response.defer()
        await catch.command(s)
        since = await s.ctl.seq()
        await s.ctl.clock(4)
        await s.ctl.wait_for(_failed, since=since)
        answered, ignored = await s.ctl.acks(kind="INTERACTION_CREATE")
        assert (answered["acked_at"] is not None, answered["error"]) == (True, None)
        assert (ignored["acked_at"], ignored["error"]) == (None, "no response in time")


async def test_without_an_answer_in_three_seconds_the_interaction_fails() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await s.ctl.clock(3.1)
        failed = await s.ctl.wait_for(_failed)
        assert failed.data["text"] == "The application did not respond"
        with pytest.raises(discord.NotFound) as caught:
            await interaction.response.send_message("late")
        assert (caught.value.status, caught.value.code) == (404, 10062)


async def test_an_answered_interaction_cannot_be_answered_again() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_message("one")
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        error = await s.error("POST", path, json={"type": 4, "data": {"content": "two"}})
        assert (error.status, error.code) == (400, 40060)


async def test_a_token_is_dead_after_fifteen_minutes() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.defer(thinking=True)
        await s.ctl.clock(15 * 60)
        with pytest.raises(discord.HTTPException) as caught:
            await interaction.edit_original_response(content="late")
        assert (caught.value.status, caught.value.code) == (401, 50027)


async def test_an_expired_trigger_is_unknown_on_arrival() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        await s.ctl.fault("expire_triggers", times=1)
        interaction = await catch.command(s)
        with pytest.raises(discord.NotFound) as caught:
            await interaction.response.defer()
        assert caught.value.code == 10062


async def test_a_button_updates_its_message() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        message, interaction = await catch.button(s)
        assert interaction.user.id == int(acme.LEE)
        await interaction.response.edit_message(content="approved", view=None)
        changed = await s.ctl.wait_message(id_=str(message.id), contains="approved", changed=True)
        assert changed.message["raw"]["components"] == []


async def test_a_button_can_be_acknowledged_and_its_message_edited_later() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        message, interaction = await catch.button(s)
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")
        await s.ctl.wait_message(id_=str(message.id), contains="later", changed=True)


async def test_disabled_and_unknown_buttons_cannot_be_pressed() -> None:
    async with scene() as s:
        message = await s.bot.room().send("ok?", view=_buttons())
        with pytest.raises(ControlFailed, match="disabled"):
            await s.ctl.click(acme.LEE, str(message.id), "off:1")
        with pytest.raises(ControlFailed, match="no component"):
            await s.ctl.click(acme.LEE, str(message.id), "gone")


async def test_a_menu_passes_on_what_was_chosen() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        message = await s.bot.room().send("which?", view=_buttons())
        await s.ctl.select(acme.SAM, str(message.id), "pick:1", "b")
        interaction = await catch.next()
        assert interaction.data is not None
        assert interaction.data["values"] == ["b"]  # type: ignore[typeddict-item]  # a component's data


def _modal() -> discord.ui.Modal:
    modal = discord.ui.Modal(title="Reason", custom_id="why:1")
    modal.add_item(discord.ui.TextInput(label="Why", custom_id="why", max_length=20))
    return modal


async def test_a_modal_is_filled_sent_and_closed() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_modal(_modal())
        form = (await s.ctl.wait_form(person=acme.DANA)).form
        with pytest.raises(ControlFailed, match="between 0 and 20"):
            await s.ctl.submit(acme.DANA, form["id"], {"why": "x" * 21})
        await s.ctl.submit(acme.DANA, form["id"], {"why": "because"})
        sent = await catch.next()
        assert "because" in str(sent.data)
        await sent.response.send_message("noted")
        await s.ctl.wait_for(lambda event: event.type == "form_closed" and event.data["id"] == form["id"])


async def test_a_modal_that_the_bot_ignores_stays_open() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_modal(_modal())
        form = (await s.ctl.wait_form()).form
        await s.ctl.submit(acme.DANA, form["id"], {"why": "because"})
        await s.ctl.clock(3.1)
        failed = await s.ctl.wait_for(_failed)
        assert failed.data["text"] == "Something went wrong. Try again."
        await s.ctl.act(acme.DANA, "close_form", form=form["id"])


async def test_a_modal_cannot_follow_a_deferral_or_a_modal() -> None:
    catch = Catch()
    async with scene(catch.listen) as s:
        interaction = await catch.command(s)
        await interaction.response.send_modal(_modal())
        form = (await s.ctl.wait_form()).form
        await s.ctl.submit(acme.DANA, form["id"], {"why": "because"})
        sent = await catch.next()
        path = f"/interactions/{sent.id}/{sent.token}/callback"
        error = await s.error("POST", path, json={"type": 9, "data": {}})
        assert (error.code, "type" in error.text) == (50035, True)
