"""Buttons, menus, forms and the composer of the page, against a Slack workspace."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from bot.emulators.slack import acme
from tests.browser.browser import screenshot
from tests.contract.slack_emulator import BUTTON, MODAL, BareSocket, Scene, bare_socket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


async def post_elements(slack: Scene, *elements: Json) -> None:
    await slack.client.chat_postMessage(
        channel=acme.CHECKOUT, text="?", blocks=[{"type": "actions", "block_id": "row", "elements": list(elements)}]
    )


async def next_of(bot: BareSocket, type_: str) -> Json:
    """The next interaction or command of this type; everything before it is acknowledged."""
    while True:
        frame = await bot.next()
        if type_ in {frame["type"], frame["payload"].get("type")}:
            return frame
        await bot.ack(frame)


async def test_a_dangerous_button_asks_before_it_tells_the_bot(site: Locator, page: Page, slack: Scene) -> None:
    texts = {name: plain(name.title()) for name in ("title", "confirm", "deny")}
    confirm = {**texts, "text": {"type": "mrkdwn", "text": "Really?"}, "style": "danger"}
    await post_elements(slack, {**BUTTON, "style": "danger", "confirm": confirm})
    async with bare_socket(slack.slack) as bot:
        await site.get_by_role("button", name="Go", exact=True).click()
        dialog = page.get_by_role("dialog", name="Title")
        await dialog.get_by_role("button", name="Deny").click()
        await expect(dialog).to_have_count(0)
        await site.get_by_role("button", name="Go", exact=True).click()
        await dialog.get_by_role("button", name="Confirm").click()
        frame = await next_of(bot, "block_actions")
    assert [action["value"] for action in frame["payload"]["actions"]] == ["1"]


async def test_a_chosen_option_reaches_the_bot(site: Locator, slack: Scene) -> None:
    options = [{"text": plain(word.title()), "value": word} for word in ("red", "green")]
    menu = {"type": "static_select", "action_id": "colour", "placeholder": plain("Colour"), "options": options}
    await post_elements(slack, menu)
    async with bare_socket(slack.slack) as bot:
        await site.get_by_role("log").get_by_label("Colour").select_option(label="Green")
        frame = await next_of(bot, "block_actions")
    assert frame["payload"]["actions"][0]["selected_option"]["value"] == "green"


async def test_a_refused_form_keeps_what_was_typed_and_shows_why(site: Locator, page: Page, slack: Scene) -> None:
    del site
    trigger = (await slack.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "form"))["trigger_id"]
    async with bare_socket(slack.slack) as bot:
        await slack.client.views_open(trigger_id=trigger, view=MODAL)
        dialog = page.get_by_role("dialog", name="Form")
        await expect(dialog.get_by_label("Note")).to_be_focused()
        await dialog.get_by_label("Note").fill("not now")
        await dialog.get_by_role("button", name="Send").click()
        errors = {"response_action": "errors", "errors": {"note": "Give a date"}}
        await bot.ack(await next_of(bot, "view_submission"), errors)
        await expect(dialog.get_by_role("alert").get_by_text("Give a date")).to_be_visible()
        await expect(dialog.get_by_label("Note")).to_have_value("not now")
        await screenshot(page, "7-slack-form")
        await dialog.get_by_role("button", name="Send").click()
        await bot.ack(await next_of(bot, "view_submission"))
        await expect(dialog).to_have_count(0)


async def test_escape_closes_a_form_for_the_platform_too(site: Locator, page: Page, slack: Scene) -> None:
    del site
    async with bare_socket(slack.slack):
        trigger = (await slack.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "form"))["trigger_id"]
        await slack.client.views_open(trigger_id=trigger, view=MODAL)
        await expect(page.get_by_role("dialog", name="Form")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Form")).to_have_count(0)
        await slack.ctl.wait_for(lambda event: event.type == "form_closed")


async def test_an_unanswered_click_shows_what_the_client_would_show(site: Locator, slack: Scene) -> None:
    await post_elements(slack, BUTTON)
    async with bare_socket(slack.slack):
        await site.get_by_role("button", name="Go", exact=True).click()
        await slack.ctl.wait_for(lambda event: event.type == "message")
        await slack.ctl.clock(5)
        failed = await slack.ctl.wait_for(lambda event: event.type == "interaction_failed")
        await expect(site.get_by_role("log")).to_contain_text(failed.data["text"])


async def test_names_and_channels_are_completed_around_the_caret(site: Locator) -> None:
    box = site.get_by_role("textbox")
    await box.fill(" please")
    await box.press("Home")
    await box.press_sequentially("@co")
    await expect(site.get_by_role("option", name="@copilot")).to_be_visible()
    await box.press("Enter")
    await expect(box).to_have_value("@copilot  please")
    await box.press_sequentially("look at #appr")
    await site.get_by_role("option", name="#approvals").click()
    await expect(box).to_have_value("@copilot look at #approvals  please")


async def test_a_command_is_completed_to_its_verbs_and_sent(site: Locator, slack: Scene) -> None:
    box = site.get_by_role("textbox")
    async with bare_socket(slack.slack) as bot:
        await box.press_sequentially("/cop")
        await expect(site.get_by_role("option", name="/copilot")).to_be_visible()
        await box.press("Tab")
        await expect(site.get_by_role("option", name="run …")).to_be_visible()
        await box.press_sequentially("ru")
        await expect(site.get_by_role("listbox").get_by_role("option")).to_have_count(1)
        await box.press("Enter")
        await expect(box).to_have_value("/copilot run ")
        await box.press_sequentially("deploy")
        await box.press("Enter")
        frame = await next_of(bot, "slash_commands")
    assert (frame["payload"]["command"], frame["payload"]["text"]) == ("/copilot", "run deploy")


async def test_a_command_that_slack_does_not_know_is_answered_by_the_client(site: Locator, slack: Scene) -> None:
    await site.get_by_role("textbox").fill("/unknown thing")
    await site.get_by_role("textbox").press("Enter")
    await expect(site.get_by_role("log")).to_contain_text("/unknown is not a valid command")
    assert not (await slack.ctl.state())["messages"]


async def test_what_cannot_be_sent_comes_back_into_the_box_with_the_reason(site: Locator, page: Page) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=400, json={"error": "The channel is archived."})

    await page.route("**/control/act", refuse)
    await site.get_by_role("textbox").fill("hello")
    await site.get_by_role("textbox").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("The channel is archived.")
    await expect(site.get_by_role("textbox")).to_have_value("hello")


async def test_the_first_direct_message_opens_the_conversation(site: Locator, slack: Scene) -> None:
    await site.get_by_role("button", name="✦ Copilot").click()
    box = site.get_by_role("textbox", name="Message Copilot")
    await box.fill("hello")
    await box.press("Enter")
    event = await slack.ctl.wait_message(contains="hello")
    await expect(site.get_by_role("article", name="Dana")).to_contain_text("hello")
    await slack.client.chat_postMessage(channel=event.message["channel"], text="hi Dana")
    await expect(site.get_by_role("article", name="Copilot")).to_contain_text("hi Dana")
