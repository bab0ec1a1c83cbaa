"""What the page shows of a Discord workspace. The test calls the REST API as the bot."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from bot.emulators.common.client import ControlClient
from bot.emulators.discord import DiscordEmulator, acme
from bot.emulators.page import ChatPage
from tests.browser.browser import opened, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]
Json = dict[str, Any]
MARKUP = "**now** <@1000000000000000011> ||secret|| in <#1000000000000000103>\n## Plan\n1. one\n2. two"


@dataclass
class Guild:
    """A Discord workspace, its page, and the bot's own client."""

    site: Locator
    control: ControlClient
    bot: httpx.AsyncClient

    async def say(self, **body: object) -> Json:
        """A message of the bot in #checkout."""
        answer = await self.bot.post(f"/channels/{acme.CHECKOUT}/messages", json=body)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture
async def guild(page: Page) -> AsyncIterator[Guild]:
    """The Discord workspace in the browser, in #checkout, with Dana speaking."""
    async with (
        DiscordEmulator() as emulator,
        ControlClient(emulator.url) as control,
        ChatPage(discord_url=emulator.url) as chat,
        httpx.AsyncClient(
            base_url=emulator.api_url, headers={"Authorization": f"Bot {emulator.bot_token}"}, trust_env=False
        ) as bot,
    ):
        _, site = await opened(page, chat.url)
        yield Guild(site, control, bot)
        await page.close()


async def test_markdown_and_mentions_look_like_discord(guild: Guild) -> None:
    await guild.say(content=MARKUP)
    message = guild.site.get_by_role("article", name="Copilot")
    await expect(message.locator("strong", has_text="now")).to_be_visible()
    await expect(message.locator(".mention.ping")).to_have_text("@Dana")
    await expect(message.get_by_text("#approvals")).to_be_visible()
    await expect(message.get_by_role("listitem")).to_have_text(["one", "two"])
    await message.get_by_role("button", name="Spoiler").click()
    await expect(message.locator(".spoiler.revealed")).to_have_text("secret")


async def test_an_embed_shows_its_fields_side_by_side_and_its_colour(guild: Guild, page: Page) -> None:
    fields: list[Json] = [{"name": f"Field {n}", "value": f"`{n}`", "inline": True} for n in range(3)]
    embed = {"title": "Deploy", "description": "**waiting**", "color": 0x2ECC71, "fields": fields}
    footer = {"footer": {"text": "plan 1234"}, "timestamp": "2026-01-02T03:04:05+00:00"}
    await guild.say(embeds=[{**embed, **footer}])
    box = guild.site.locator(".embed")
    await expect(box.get_by_role("heading", name="Deploy")).to_be_visible()
    await expect(box).to_have_css("border-left-color", "rgb(46, 204, 113)")
    await expect(box.get_by_text("plan 1234")).to_be_visible()
    await screenshot(page, "9-discord-embed")
    tops = [await box.get_by_text(f"Field {n}").evaluate("node => node.getBoundingClientRect().top") for n in range(3)]
    assert len(set(tops)) == 1


async def test_markup_in_names_and_embeds_stays_text(guild: Guild) -> None:
    attack = "<img src=x onerror=document.body.remove()>"
    await guild.say(content=attack, embeds=[{"title": attack, "fields": [{"name": attack, "value": attack}]}])
    await guild.control.act(acme.DANA, "post", channel=acme.CHECKOUT, text="hi", files=[{"name": f"{attack}.txt"}])
    log = guild.site.get_by_role("log")
    await expect(log.get_by_text("<img src=x")).to_have_count(5)
    assert await log.locator("img").count() == 0


async def test_a_pressed_button_is_busy_until_the_client_gives_up(guild: Guild) -> None:
    button = {"type": 2, "style": 3, "label": "Go", "custom_id": "go"}
    await guild.say(content="?", components=[{"type": 1, "components": [button]}])
    press = guild.site.get_by_role("button", name="Go", exact=True)
    await press.click()
    await expect(press).to_be_disabled()
    await guild.control.clock(5)
    await expect(guild.site.get_by_role("alert")).to_contain_text("The application did not respond")
    await expect(press).to_be_enabled()


async def test_a_thread_is_opened_from_a_message_and_written_in(guild: Guild) -> None:
    await guild.control.post(acme.LEE, acme.CHECKOUT, "what broke?")
    message = guild.site.get_by_role("article", name="Lee")
    await message.hover()
    await message.get_by_role("button", name="Create a thread").click()
    await expect(guild.site.get_by_role("textbox", name="Message what broke?")).to_be_visible()
    await guild.site.get_by_role("textbox").fill("nothing")
    await guild.site.get_by_role("textbox").press("Enter")
    await expect(guild.site.get_by_role("log")).to_contain_text("nothing")
    await guild.site.get_by_role("button", name="# checkout").click()
    await expect(message.get_by_role("button", name="Thread: what broke?")).to_be_visible()


async def test_what_is_typed_waits_in_its_place(guild: Guild) -> None:
    box = guild.site.get_by_role("textbox")
    await box.fill("half a thought")
    await guild.site.get_by_role("button", name="# general").click()
    await expect(box).to_have_value("")
    await guild.site.get_by_role("button", name="# checkout").click()
    await expect(box).to_have_value("half a thought")


async def test_an_edit_of_the_card_keeps_the_focus_on_its_button(guild: Guild) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 4, "label": "Stop", "custom_id": "stop"}]}
    message = await guild.say(content="10 %", components=[row])
    stop = guild.site.get_by_role("button", name="Stop")
    await stop.focus()
    path = f"/channels/{acme.CHECKOUT}/messages/{message['id']}"
    assert (await guild.bot.patch(path, json={"content": "20 %"})).is_success
    await expect(guild.site.get_by_role("log")).to_contain_text("20 %")
    await expect(stop).to_be_focused()
