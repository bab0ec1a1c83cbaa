"""What real Slack rejects, the emulator rejects with the same code; what fits passes."""

from typing import Any

import pytest

from bot.emulators.slack import acme
from bot.emulators.slack.blocks import problems_of_blocks
from tests.contract.slack_emulator import BUTTON, MODAL, NOTE_INPUT, bare_socket, scene

Json = dict[str, Any]


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def section(**fields: object) -> list[Json]:
    return [{"type": "section", **fields}]


def button(**fields: object) -> list[Json]:
    return [{"type": "actions", "elements": [{**BUTTON, **fields}]}]


def buttons(count: int) -> list[Json]:
    return [{"type": "actions", "elements": [{**BUTTON, "action_id": f"a{n}"} for n in range(count)]}]


def menu(count: int, *, text: int = 5, value: int = 5) -> list[Json]:
    options = [{"text": plain(text), "value": "x" * value} for _ in range(count)]
    element = {"type": "static_select", "action_id": "m", "placeholder": plain(10), "options": options}
    return [{"type": "actions", "elements": [element]}]


def confirm(**lengths: int) -> list[Json]:
    sizes = {"title": 5, "text": 5, "confirm": 5, "deny": 5, **lengths}
    return button(confirm={name: plain(size) for name, size in sizes.items()})


LIMITS = [
    ("header", [{"type": "header", "text": plain(150)}], [{"type": "header", "text": plain(151)}]),
    ("section text", section(text=mrkdwn(3000)), section(text=mrkdwn(3001))),
    ("empty text", section(text=mrkdwn(1)), section(text=mrkdwn(0))),
    ("fields", section(fields=[mrkdwn(2000)] * 10), section(fields=[mrkdwn(1)] * 11)),
    ("field text", section(fields=[mrkdwn(2000)]), section(fields=[mrkdwn(2001)])),
    (
        "context",
        [{"type": "context", "elements": [mrkdwn(1)] * 10}],
        [{"type": "context", "elements": [mrkdwn(1)] * 11}],
    ),
    ("actions", buttons(25), buttons(26)),
    ("no actions", buttons(1), buttons(0)),
    ("button text", button(text=plain(75)), button(text=plain(76))),
    ("button value", button(value="x" * 2000), button(value="x" * 2001)),
    ("button style", button(style="danger"), button(style="green")),
    ("button mrkdwn", button(text=plain(1)), button(text=mrkdwn(1))),
    ("action id", button(action_id="x" * 255), button(action_id="x" * 256)),
    ("block id", section(text=mrkdwn(1), block_id="x" * 255), section(text=mrkdwn(1), block_id="x" * 256)),
    ("options", menu(100), menu(101)),
    ("option text", menu(1, text=75), menu(1, text=76)),
    ("option value", menu(1, value=150), menu(1, value=151)),
    ("confirm title", confirm(title=100), confirm(title=101)),
    ("confirm text", confirm(text=300), confirm(text=301)),
    ("confirm button", confirm(confirm=30), confirm(confirm=31)),
    ("markdown", [{"type": "markdown", "text": "x" * 12_000}], [{"type": "markdown", "text": "x" * 6_001}] * 2),
    ("blocks", [{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
    ("same block id", section(text=mrkdwn(1), block_id="a"), section(text=mrkdwn(1), block_id="a") * 2),
    ("same action id", buttons(2), [{"type": "actions", "elements": [BUTTON, BUTTON]}]),
    ("unknown block", [{"type": "divider"}], [{"type": "marquee"}]),
    ("unknown field", [{"type": "divider"}], [{"type": "divider", "colour": "red"}]),
    ("missing field", section(text=mrkdwn(1)), section()),
    (
        "input in a section",
        section(text=mrkdwn(1), accessory=BUTTON),
        section(text=mrkdwn(1), accessory=NOTE_INPUT["element"]),
    ),
    (
        "alt text",
        [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}],
        [{"type": "image", "image_url": "x"}],
    ),
]


@pytest.mark.parametrize(("fits", "too_much"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_blocks_are_refused_just_beyond_a_limit(fits: list[Json], too_much: list[Json]) -> None:
    assert problems_of_blocks(fits) == []
    assert problems_of_blocks(too_much)


async def test_invalid_blocks_are_explained_in_slacks_words() -> None:
    async with scene() as s:
        with pytest.raises(Exception, match="invalid_blocks") as caught:
            await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x", blocks=section(text=mrkdwn(3001)))
        response = caught.value.response  # type: ignore[attr-defined]
        assert response["response_metadata"]["messages"] == [
            "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
            "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ]


MESSAGES: list[tuple[str, Json]] = [
    ("no_text", {}),
    ("no_text", {"text": ""}),
    ("invalid_blocks_format", {"blocks": "{not json"}),
    ("invalid_blocks_format", {"text": "x", "blocks": {"type": "divider"}}),
    ("invalid_attachments", {"text": "x", "attachments": "nope"}),
    ("too_many_attachments", {"attachments": [{"text": "x"}] * 101}),
    ("msg_too_long", {"markdown_text": "x" * 12_001}),
    ("markdown_text_conflict", {"markdown_text": "x", "text": "y"}),
    ("invalid_metadata_format", {"text": "x", "metadata": "[]"}),
    ("invalid_metadata_schema", {"text": "x", "metadata": {"event_type": "a"}}),
    ("metadata_too_large", {"text": "x", "metadata": {"event_type": "a", "event_payload": {"x": "y" * 20_000}}}),
]


@pytest.mark.parametrize(("error", "arguments"), MESSAGES)
async def test_a_malformed_message_is_refused(error: str, arguments: Json) -> None:
    async with scene() as s:
        assert await s.error("chat.postMessage", channel=acme.CHECKOUT, **arguments) == error


async def test_long_text_is_cut_when_posted_and_refused_when_updated() -> None:
    async with scene() as s:
        posted = await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x" * 40_001)
        assert len(posted["message"]["text"]) == 40_000
        update = {"channel": acme.CHECKOUT, "ts": posted["ts"]}
        assert await s.error("chat.update", **update, text="x" * 4_001) == "msg_too_long"
        assert (await s.client.chat_update(**update, text="x" * 4_000))["ok"]


VIEWS: list[tuple[str, Json]] = [
    ("invalid_arguments", {"title": plain(25)}),
    ("invalid_arguments", {"submit": plain(25)}),
    ("invalid_arguments", {"submit": None}),
    ("invalid_arguments", {"private_metadata": "x" * 3_001}),
    ("invalid_arguments", {"callback_id": "x" * 256}),
    ("invalid_arguments", {"type": "window"}),
    ("invalid_arguments", {"blocks": [{"type": "divider"}] * 101}),
    ("invalid_arguments", {"blocks": [{"type": "markdown", "text": "x"}]}),
    ("view_too_large", {"blocks": [{"type": "section", "text": mrkdwn(3000)}] * 90}),
]


@pytest.mark.parametrize(("error", "change"), VIEWS)
async def test_a_malformed_view_is_refused_and_leaves_the_trigger_unused(error: str, change: Json) -> None:
    async with scene() as s, bare_socket(s.slack):
        trigger = (await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot"))["trigger_id"]
        assert await s.error("views.open", trigger_id=trigger, view={**MODAL, **change}) == error
        assert (await s.client.views_open(trigger_id=trigger, view=MODAL))["ok"]
