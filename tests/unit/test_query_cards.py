"""Answers from the bot's own records, in words and numbers."""

from core.conversation import query_cards as cards
from core.messages import Code, Note, Text
from core.ports.records import Table


def shown(blocks: list[object]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Text | Code | Note))


def test_nothing_is_said_to_be_nothing() -> None:
    assert "no row matches" in shown(list(cards.table(Table(("id",), ()))))


def test_rows_are_aligned_cut_and_never_break_out_of_their_line() -> None:
    rows = (("INC-1", "a\nb " + "x" * 80, None, 2.5), ("INC-20", "```", 7, 1.0))
    blocks = list(cards.table(Table(("id", "title", "n", "f"), rows, truncated=True)))
    lines = shown(blocks).splitlines()
    assert lines[1].startswith("INC-1   a b xxx")
    assert "…" in lines[1]
    assert "–" in lines[1]
    assert "Not all is shown" in lines[-1]
