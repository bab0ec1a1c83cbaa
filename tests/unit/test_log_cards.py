"""What people see of log lines: kinds, samples, and a page that nothing in a line can break."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.conversation.log_cards import PAGE, lines
from core.conversation.log_page import page
from core.messages import Block, Code, File, Note, Text
from core.ports.telemetry import Lines, LogLine

NOW = datetime(2026, 11, 25, 12, 40, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


def line(seconds: int, text: str, **labels: str) -> LogLine:
    return LogLine(int((NOW.timestamp() - seconds) * 1e9), text, labels)


def text(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Text | Code | Note))


def test_kinds_come_first_then_the_latest_lines_in_the_readers_time() -> None:
    found = tuple(line(n, json.dumps({"level": "error", "msg": f"order {n} lost"})) for n in range(8))
    shown = text(lines(Lines((*found, line(90_000, "pool is full"))), "title", NOW, ZONE))
    assert shown.splitlines()[0] == "**9 lines**, of 2 kinds"
    rows = [row.split(maxsplit=3) for row in shown.splitlines()[2:4]]
    assert rows[0] == ["8×", "13:39:53", "13:40:00", "ERROR order * lost"]
    assert rows[1][:3] == ["1×", "11-24", "12:40"]
    assert "13:39:58.000 ERROR order 2 lost" in shown


def test_a_limit_that_was_reached_is_said() -> None:
    many = tuple(line(n, f"{'x' * n} alone") for n in range(20))
    shown = text(lines(Lines(many, truncated=True), "title", NOW, ZONE))
    assert "**The latest 20 lines**" in shown
    assert "12 more kinds, 12 lines" in shown
    assert "**There are more lines** than the 20 that were read" in shown


def test_an_only_line_and_none() -> None:
    assert text(lines(Lines((line(1, "alone"),)), "t", NOW, ZONE)) == "**1 line**\n13:39:59.000 alone"
    assert "no line matches" in text(lines(Lines(()), "t", NOW, ZONE))


def test_an_old_answer_says_so() -> None:
    known = NOW.replace(hour=12, minute=10)
    assert "**This is 30 min old**" in text(lines(Lines((line(1, "x"),), known_since=known), "t", NOW, ZONE))


@given(st.lists(st.text(max_size=60), max_size=12), st.text(max_size=30))
def test_nothing_in_a_line_becomes_part_of_the_page(texts: list[str], title: str) -> None:
    found = [line(n, one, label=one) for n, one in enumerate(texts)]
    made = page(found, title, ZONE)
    assert made.count("<li>") == len(texts)
    assert made.count("<script>") == 1
    blocks = lines(Lines(tuple(found)), title, NOW, ZONE)
    assert [block.name for block in blocks if isinstance(block, File)] == ([PAGE] if texts else [])
