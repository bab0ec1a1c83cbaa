"""Buttons, menus, modals, response addresses and private messages, through real bolt where the bot answers."""

from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.emulators.common.client import ControlFailed, Event
from bot.emulators.slack import acme
from tests.contract.slack_emulator import BUTTONS, MODAL, Scene, bare_socket, scene

Json = dict[str, Any]
OPTIONS = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("red", "green")]
MENU = {
    "type": "static_select",
    "action_id": "colour",
    "placeholder": {"type": "plain_text", "text": "Colour"},
    "options": OPTIONS,
}


def modal(**changes: object) -> Json:
    """The test's modal with some fields changed."""
    return {**MODAL, **changes}


async def open_form(s: Scene) -> str:
    """Have Dana send a command and open a modal with its trigger; the form's id."""
    trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "form"))["trigger_id"]
    return str((await s.client.views_open(trigger_id=trigger, view=MODAL))["view"]["id"])


async def test_a_click_lets_the_bot_edit_the_message() -> None:
    bodies: list[Json] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def go(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            bodies.append(body)
            await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="gone", blocks=[])

    async with scene(listen) as s:
        ts = await s.button()
        await s.ctl.click(acme.LEE, ts, "go")
        changed = await s.ctl.wait_message(contains="gone", changed=True)
        assert (changed.message["id"], changed.message["edited"]) == (ts, True)
        assert "blocks" not in changed.message["raw"]
        action = bodies[0]["actions"][0]
        assert (action["block_id"], action["action_id"], action["value"]) == ("row", "go", "1")
        assert bodies[0]["user"]["id"] == acme.LEE
        assert bodies[0]["container"]["message_ts"] == ts


async def test_a_choice_carries_the_selected_option() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        blocks = [{"type": "actions", "elements": [MENU]}]
        ts = str((await s.client.chat_postMessage(channel=acme.CHECKOUT, text="?", blocks=blocks))["ts"])
        await socket.event("message")
        await s.ctl.select(acme.DANA, ts, "colour", "green")
        payload = (await socket.next())["payload"]
        assert payload["actions"][0]["selected_option"]["value"] == "green"


async def test_a_click_on_what_is_not_there_is_refused() -> None:
    async with scene() as s:
        ts = await s.button()
        with pytest.raises(ControlFailed, match="no action 'nope' there; it has: go"):
            await s.ctl.click(acme.DANA, ts, "nope")


async def test_a_click_that_nobody_acknowledges_fails_visibly() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        ts = await s.button()
        await s.ctl.click(acme.DANA, ts, "go")
        await socket.event("message")
        await s.ctl.clock(3)
        event = await s.ctl.wait_for(lambda event: event.type == "interaction_failed")
        assert (event.data["person"], event.data["channel"]) == (acme.DANA, acme.CHECKOUT)


