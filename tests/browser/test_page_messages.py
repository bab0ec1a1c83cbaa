"""What the page shows of a Slack workspace, and what people can do to messages."""

import base64
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.emulators.slack import acme
from tests.browser.browser import screenshot
from tests.contract.slack_emulator import Scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="


async def be(site: Locator, name: str) -> None:
    await site.get_by_role("button", name=f"Be {name}").click()


async def test_what_a_person_sends_is_shown_with_their_name(site: Locator) -> None:
    box = site.get_by_role("textbox")
    await box.fill("first line")
    await box.press("Shift+Enter")
    await box.press_sequentially("second *line*")
    await box.press("Enter")
    message = site.get_by_role("article", name="Dana")
    await expect(message).to_contain_text("first line")
    await expect(message.locator("strong", has_text="line")).to_be_visible()
    await expect(box).to_have_value("")


async def test_replies_open_as_a_thread_and_answers_go_there(site: Locator, slack: Scene) -> None:
    root = await slack.ctl.post(acme.DANA, acme.CHECKOUT, "who is on call?")
    await slack.client.chat_postMessage(channel=acme.CHECKOUT, thread_ts=root, text="Dana is")
    await expect(site.get_by_role("log")).not_to_contain_text("Dana is")
    await site.get_by_role("button", name="1 reply").click()
    thread = site.get_by_role("log", name="Slack thread")
    await expect(thread).to_contain_text("Dana is")
    await site.get_by_role("textbox", name="Reply in thread").fill("thanks")
    await site.get_by_role("textbox", name="Reply in thread").press("Enter")
    event = await slack.ctl.wait_message(contains="thanks")
    assert event.message["thread"] == root
    await site.get_by_role("button", name="Back to the channel").click()
    await expect(thread).to_be_hidden()
    await expect(site.get_by_role("button", name="2 replies")).to_be_visible()


async def test_an_edited_message_changes_in_place_and_a_deleted_one_vanishes(site: Locator, slack: Scene) -> None:
    ts = str((await slack.client.chat_postMessage(channel=acme.CHECKOUT, text="step 1 of 2"))["ts"])
    message = site.locator(f"[data-id='{ts}']")
    await expect(message).to_contain_text("step 1 of 2")
    await slack.client.chat_update(channel=acme.CHECKOUT, ts=ts, text="step 2 of 2")
    await expect(message).to_contain_text("step 2 of 2")
    await expect(message).to_have_class("message fresh")
    await slack.client.chat_delete(channel=acme.CHECKOUT, ts=ts)
    await expect(message).to_have_count(0)


async def test_a_private_message_is_shown_to_its_person_only(site: Locator, slack: Scene) -> None:
    await slack.client.chat_postEphemeral(channel=acme.CHECKOUT, user=acme.DANA, text="just for Dana")
    await expect(site.get_by_text("Only visible to you")).to_be_visible()
    await be(site, "Lee")
    await expect(site.get_by_text("just for Dana")).to_have_count(0)


async def test_a_bots_message_elsewhere_marks_its_channel_unread(site: Locator, slack: Scene) -> None:
    await slack.client.chat_postMessage(channel=acme.APPROVALS, text="please decide")
    entry = site.get_by_role("button", name="# approvals")
    await expect(entry).to_contain_text("1")
    await entry.click()
    await expect(site.get_by_role("log")).to_contain_text("please decide")
    await expect(entry).to_have_text("# approvals")


async def test_a_reaction_is_put_on_and_taken_off(site: Locator, slack: Scene) -> None:
    await slack.client.chat_postMessage(channel=acme.CHECKOUT, text="done")
    message = site.get_by_role("article", name="Copilot")
    await message.hover()
    await message.get_by_role("button", name="React tada").click()
    mark = message.get_by_role("button", name="tada, 1")
    await mark.click()
    await expect(mark).to_have_count(0)


async def test_people_edit_and_delete_their_own_messages(site: Locator, page: Page, slack: Scene) -> None:
    await slack.ctl.post(acme.DANA, acme.CHECKOUT, "ask @lee in #deploys")
    await expect(site.get_by_role("article", name="Dana")).to_be_visible()
    box = site.get_by_role("textbox")
    await box.press("ArrowUp")
    await expect(box).to_have_value("ask @lee in #deploys")
    await box.fill("ask @sam")
    await box.press("Enter")
    await expect(site.get_by_role("article", name="Dana")).to_contain_text("ask @Sam")
    await expect(site.get_by_role("article", name="Dana")).to_contain_text("(edited)")
    await site.get_by_role("article", name="Dana").hover()
    await site.get_by_role("button", name="Delete message").click()
    await page.get_by_role("dialog", name="Delete message").get_by_role("button", name="Delete").click()
    await expect(site.get_by_role("article", name="Dana")).to_have_count(0)


async def test_people_see_only_their_channels_and_can_join_open_ones(site: Locator, slack: Scene) -> None:
    await be(site, "Robin")
    await expect(site.get_by_role("button", name="# deploys")).to_have_count(0)
    await expect(site.get_by_label("Speak as").locator("option", has_text="Pat (deactivated)")).to_be_disabled()
    room = (await slack.ctl.seed(channel={"name": "release-42", "members": [acme.LEE]}))["channel"]
    await be(site, "Sam")
    await site.get_by_role("button", name="# release-42").click()
    await expect(site.get_by_role("textbox")).to_be_hidden()
    await site.get_by_role("button", name="Join channel").click()
    await expect(site.get_by_role("textbox")).to_be_visible()
    members = next(one for one in (await slack.ctl.state())["channels"] if one["id"] == room["id"])["members"]
    assert acme.SAM in members


async def test_a_picture_and_a_file_are_shown_through_the_page(site: Locator, slack: Scene) -> None:
    picture = base64.b64decode(_PIXEL)
    await slack.client.files_upload_v2(
        channel=acme.CHECKOUT,
        file_uploads=[{"file": picture, "filename": "chart.png"}, {"content": "a log", "filename": "run.log"}],
    )
    await expect(site.get_by_role("link", name="run.log")).to_have_attribute("download", "run.log")
    image = site.get_by_role("img", name="chart.png")
    await expect(image).to_have_js_property("naturalWidth", 1)


async def test_the_page_says_that_no_bot_is_connected(site: Locator) -> None:
    await expect(site.get_by_text("The bot is not connected right now")).to_be_visible()


async def test_blocks_look_like_slack(site: Locator, page: Page, slack: Scene) -> None:
    text = {
        "type": "mrkdwn",
        "text": "*checkout* is at `2.3.5`, see <https://x.example|the log>\n> quoted\n```\ncode\n```",
    }
    fields = [{"type": "mrkdwn", "text": f"*Field {n}*\nvalue"} for n in range(4)]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Release"}},
        {"type": "section", "text": text},
        {"type": "divider"},
        {"type": "section", "fields": fields},
        {"type": "markdown", "text": "## Plan\n- **one**\n- two"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "by <@U0LEE0001> :rocket:"}]},
    ]
    await slack.client.chat_postMessage(channel=acme.CHECKOUT, text="Release", blocks=blocks)
    message = site.get_by_role("article", name="Copilot")
    await expect(message.get_by_role("heading", name="Release")).to_be_visible()
    await expect(message.get_by_role("link", name="the log")).to_have_attribute("href", "https://x.example")
    await expect(message.locator("pre")).to_have_text("code")
    await expect(message.get_by_text("by @Lee 🚀")).to_be_visible()
    await screenshot(page, "6-slack-blocks")
