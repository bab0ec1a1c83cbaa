"""What leaves for a platform holds no secret, wherever in a reply it stood; all else stays."""

import pytest
from hypothesis import given, settings

from core.markup import literal
from core.messages import (
    Actions,
    Button,
    Code,
    Delivery,
    Field,
    Fields,
    File,
    Handle,
    Heading,
    Note,
    Option,
    Place,
    Platform,
    Reply,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
    dump_delivery,
)
from core.outgoing import masked, without_secrets
from core.redaction import MASK
from tests.planted import Planted, planted, readable
from tests.replies import REPLIES

PLACE = Place(Platform.SLACK, "T1", "C1")


def everywhere(text: str) -> Reply:
    """A reply that says the text in each of its places."""
    button = Button(text, "do:abc", confirm=text)
    menu = Select(text, "do:menu", (Option(text, "value", text),))
    blocks = (
        Heading(text),
        Text(literal(text)),
        Text(f"**{literal(text)}** and `{text}`"),
        Note(literal(text)),
        Fields((Field(text, literal(text)),)),
        Code(text),
        Steps((StepLine(text, StepState.FAILED, literal(text)),)),
        Actions((button, menu)),
        File(f"{text}.txt", text.encode(), title=text),
    )
    return Reply(blocks, text)


@pytest.mark.parametrize("one", planted(40)[::2], ids=lambda one: one.kind)
def test_a30_no_part_of_a_reply_holds_a_secret(one: Planted) -> None:
    reply = masked(everywhere(one.text))
    dumped = dump_delivery(Delivery("s", PLACE, reply)).decode()
    files = b"".join(block.content for block in reply.blocks if isinstance(block, File)).decode()
    assert not readable(one.secret, dumped.replace("\\\\", ""))
    assert not readable(one.secret, files)


@given(REPLIES)
@settings(max_examples=30, deadline=None)
def test_a_reply_without_secrets_is_the_same(reply: Reply) -> None:
    assert masked(reply) == reply


def test_ids_handles_and_bytes_stay_as_they_are() -> None:
    handle = Handle(Platform.SLACK, "https://hooks.slack.com/commands/T1/1/abc", 1.0)
    picture = File("chart.png", b"\x89PNG\xff password=Tiger1", "image/png")
    blocks = (Text("password=Tiger-horse1"), Actions((Button("Go", "do:token-0123456789abcdef"),)), picture)
    sent = without_secrets(Delivery("s", PLACE, Reply(blocks, "Go"), handle=handle))
    assert sent.handle == handle
    assert sent.reply.blocks == (Text(f"password={MASK}"), *blocks[1:])


def test_a_field_with_a_telling_name_is_masked_whole() -> None:
    shown = masked(
        Reply((Fields((Field("db_password", "Tiger"), Field("token", "•••"), Field("service", "shop"))),), "x")
    )
    assert shown.blocks == (Fields((Field("db_password", MASK), Field("token", "•••"), Field("service", "shop"))),)
