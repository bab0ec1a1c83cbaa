"""Nothing that was written pings anybody, wherever in a reply it stands; only mentions that the bot makes itself do (A30)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord import render as discord
from bot.emulators.slack.pings import pings
from bot.slack import render as slack
from bot.slack.views import render_form, render_home
from core.conversation.replies import mention
from core.markup import literal
from core.messages import (
    Account,
    Actions,
    Button,
    Code,
    Field,
    FieldKind,
    Fields,
    File,
    Form,
    FormField,
    Heading,
    Note,
    Option,
    Platform,
    Reply,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
    Tone,
)

BAITS = (
    "@everyone", "@here", "@channel", "@EVERYONE", "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<!channel|x>",
    "<!subteam^S0ONCALL>", "<!subteam^S0ONCALL|@oncall>", "<@U0DANA001>", "<@U0DANA001|dana>", "<@1000000000000000011>",
    "<@!1000000000000000011>", "<@&1000000000000000201>", "＠everyone", "@ｅveryone", "＜!channel＞", "@\u200beveryone",
    "<\u200b!channel>", "<!\u2060channel>", "&lt;!channel&gt;", "&#60;!channel&#62;", "`<!channel>`", "```<!channel>```",
    "[x](<!channel>)", "[<!channel>](https://a.example)", "[<](x)!channel>", "[<](x)@1000000000000000011>", "[@](x)everyone",
    "https://a.example/<!channel>", "https://a.example/@everyone", "[@dana](user:slack:T1/U1>)", "**@**everyone",
    "<\n!channel>", "@\neveryone", "\\<!channel>", "\\@everyone", "<<!channel>>", "@@everyone", "x@everyone", "|<!here>|",
)  # fmt: skip
GLUE = ("", " ", "\n", "`", "*", "_", "\\", "<", ">", "@", "\u200b", "[", "](x)", "> ", "- ", "```")
WRITTEN = st.lists(st.sampled_from([*BAITS, *GLUE]), min_size=1, max_size=6).map("".join)
_DISCORD = re.compile(r"@(?:everyone|here)\b|<@[!&]?\d+>")


def everywhere(text: str, *, tone: Tone) -> Reply:
    """A reply with the text in each of its places, as it is and literal."""
    blocks = (
        Heading(text),
        Text(text),
        Text(literal(text)),
        Note(text),
        Fields((Field(text, text), Field(text, literal(text)))),
        Code(text, "sql"),
        Steps((StepLine(text, StepState.RUNNING, text, 0.5),)),
        Actions((Button(text, "do:x", confirm=text), Select(text, "do:y", (Option(text, "v", text),)))),
        File(f"{text}.txt", text.encode(), title=text),
    )
    return Reply(blocks, text, tone)


def texts(payload: discord.Payload) -> list[str]:
    """What Discord reads as markup in a message."""
    embeds = [part for e in payload.embeds for part in (e.get("title", ""), e.get("description", ""))]
    fields = [part for e in payload.embeds for f in e.get("fields", ()) for part in (f["name"], f["value"])]
    return [payload.content, *embeds, *fields]


@given(WRITTEN)
@settings(max_examples=150, deadline=None)
def test_a30_nothing_written_pings_on_slack(text: str) -> None:
    reply = everywhere(text, tone=Tone.GOOD)
    for payload in slack.render(reply).messages:
        assert pings({"text": payload.text, "blocks": list(payload.blocks)}) == []
    assert pings({"blocks": render_home(reply)["blocks"]}) == []


@given(WRITTEN, st.sampled_from([Tone.NEUTRAL, Tone.GOOD]))
@settings(max_examples=150, deadline=None)
def test_a30_nothing_written_pings_on_discord(text: str, tone: Tone) -> None:
    for payload in discord.render(everywhere(text, tone=tone)).messages:
        assert payload.json()["allowed_mentions"] == {"parse": []}
        assert not [part for part in texts(payload) if _DISCORD.search(part)]


@given(WRITTEN)
@settings(max_examples=50, deadline=None)
def test_a30_nothing_written_in_a_form_pings(text: str) -> None:
    fields = (FormField("a", text, FieldKind.TEXT, placeholder=text, value=text),)
    view = render_form(Form("f", text, fields, text, text), token="t", place="C1/")
    assert pings({"blocks": view["blocks"]}) == []


@given(WRITTEN)
@settings(max_examples=100, deadline=None)
def test_a30_a_name_in_a_mention_pings_nobody_else(name: str) -> None:
    dana, guild = Account(Platform.SLACK, "T1", "U0DANA001"), Account(Platform.DISCORD, "G1", "1000000000000000011")
    reply = Reply((Text(f"by {mention(dana, name)} and {mention(guild, name)}"),), "x")
    for payload in slack.render(reply).messages:
        assert set(pings({"text": payload.text, "blocks": list(payload.blocks)})) <= {"U0DANA001"}
    for message in discord.render(reply).messages:
        assert {found[0] for found in _DISCORD.finditer(message.content)} <= {"<@1000000000000000011>"}


@pytest.mark.parametrize(
    ("raw", "whom"),
    [
        ({"text": "hi <!channel> and <@U1>"}, ["channel", "U1"]),
        ({"text": "@here"}, ["here"]),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "@channel"}}]}, ["channel"]),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "@channel", "verbatim": True}}]}, []),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<!channel>"}}]}, []),
        ({"blocks": [{"type": "rich_text", "elements": [{"type": "broadcast", "range": "here"}]}]}, ["here"]),
        ({"text": "<!subteam^S1|@oncall> &lt;!channel&gt; mail@here.example"}, ["group:S1"]),
    ],
)  # fmt: skip
def test_the_emulator_knows_whom_a_message_pings(raw: dict[str, object], whom: list[str]) -> None:
    assert pings(raw) == whom
