"""The page around the workspaces: suggestions, narrow screens, an emulator that ends and starts again."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Page, expect

from bot.emulators.common.client import ControlClient
from bot.emulators.discord import DiscordEmulator
from bot.emulators.discord import acme as guild
from bot.emulators.page import ChatPage, Suggestion
from bot.emulators.slack import SlackEmulator, acme
from tests.browser.browser import NARROW, opened, screenshot
from tests.contract.slack_emulator import Scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]
ASK = Suggestion("Ask", "slack", acme.LEE, acme.DEPLOYS, "@copilot status", "The answer comes in a thread.")
LOOK = Suggestion("Look", "discord", guild.DANA, guild.APPROVALS, "", "Here is what waits.")


async def test_a_suggestion_prepares_everything_and_is_ticked_when_sent(page: Page, slack: Scene) -> None:
    async with ChatPage(slack_url=slack.slack.url, suggestions=(ASK, LOOK), guide="Start with the first.") as chat:
        site, _ = await opened(page, chat.url)
        await expect(page.get_by_text("Start with the first.")).to_be_visible()
        await expect(page.get_by_role("button", name="Look")).to_have_count(0)
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(site.get_by_role("textbox", name="Message #deploys")).to_have_value("@copilot status")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Ask, done")).to_be_visible()
        await expect(page.get_by_text("The answer comes in a thread.")).to_be_visible()
        event = await slack.ctl.wait_message(contains="status")
        await page.close()
    assert (event.message["author"], event.message["channel"]) == (acme.LEE, acme.DEPLOYS)


async def test_news_in_the_hidden_workspace_mark_its_tab(page: Page, slack: Scene) -> None:
    await page.set_viewport_size(NARROW)
    async with (
        DiscordEmulator() as other,
        ControlClient(other.url) as control,
        ChatPage(slack_url=slack.slack.url, discord_url=other.url) as chat,
    ):
        site, discord = await opened(page, chat.url)
        await expect(site).to_be_visible()
        await control.post(guild.LEE, guild.GENERAL, "hello over there")
        tab = page.get_by_role("button", name="Discord", exact=True)
        await expect(tab).to_have_class("news")
        await tab.click()
        await discord.get_by_role("button", name="# general").click()
        await expect(discord.get_by_role("log")).to_contain_text("hello over there")
        await expect(site).to_be_hidden()
        await screenshot(page, "8-narrow-message")
        await page.close()


async def test_nothing_is_wider_than_a_narrow_screen(page: Page, slack: Scene) -> None:
    await page.set_viewport_size(NARROW)
    fields = [{"type": "mrkdwn", "text": f"*A rather long field {n}*\n{'x' * 60}"} for n in range(4)]
    await slack.client.chat_postMessage(
        channel=acme.CHECKOUT, text="long", blocks=[{"type": "section", "fields": fields}]
    )
    async with ChatPage(slack_url=slack.slack.url, suggestions=(ASK,)) as chat:
        await opened(page, chat.url)
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        await page.close()


async def test_what_happened_during_a_break_is_shown_afterwards(page: Page, slack: Scene) -> None:
    async with ChatPage(slack_url=slack.slack.url) as chat:
        site, _ = await opened(page, chat.url)
        port = int(chat.url.rstrip("/").rpartition(":")[2])
    await expect(site.get_by_text("The demo has stopped")).to_be_visible()
    await slack.ctl.post(acme.LEE, acme.CHECKOUT, "said in the meantime")
    async with ChatPage(port, slack_url=slack.slack.url):
        await expect(site.get_by_role("log")).to_contain_text("said in the meantime")
        await expect(site.get_by_text("The demo has stopped")).to_be_hidden()
        await page.close()


async def test_a_workspace_that_was_started_again_is_loaded_anew(page: Page) -> None:
    async with AsyncExitStack() as stack:
        async with SlackEmulator() as first, ControlClient(first.url) as control:
            await control.post(acme.LEE, acme.CHECKOUT, "of the first life")
            chat = await stack.enter_async_context(ChatPage(slack_url=first.url))
            site, _ = await opened(page, chat.url)
            await expect(site.get_by_role("log")).to_contain_text("of the first life")
        async with SlackEmulator(int(first.url.rpartition(":")[2])):
            await expect(site.get_by_role("log")).to_contain_text("Nothing here yet")
            await page.close()
