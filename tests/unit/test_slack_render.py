"""Any reply becomes messages that Slack takes, loses nothing and pings nobody (A8, A30)."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from hypothesis import given

from bot.emulators.slack.blocks import problems_of_blocks
from bot.slack.elements import action_of
from bot.slack.render import DETAILS, Rendered, render
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Code,
    Field,
    Fields,
    File,
    Heading,
    Option,
    Reply,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
)
from tests.replies import REPLIES, bare, many, written

Json = dict[str, Any]

# --- an own reading of Slack's rules ------------------------------------------------------------------------


def text_objects(found: object) -> Iterator[Json]:
    """All text objects in a payload, wherever they stand."""
    if isinstance(found, dict):
        if found.get("type") in ("plain_text", "mrkdwn", "text"):
            yield found
        for value in found.values():
            yield from text_objects(value)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from text_objects(value)


def check_limits(rendered: Rendered) -> None:
    for message in rendered.messages:
        assert 1 <= len(message.text) <= 4_000
        assert len(message.blocks) <= 50
        assert problems_of_blocks(list(message.blocks)) == []
        for block in message.blocks:
            check_block(block)
        json.dumps(message.blocks, ensure_ascii=False).encode()


def check_block(block: Json) -> None:
    match block["type"]:
        case "header":
            assert 1 <= len(block["text"]["text"]) <= 150
        case "section" if "fields" in block:
            assert 1 <= len(block["fields"]) <= 10
            assert all(len(field["text"]) <= 2_000 for field in block["fields"])
        case "section" | "context":
            (text,) = text_objects(block)
            assert text["text"].strip()
            assert len(text["text"]) <= 3_000
        case "actions":
            ids = [element["action_id"] for element in block["elements"]]
            assert 1 <= len(set(ids)) == len(ids) <= 25
            assert all(len(id_) <= 255 for id_ in ids)
        case other:
            assert other == "rich_text"


def read(rendered: Rendered) -> str:
    """What a person can read in the messages and files."""
    shown = [shown_text(text) for message in rendered.messages for text in text_objects(message.blocks)]
    files = [file.content.decode("utf-8", "replace") for file in rendered.files]
    return "\n".join([*shown, *files])


def shown_text(found: Json) -> str:
    text: str = found["text"]
    return unescape(text) if found["type"] == "mrkdwn" else text


# --- properties -------------------------------------------------------------------------------------------------


@given(REPLIES)
@many
def test_a08_any_reply_is_within_every_limit(reply: Reply) -> None:
    check_limits(render(reply))


@given(REPLIES)
@many
def test_a08_the_whole_text_can_be_recovered(reply: Reply) -> None:
    readable = bare(read(render(reply)))
    for block in reply.blocks:
        for text in written(block):
            assert bare(text) in readable


@given(REPLIES)
@many
def test_a30_nothing_that_was_written_pings(reply: Reply) -> None:
    for message in render(reply).messages:
        marked = [text for text in text_objects(message.blocks) if text["type"] == "mrkdwn"]
        assert all(text["verbatim"] for text in marked)
        for text in [message.text, *(text["text"] for text in marked)]:
            assert not re.search(r"<[!@#]", text)
            assert not re.search(r"@(everyone|channel|here|group)\b", text, re.IGNORECASE)


@given(REPLIES)
@many
def test_every_button_stays_and_keeps_its_action(reply: Reply) -> None:
    wanted = [i.action or "-" for b in reply.blocks if isinstance(b, Actions) for i in b.items if isinstance(i, Button)]
    elements = [e for m in render(reply).messages for b in m.blocks if b["type"] == "actions" for e in b["elements"]]
    found = [e["action_id"] for e in elements if e["type"] == "button"]
    assert list(map(action_of, found)) == wanted


@given(REPLIES)
@many
def test_file_names_differ_and_no_file_is_empty(reply: Reply) -> None:
    files = render(reply).files
    assert len({file.name for file in files}) == len(files)
    assert all(file.content for file in files)


# --- examples -----------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_characters_become_five_messages_and_a_file() -> None:
    text = "".join(f"word{n} " for n in range(12_000))
    rendered = render(Reply((Text(text), Actions((Button("Go", "do:go"),))), "Long"))
    check_limits(rendered)
    assert len(rendered.messages) == 5
    assert rendered.files[0].name == DETAILS
    assert "word11999" in rendered.files[0].content.decode()
    assert rendered.messages[-1].blocks[-1]["elements"][0]["action_id"] == "do:go"


def test_two_hundred_buttons_all_stay() -> None:
    buttons = tuple(Button(f"B{n}", f"do:{n}") for n in range(200))
    rendered = render(Reply((Actions(buttons),), "Many"))
    check_limits(rendered)
    assert sum(len(block["elements"]) for m in rendered.messages for block in m.blocks) == 200


def test_thousands_of_fields_end_in_a_file() -> None:
    fields = tuple(Field(f"name{n}", f"value{n} {'x' * 50}") for n in range(3_000))
    rendered = render(Reply((Fields(fields),), "Fields"))
    check_limits(rendered)
    assert "value2999" in rendered.files[0].content.decode()


def test_the_second_button_with_an_action_gets_a_number() -> None:
    (message,) = render(Reply((Actions((Button("A", "do:x"), Button("B", "do:x"))),), "Twice")).messages
    assert [e["action_id"] for e in message.blocks[0]["elements"]] == ["do:x", "do:x#2"]
    assert action_of("do:x#2") == "do:x"


def test_code_is_shown_letter_by_letter() -> None:
    code = "if a < b && c > d:\n    print(```x```, '<!channel>')"
    (message,) = render(Reply((Code(code),), "Code")).messages
    assert message.blocks[0]["elements"][0]["elements"][0]["text"] == code


def test_long_code_is_a_file_beside_its_beginning() -> None:
    rendered = render(Reply((Code("line\n" * 2_000, "py"), Code("x" * 4_000, "../py")), "Code"))
    check_limits(rendered)
    assert [file.name for file in rendered.files] == ["code.py", "2-code.py"]
    assert rendered.files[0].content.decode() == "line\n" * 2_000


def test_a_menu_of_many_choices_says_that_it_is_cut_and_keeps_them_in_a_file() -> None:
    options = tuple(Option(f"choice {n}", str(n)) for n in range(150))
    rendered = render(Reply((Actions((Select("Which?", "do:pick", options),)),), "Pick"))
    check_limits(rendered)
    assert "first 100 of 150" in read(rendered)
    assert "choice 149" in rendered.files[0].content.decode()


def test_a_running_step_shows_how_far_it_is() -> None:
    steps = (StepLine("Build", StepState.DONE, "took 3 s"), StepLine("Deploy", StepState.RUNNING, "", 0.4))
    (message,) = render(Reply((Steps(steps),), "Run")).messages
    assert message.blocks[0]["text"]["text"] == "✅ *Build*: took 3 s\n🔵 *Deploy* ▰▰▰▰▱▱▱▱▱▱ 40 %"


def test_a_button_asks_before_it_acts() -> None:
    button = Button("Deny", "do:no", ButtonStyle.DANGER, confirm="Deny the deploy?")
    (message,) = render(Reply((Actions((button,)),), "Ask")).messages
    element = message.blocks[0]["elements"][0]
    assert element["style"] == "danger"
    assert element["confirm"]["text"]["text"] == "Deny the deploy?"


@pytest.mark.parametrize("blocks", [(), (Text(" \n "),), (Heading(""),), (Actions(()),), (File("a", b""),)])
def test_a_reply_without_anything_to_show_still_says_something(blocks: tuple[Block, ...]) -> None:
    rendered = render(Reply(blocks, "Nothing to show"))
    check_limits(rendered)
    assert rendered.messages[0].text == "Nothing to show"
    assert rendered.messages[0].blocks
