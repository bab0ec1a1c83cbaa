"""Any reply becomes messages that Discord takes, loses nothing and pings nobody (A9, A30)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from bot.discord import limits
from bot.discord.inbound import action_of
from bot.discord.render import Payload, Rendered, embed_size, render, render_form
from bot.emulators.discord.check_message import check_message
from core.messages import (
    Actions,
    Button,
    Code,
    Field,
    FieldKind,
    Fields,
    Form,
    FormField,
    Heading,
    Option,
    Reply,
    Select,
    Text,
    Tone,
)
from tests.replies import REPLIES, bare, many, written

Json = dict[str, Any]


def texts(payload: Payload) -> Iterator[str]:
    """Every text of a message that is markup."""
    yield payload.content
    for embed in payload.embeds:
        yield embed.get("title", "")
        yield embed.get("description", "")
        for field in embed.get("fields", ()):
            yield from (field["name"], field["value"])


def controls(payload: Payload) -> list[Json]:
    return [component for row in payload.components for component in row["components"]]


def read(rendered: Rendered) -> str:
    """What a person can read in the messages and files."""
    shown = [text for message in rendered.messages for text in texts(message)]
    for control in (control for message in rendered.messages for control in controls(message)):
        shown += [control.get("label", ""), *(option["label"] for option in control.get("options", ()))]
    return "\n".join([*shown, *(file.content.decode("utf-8", "replace") for file in rendered.files)])


def check_limits(payload: Payload) -> None:
    assert len(payload.content) <= 2_000
    assert len(payload.embeds) <= 10
    assert sum(map(embed_size, payload.embeds)) <= 6_000
    assert all(len(embed.get("fields", ())) <= 25 for embed in payload.embeds)
    assert len(payload.components) <= 5
    assert all(1 <= len(row["components"]) <= 5 for row in payload.components)
    ids = [control["custom_id"] for control in controls(payload)]
    assert len(ids) == len(set(ids))


@given(REPLIES)
@many
def test_a09_any_reply_is_within_every_limit(reply: Reply) -> None:
    rendered = render(reply)
    assert rendered.messages
    assert len(rendered.files) <= limits.FILES
    for payload in rendered.messages:
        check_limits(payload)
        check_message(payload.json(), files=len(rendered.files))


@given(REPLIES)
@many
def test_a09_the_whole_text_can_be_recovered(reply: Reply) -> None:
    readable = bare(read(render(reply)))
    for block in reply.blocks:
        for text in written(block):
            assert bare(text) in readable


@given(REPLIES)
@many
def test_a30_nothing_that_was_written_pings(reply: Reply) -> None:
    for payload in render(reply).messages:
        assert payload.json()["allowed_mentions"] == {"parse": []}
        for text in texts(payload):
            assert not re.search(r"@(everyone|here)\b|<@[!&]?\d+>", text)


@given(REPLIES)
@many
def test_every_button_stays_and_keeps_its_action(reply: Reply) -> None:
    wanted = [i.action or "-" for b in reply.blocks if isinstance(b, Actions) for i in b.items if isinstance(i, Button)]
    found = [c["custom_id"] for m in render(reply).messages for c in controls(m) if c["type"] == 2]
    assert list(map(action_of, found)) == wanted


def test_a09_twenty_six_fields_become_two_embeds() -> None:
    fields = tuple(Field(f"name {n}", f"value {n}") for n in range(26))
    (payload,) = render(Reply((Fields(fields),), "fields")).messages
    assert [len(embed["fields"]) for embed in payload.embeds] == [25, 1]


def test_a_hundred_thousand_characters_become_some_messages_and_a_file() -> None:
    rendered = render(Reply((Text("word " * 20_000),), "long"))
    assert len(rendered.messages) == limits.MESSAGES
    assert bare("word " * 20_000) in bare(rendered.files[0].content.decode())


def test_two_hundred_buttons_all_stay() -> None:
    buttons = tuple(Button(f"b{n}", f"do:{n}") for n in range(200))
    rendered = render(Reply((Text("choose"), Actions(buttons)), "choose"))
    assert sum(len(controls(message)) for message in rendered.messages) == 200


def test_a_menu_of_many_choices_says_that_it_is_cut() -> None:
    menu = Select("Which?", "do:m", tuple(Option(f"o{n}", f"v{n}") for n in range(60)))
    (payload,) = render(Reply((Text("choose"), Actions((menu,))), "choose")).messages
    assert controls(payload)[0]["placeholder"] == "Which? (first 25 of 60)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[@Dana](user:discord:9/123)", "<@123>"),
        ("[@Dana](user:slack:T1/U1)", "**Dana**"),
        ("[#ops](channel:discord:9/55)", "<#55>"),
        ("**bold** *it* ~~no~~ `a_b`", "**bold** *it* ~~no~~ `a_b`"),
        ("a_b_c", r"a\_b\_c"),
        ("# no heading", r"\# no heading"),
    ],
)
def test_our_markdown_becomes_discords(text: str, shown: str) -> None:
    assert render(Reply((Text(text),), "x")).messages[0].content == shown


def test_code_cannot_break_out_of_its_fence() -> None:
    (payload,) = render(Reply((Code("a\n```\n@everyone"),), "code")).messages
    assert payload.content.count("```") == 2


def test_a_card_has_the_colour_of_its_tone() -> None:
    colours = {render(Reply((Heading("x"),), "x", tone)).messages[0].embeds[0]["color"] for tone in Tone}
    assert len(colours) == len(Tone)


def test_a_form_is_within_discords_limits() -> None:
    fields = tuple(FormField(f"f{n}", "label " * 20, FieldKind.TEXT, placeholder="p" * 300) for n in range(8))
    form = render_form(Form("deny", "title " * 20, fields), token="t" * 22)
    inputs = [{"label": one["label"], **one["component"]} for one in form["components"]]
    assert len(inputs) == 5
    assert len(form["title"]) <= 45
    assert len(form["custom_id"]) <= 100
    assert all(len(i["label"]) <= 45 and len(i["placeholder"]) <= 100 for i in inputs)
