"""Slack's mrkdwn and Discord's Markdown as the page's own modules turn them into nodes."""

import pytest
from playwright.async_api import Page

from bot.emulators.page import ChatPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]
_RENDER = """async ([kind, text]) => {
    const render = (await import(`/static/${kind}.js`))[kind];
    const channels = new Map([["C1", {name: "ops"}], ["2", {name: "ops"}]]);
    const store = {channels, person: (id) => ({id, display_name: "Dana"})};
    return render(text, {store, reader: ""}).innerHTML;
}"""
SLACK = {
    "*bold* _it_ ~no~ `c`": "<strong>bold</strong> <em>it</em> <s>no</s> <code>c</code>",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "*bold _and it_*": "<strong>bold <em>and it</em></strong>",
    "`*not bold*`": "<code>*not bold*</code>",
    "<@U1> in <#C1>": '<span class="mention">@Dana</span> in <span class="mention">#ops</span>',
    "<https://a.example/?a=1&amp;b=2|log>": '<a href="https://a.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">log</a>',
    "<javascript:alert(1)|log>": "&lt;javascript:alert(1)|log&gt;",
    "a &lt;b&gt; &amp;amp;": "a &lt;b&gt; &amp;amp;",
    "&gt; quoted": "<blockquote><div>quoted</div></blockquote>",
    "```a\n*b*```": "<pre>a\n*b*</pre>",
    ":rocket: :no_such_thing:": "🚀 :no_such_thing:",
}
DISCORD = {
    "**bold** *it* __u__ ~~s~~": "<strong>bold</strong> <em>it</em> <u>u</u> <s>s</s>",
    "\\*plain\\*": "*plain*",
    "<@1> in <#2>": '<span class="mention">@Dana</span> in <span class="mention">#ops</span>',
    "[log](https://a.example)": '<a href="https://a.example" target="_blank" rel="noopener noreferrer">log</a>',
    "[log](javascript:alert(1))": "[log](javascript:alert(1))",
    "# Title": '<div class="heading h1">Title</div>',
    "- one": '<ul><li style="margin-inline-start: 0em;">one</li></ul>',
    "-# small": '<small class="subtext">small</small>',
    "> quoted": "<blockquote><div>quoted</div></blockquote>",
    "```py\nx = '**'\n```": "<pre>x = '**'</pre>",
    "<b>": "&lt;b&gt;",
}


async def rendered(page: Page, kind: str, cases: dict[str, str]) -> dict[str, str]:
    async with ChatPage() as chat:
        await page.goto(chat.url)
        found = {text: await page.evaluate(_RENDER, [kind, text]) for text in cases}
        await page.close()
    return {text: html.removeprefix('<div class="line">').removesuffix("</div>") for text, html in found.items()}


def without_line(cases: dict[str, str]) -> dict[str, str]:
    return {text: html.removesuffix("</div>") for text, html in cases.items()}


async def test_mrkdwn_becomes_what_slack_shows(page: Page) -> None:
    assert await rendered(page, "mrkdwn", SLACK) == without_line(SLACK)


async def test_markdown_becomes_what_discord_shows(page: Page) -> None:
    assert await rendered(page, "markdown", DISCORD) == without_line(DISCORD)


async def test_a_relative_time_says_how_far_away_it_is(page: Page) -> None:
    async with ChatPage() as chat:
        await page.goto(chat.url)
        soon = await page.evaluate("Math.round(Date.now() / 1000) + 7200")
        html = await page.evaluate(_RENDER, ["markdown", f"<t:{soon}:R>"])
        await page.close()
    assert "in 2 hours" in html