async def test_a_modal_is_opened_refused_with_errors_and_then_accepted() -> None:
    def listen(app: AsyncApp) -> None:
        @app.command("/copilot")
        async def form(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("form")
        async def sent(ack: AsyncAck, view: Json) -> None:
            text = view["state"]["values"]["note"]["text"]["value"]
            await ack() if text == "good" else await ack(response_action="errors", errors={"note": "Not good"})

    async with scene(listen) as s:
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        form = (await s.ctl.wait_form(person=acme.DANA)).form
        await s.ctl.submit(acme.DANA, form["id"], {"note": "bad"})
        changed = await s.ctl.wait_for(lambda e: e.type == "form_changed" and e.form["errors"])
        assert changed.form["errors"] == {"note": "Not good"}
        await s.ctl.submit(acme.DANA, form["id"], {"note": "good"})
        await s.ctl.wait_for(lambda e: e.type == "form_closed" and e.data["id"] == form["id"])


@pytest.mark.parametrize(("fields", "reason"), [({}, "required"), ({"note": "x" * 21}, "20 characters")])
async def test_the_client_itself_refuses_inputs_that_do_not_fit(fields: Json, reason: str) -> None:
    async with scene() as s, bare_socket(s.slack):
        form = await open_form(s)
        answer = await s.ctl.submit(acme.DANA, form, fields)
        assert answer["sent"] is False
        assert reason in answer["errors"]["note"]


@pytest.mark.parametrize("action", ["update", "push", "clear"])
async def test_a_submission_can_be_answered_with_other_views(action: str) -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        form = await open_form(s)
        await socket.next()
        await s.ctl.submit(acme.DANA, form, {"note": "x"})
        other = modal(title={"type": "plain_text", "text": "Other"})
        await socket.ack(await socket.next(), {"response_action": action, "view": other})
        kind = {"update": "form_changed", "push": "form_opened", "clear": "form_closed"}[action]

        def fits(event: Event) -> bool:
            return event.type == kind and (action == "clear" or "Other" in event.text)

        event = await s.ctl.wait_for(fits)
        if action == "push":
            assert event.form["raw"]["previous_view_id"] == form


async def test_closing_a_modal_is_told_when_asked_for() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        await socket.next()
        view = (await s.client.views_open(trigger_id=trigger, view=modal(notify_on_close=True)))["view"]
        await s.ctl.act(acme.DANA, "close_form", form=view["id"])
        payload = (await socket.next())["payload"]
        assert (payload["type"], payload["view"]["id"], payload["is_cleared"]) == ("view_closed", view["id"], False)


async def test_a_trigger_dies_after_three_seconds_and_opens_one_view() -> None:
    async with scene() as s, bare_socket(s.slack):
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        await s.client.views_open(trigger_id=trigger, view=MODAL)
        assert await s.error("views.open", trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        await s.ctl.clock(3)
        assert await s.error("views.open", trigger_id=trigger, view=MODAL) == "expired_trigger_id"
        assert await s.error("views.open", trigger_id="1.2.3", view=MODAL) == "invalid_trigger_id"


async def test_an_expired_trigger_can_be_injected_once() -> None:
    async with scene() as s, bare_socket(s.slack):
        await s.ctl.fault("expire_triggers", times=1)
        dead = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        assert await s.error("views.open", trigger_id=dead, view=MODAL) == "expired_trigger_id"
        assert await open_form(s)


async def test_views_are_guarded_by_hash_and_external_id() -> None:
    async with scene() as s, bare_socket(s.slack):
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        view = (await s.client.views_open(trigger_id=trigger, view=modal(external_id="mine")))["view"]
        assert await s.error("views.update", view_id=view["id"], hash="old", view=MODAL) == "hash_conflict"
        await s.client.views_update(external_id="mine", hash=view["hash"], view=modal(external_id="mine"))
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        error = await s.error("views.open", trigger_id=trigger, view=modal(external_id="mine"))
        assert error == "duplicate_external_id"


async def test_a_home_is_published_and_its_buttons_work() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        view = (await s.client.views_publish(user_id=acme.DANA, view={"type": "home", "blocks": BUTTONS}))["view"]
        await s.ctl.click(acme.DANA, view["id"], "go")
        payload = (await socket.next())["payload"]
        assert payload["container"] == {"type": "view", "view_id": view["id"]}


async def test_a_response_address_works_five_times() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        hook = AsyncWebhookClient((await socket.next())["payload"]["response_url"])
        answers = [await hook.send(text=f"part {n}") for n in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [404]
        assert "used_url" in answers[-1].body
        event = await s.ctl.wait_message(contains="part 4")
        assert event.message["private_to"] == acme.DANA


async def test_a_response_address_dies_after_half_an_hour() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        hook = AsyncWebhookClient((await socket.next())["payload"]["response_url"])
        await s.ctl.clock(30 * 60)
        answer = await hook.send(text="too late")
        assert (answer.status_code, "expired_url" in answer.body) == (404, True)


async def test_a_response_address_replaces_and_deletes_the_original() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        ts = await s.button()
        await socket.event("message")
        await s.ctl.click(acme.DANA, ts, "go")
        hook = AsyncWebhookClient((await socket.next())["payload"]["response_url"])
        await hook.send(text="replaced", replace_original=True)
        changed = await s.ctl.wait_message(contains="replaced", changed=True)
        assert (changed.message["id"], "blocks" in changed.message["raw"]) == (ts, False)
        await hook.send(text="all can read", response_type="in_channel")
        assert (await s.ctl.wait_message(contains="all can read")).message["private_to"] is None
        await hook.send(delete_original=True)
        await s.ctl.wait_for(lambda event: event.type == "message_deleted" and event.data["id"] == ts)


async def test_a_private_message_is_seen_by_one_and_cannot_be_edited() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        answer = await s.client.chat_postEphemeral(channel=acme.CHECKOUT, user=acme.DANA, text="psst", blocks=BUTTONS)
        ts = answer["message_ts"]
        assert (await s.ctl.wait_message(id_=ts)).message["private_to"] == acme.DANA
        assert await s.error("chat.update", channel=acme.CHECKOUT, ts=ts, text="x") == "message_not_found"
        history = await s.client.conversations_history(channel=acme.CHECKOUT)
        assert history["messages"] == []
        with pytest.raises(ControlFailed, match="does not see"):
            await s.ctl.click(acme.LEE, ts, "go")
        await s.ctl.click(acme.DANA, ts, "go")
        payload = (await socket.next())["payload"]
        assert payload["container"]["is_ephemeral"] is True
        assert "message" not in payload


async def test_at_most_three_modals_are_stacked() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        with_button = modal(blocks=BUTTONS)
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        top = (await s.client.views_open(trigger_id=trigger, view=with_button))["view"]
        await socket.next()
        for _ in range(2):
            await s.ctl.click(acme.DANA, top["id"], "go")
            trigger = (await socket.next())["payload"]["trigger_id"]
            top = (await s.client.views_push(trigger_id=trigger, view=with_button))["view"]
        await s.ctl.click(acme.DANA, top["id"], "go")
        trigger = (await socket.next())["payload"]["trigger_id"]
        assert await s.error("views.push", trigger_id=trigger, view=with_button) == "push_limit_reached"


ELEMENTS: list[tuple[Json, object, str, object]] = [
    ({"type": "users_select"}, acme.LEE, "selected_user", acme.LEE),
    ({"type": "multi_users_select"}, [acme.LEE], "selected_users", [acme.LEE]),
    ({"type": "datepicker"}, "2026-01-02", "selected_date", "2026-01-02"),
    ({"type": "checkboxes", "options": OPTIONS}, ["red"], "selected_options", OPTIONS[:1]),
    ({"type": "radio_buttons", "options": OPTIONS}, "green", "selected_option", OPTIONS[1]),
    ({"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0]}, None, "selected_option", OPTIONS[0]),
    ({"type": "plain_text_input", "initial_value": "as is"}, None, "value", "as is"),
]


@pytest.mark.parametrize(("element", "typed", "name", "value"), ELEMENTS)
async def test_every_kind_of_input_has_its_own_state(element: Json, typed: object, name: str, value: object) -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        block = {**MODAL["blocks"][0], "element": {**element, "action_id": "it"}}
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        await socket.next()
        form = (await s.client.views_open(trigger_id=trigger, view=modal(blocks=[block])))["view"]["id"]
        await s.ctl.submit(acme.DANA, form, {} if typed is None else {"it": typed})
        state = (await socket.next())["payload"]["view"]["state"]["values"]
        assert state == {"note": {"it": {"type": element["type"], name: value}}}


async def test_a_message_shortcut_carries_the_message() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "odd")
        await socket.event("message")
        await s.ctl.act(acme.LEE, "shortcut", message=ts, callback="make_incident")
        payload = (await socket.next())["payload"]
        assert (payload["type"], payload["callback_id"], payload["message"]["ts"]) == (
            "message_action",
            "make_incident",
            ts,
        )


async def test_a_malformed_acknowledgement_fails_visibly() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        await socket.ack(await socket.next(), {"text": "x", "blocks": [{"type": "marquee"}]})
        await s.ctl.wait_for(lambda event: event.type == "interaction_failed" and event.data["person"] == acme.DANA)
        form = await open_form(s)
        await socket.next()
        await s.ctl.submit(acme.DANA, form, {"note": "x"})
        await socket.ack(await socket.next(), {"response_action": "errors", "errors": {"elsewhere": "no such block"}})
        await s.ctl.wait_for(lambda event: event.type == "interaction_failed" and "invalid_errors" in event.text)
