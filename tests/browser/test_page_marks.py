"""The menu of a message, pins, and channels that appear and close, on both platforms' pages."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.emulators.discord import acme as guild_acme
from bot.emulators.discord import permissions
from bot.emulators.slack import acme
from tests.browser.browser import screenshot
from tests.browser.test_page_actions import next_of
from tests.browser.test_page_discord import Guild, guild
from tests.contract.slack_emulator import Scene, bare_socket

__all__ = ["guild"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


async def menu_of(page: Page, message: Locator) -> Locator:
    """The open menu of a message."""
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    return page.get_by_role("menu", name="Message actions")


# --- Slack -----------------------------------------------------------------------------------------------------------


async def test_a_messages_menu_reaches_the_app(site: Locator, page: Page, slack: Scene) -> None:
    ts = await slack.ctl.post(acme.LEE, acme.CHECKOUT, "p95 is high")
    async with bare_socket(slack.slack) as bot:
        menu = await menu_of(page, site.get_by_role("article", name="Lee"))
        await screenshot(page, "10-slack-message-menu")
        await menu.get_by_role("menuitem", name="Declare incident").click()
        frame = await next_of(bot, "message_action")
    assert (frame["payload"]["callback_id"], frame["payload"]["message"]["ts"]) == ("declare", ts)
    await expect(menu).to_have_count(0)


async def test_a_reaction_and_a_pin_from_the_menu(site: Locator, page: Page, slack: Scene) -> None:
    ts = await slack.ctl.post(acme.LEE, acme.CHECKOUT, "back to normal")
    message = site.get_by_role("article", name="Lee")
    menu = await menu_of(page, message)
    await menu.get_by_role("menuitem", name="React rotating_light").click()
    await expect(message.get_by_role("button", name="rotating_light, 1")).to_be_visible()
    await (await menu_of(page, message)).get_by_role("menuitem", name="Pin to channel").click()
    await expect(message.get_by_text("Pinned")).to_be_visible()
    await site.get_by_role("button", name="1 pinned").click()
    pins = page.get_by_role("menu", name="Pinned messages")
    await screenshot(page, "11-slack-pins")
    await pins.get_by_role("menuitem", name=re.compile("back to normal")).click()
    await expect(message).to_be_focused()
    state = (await slack.ctl.state())["messages"]
    assert next(one for one in state if one["id"] == ts)["raw"]["pinned_to"] == [acme.CHECKOUT]
    await (await menu_of(page, message)).get_by_role("menuitem", name="Unpin from channel").click()
    await expect(site.get_by_role("button", name="1 pinned")).to_have_count(0)


async def test_the_menu_is_reached_and_used_with_the_keyboard(site: Locator, page: Page, slack: Scene) -> None:
    await slack.ctl.post(acme.LEE, acme.CHECKOUT, "one")
    message = site.get_by_role("article", name="Lee")
    await expect(message).to_be_visible()
    await site.get_by_role("log", name="Slack messages").focus()
    await page.keyboard.press("ArrowUp")
    await expect(message).to_be_focused()
    more = message.get_by_role("button", name="More actions")
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await more.evaluate("node => node === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="Message actions")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("End")
    await expect(menu.get_by_role("menuitem", name="Declare incident")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(more).to_be_focused()


async def test_a_channel_that_is_made_appears_marked_and_closes_for_writing(
    site: Locator, page: Page, slack: Scene
) -> None:
    room = (await slack.client.conversations_create(name="inc-42-checkout"))["channel"]["id"]
    await slack.client.conversations_setTopic(channel=room, topic="SEV2 · investigating · commander: Dana")
    await slack.client.conversations_invite(channel=room, users=acme.DANA)
    entry = site.get_by_role("button", name=re.compile("inc-42-checkout"))
    await expect(entry).to_contain_text("new")
    await entry.click()
    await expect(entry).not_to_contain_text("new")
    await expect(site.locator(".topic")).to_contain_text("SEV2 · investigating")
    await expect(site.get_by_text("set the channel topic")).to_be_visible()
    await slack.client.conversations_archive(channel=room)
    await expect(site.get_by_text("This channel is archived.")).to_be_visible()
    await expect(site.get_by_role("textbox")).to_have_count(0)
    await screenshot(page, "12-slack-archived")


# --- Discord ---------------------------------------------------------------------------------------------------------


async def upload_menu(guild: Guild) -> None:
    path = f"/applications/{guild_acme.APPLICATION}/guilds/{guild_acme.GUILD}/commands"
    answer = await guild.bot.put(path, json=[{"type": 3, "name": "Declare incident"}])
    assert answer.is_success, answer.text


async def test_a_discord_messages_menu_offers_the_applications_commands(guild: Guild, page: Page) -> None:
    await upload_menu(guild)
    await guild.control.post(guild_acme.LEE, guild_acme.CHECKOUT, "p95 is high")
    menu = await menu_of(page, guild.site.get_by_role("article", name="Lee"))
    await screenshot(page, "13-discord-message-menu")
    await menu.get_by_role("menuitem", name="Declare incident").click()
    await guild.control.clock(5)
    failed = await guild.control.wait_for(lambda event: event.type == "interaction_failed")
    assert failed.data["person"] == guild_acme.DANA


async def test_a_discord_pin_leaves_a_line_and_stands_in_the_list(guild: Guild, page: Page) -> None:
    await guild.control.post(guild_acme.LEE, guild_acme.CHECKOUT, "back to normal")
    message = guild.site.get_by_role("article", name="Lee")
    await (await menu_of(page, message)).get_by_role("menuitem", name="Pin to channel").click()
    await expect(guild.site.get_by_text("pinned a message to this channel")).to_be_visible()
    await guild.site.get_by_role("button", name="1 pinned").click()
    await expect(page.get_by_role("menuitem", name=re.compile("back to normal"))).to_be_visible()


async def test_a_closed_discord_channel_is_read_only_for_those_who_may_not_write(guild: Guild, page: Page) -> None:
    me = {"id": guild_acme.BOT_USER, "type": 1, "allow": str(permissions.VIEW_CHANNEL | permissions.SEND_MESSAGES)}
    body = {"name": "inc-42", "topic": "SEV1", "permission_overwrites": [me]}
    made = (await guild.bot.post(f"/guilds/{guild_acme.GUILD}/channels", json=body)).json()
    entry = guild.site.get_by_role("button", name=re.compile("inc-42"))
    await expect(entry).to_contain_text("new")
    await entry.click()
    await guild.site.get_by_role("textbox").fill("hello")
    await guild.site.get_by_role("textbox").press("Enter")
    await expect(guild.site.get_by_role("article", name="Dana")).to_contain_text("hello")
    path = f"/channels/{made['id']}/permissions/{guild_acme.GUILD}"
    await guild.bot.put(path, json={"type": 0, "deny": str(permissions.SEND_MESSAGES)})
    await expect(guild.site.get_by_text("This channel can only be read.")).to_be_visible()
    await screenshot(page, "14-discord-read-only")
    await guild.site.get_by_role("button", name="Be Lee").click()
    await expect(guild.site.get_by_role("textbox")).to_be_visible()
