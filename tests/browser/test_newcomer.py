"""The newcomer's first minute, in a real browser against the real demo."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SHOTS = Path("build/screenshots")
expect.set_options(timeout=20_000)


async def shoot(page: Page, name: str) -> None:
    await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")


async def start(page: Page, demo: str) -> tuple[Locator, Locator]:
    await page.goto(demo)
    await page.wait_for_selector("body[data-ready]")
    return page.get_by_role("region", name="Slack"), page.get_by_role("region", name="Discord")


async def say(site: Locator, text: str) -> None:
    box = site.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def test_a_newcomer_asks_deploys_is_refused_and_sees_it_approved_elsewhere(page: Page, demo: str) -> None:
    slack, discord = await start(page, demo)
    await page.get_by_role("button", name="Ask a question").click()
    await page.keyboard.press("Enter")
    await slack.get_by_role("button", name="1 reply").click()
    await expect(slack.get_by_role("log")).to_contain_text("checkout runs version 2.3.5 in production")
    await shoot(page, "1-answer")

    await page.get_by_role("button", name="Start a deploy").click()
    await page.keyboard.press("Enter")
    await expect(slack.get_by_role("log")).to_contain_text("waiting for approval")
    await page.get_by_role("button", name="Approve it").click()
    await slack.get_by_role("button", name="Approve", exact=True).click()
    await expect(slack.get_by_text("Only visible to you")).to_be_visible()
    await expect(slack.get_by_role("log")).to_contain_text("somebody else must decide")
    await shoot(page, "2-refused")

    # The same request stands in Discord; what Lee decides there counts for the run in Slack.
    await discord.get_by_label("Speak as").select_option(label="Lee")
    await discord.get_by_role("button", name="# approvals").click()
    await discord.get_by_role("button", name="Approve", exact=True).click()
    await expect(discord.get_by_role("log")).to_contain_text("Approved by @Lee at")
    await slack.get_by_role("button", name="# checkout").click()
    await expect(slack.get_by_role("log")).to_contain_text("completed")
    await expect(slack.get_by_role("log")).to_contain_text("approved by Lee at")
    await shoot(page, "3-completed")


async def test_the_same_on_discord_with_slack_approving_there(page: Page, demo: str) -> None:
    _, discord = await start(page, demo)
    await say(discord, "/copilot run workflow:deploy parameters:service=payments environment=production")
    await expect(discord.get_by_role("log")).to_contain_text("waiting for approval")
    await discord.get_by_role("button", name="# approvals").click()
    await discord.get_by_role("button", name="Approve", exact=True).click()
    await expect(discord.get_by_role("log")).to_contain_text("somebody else must decide")
    await discord.get_by_label("Speak as").select_option(label="Sam")
    await expect(discord.get_by_text("Only visible to you")).to_be_hidden()
    await discord.get_by_role("button", name="Deny …").click()
    dialog = page.get_by_role("dialog", name="Deny with a reason")
    await dialog.get_by_label("Why?").fill("Freeze until Monday")
    await shoot(page, "4-form")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(discord.get_by_role("log")).to_contain_text("denied by @Sam", ignore_case=True)
    await expect(discord.get_by_role("log")).to_contain_text("Freeze until Monday")


async def test_commands_are_completed_on_both_sides(page: Page, demo: str) -> None:
    slack, discord = await start(page, demo)
    await slack.get_by_role("textbox").press_sequentially("/co")
    await expect(slack.locator(".completions li").first).to_contain_text("/copilot")
    await discord.get_by_role("textbox").press_sequentially("/copilot run workflow:main")
    await expect(discord.locator(".completions li").first).to_contain_text("maintenance")


async def test_what_people_type_stays_text(page: Page, demo: str) -> None:
    slack, discord = await start(page, demo)
    attack = "<img src=x onerror=document.body.remove()> <script>document.body.remove()</script>"
    for site in (slack, discord):
        await say(site, attack)
        await expect(site.get_by_role("log")).to_contain_text("<img src=x")
        assert await site.get_by_role("log").locator("img, script").count() == 0


async def test_a_narrow_screen_shows_one_workspace_at_a_time(page: Page, demo: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    slack, discord = await start(page, demo)
    await expect(slack).to_be_visible()
    await expect(discord).to_be_hidden()
    await page.get_by_role("button", name="Discord", exact=True).click()
    await expect(discord).to_be_visible()
    await shoot(page, "5-narrow")
