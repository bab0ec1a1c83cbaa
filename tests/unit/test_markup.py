"""Our Markdown: what is parsed, what stays literal, and where a long text is cut."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord import markdown
from bot.slack import mrkdwn
from core.markup import Kind, LineKind, clean, fitting, literal, parse, plain
from core.messages import Account, Platform
from tests.replies import TEXTS, many


def kinds(text: str) -> list[Kind]:
    return [span.kind for line in parse(text) for span in line.spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [Kind.TEXT]),
        ("**b** and *i*", [Kind.BOLD, Kind.TEXT, Kind.ITALIC]),
        ("~~no~~`code`", [Kind.STRUCK, Kind.CODE]),
        ("[docs](https://a.example)", [Kind.LINK]),
        ("[evil](javascript:alert)", [Kind.TEXT]),
        ("[@Dana](user:slack:T1/U1)", [Kind.USER]),
        ("[#ops](channel:discord:1/2)", [Kind.CHANNEL]),
        ("**never closed", [Kind.TEXT]),
        ("**a\nb**", [Kind.TEXT, Kind.TEXT]),
        ("", []),
    ],
)
def test_what_a_text_is_made_of(text: str, expected: list[Kind]) -> None:
    assert kinds(text) == expected


def test_a_mention_names_platform_workspace_and_id() -> None:
    ((span,),) = (line.spans for line in parse("[@Dana](user:slack:T1/U1)"))
    assert span.target == Account(Platform.SLACK, "T1", "U1")
    assert span.text == "@Dana"


def test_markup_inside_markup_is_found() -> None:
    ((span,),) = (line.spans for line in parse("**see `x` now**"))
    assert [inner.kind for inner in span.inner] == [Kind.TEXT, Kind.CODE, Kind.TEXT]
    assert span.text == "see x now"


def test_lines_are_text_quotes_and_items() -> None:
    assert [line.kind for line in parse("a\n> b\n- c\n-d")] == [
        LineKind.TEXT,
        LineKind.QUOTE,
        LineKind.ITEM,
        LineKind.TEXT,
    ]


def test_plain_text_keeps_the_address_of_a_link() -> None:
    assert plain("> [docs](https://a.example/x) **now**") == "> docs (https://a.example/x) now"


@given(TEXTS)
@many
def test_a_literal_text_reads_as_it_was_written(text: str) -> None:
    assert plain(literal(text)) == clean(text)
    assert {line.kind for line in parse(literal(text))} <= {LineKind.TEXT, LineKind.ITEM}


URL_AND_FENCES = "**" + literal("https://0000000000000000000[" + "```" * 1332) + "**"


@pytest.mark.parametrize(
    "convert", [mrkdwn.convert, markdown.convert, mrkdwn.escape], ids=["slack", "discord", "plain"]
)
@given(text=TEXTS | TEXTS.map(literal), most=st.integers(20, 4_000))
@example(text=URL_AND_FENCES, most=3_000)
@many
def test_what_fits_is_within_the_limit_and_nothing_is_lost(convert: Callable[[str], str], text: str, most: int) -> None:
    pieces = []
    rest = text
    while rest:
        size = fitting(rest, most, convert)
        assert size >= 1
        pieces.append(rest[:size])
        rest = rest[size:]
    assert "".join(pieces) == text
    assert all(len(convert(piece)) <= most for piece in pieces)


def test_a_text_is_cut_between_lines_else_between_words_and_never_inside_an_escape() -> None:
    def cut(text: str, most: int) -> str:
        return text[: fitting(text, most, str)]

    assert cut("one two\nthree", 10) == "one two\n"
    assert cut("one two three", 10) == "one two "
    assert cut("onetwothree", 6) == "onetwo"
    assert cut(r"onetw\*three", 6) == "onetw"
    assert cut(r"onet\\three", 6) == r"onet\\"
