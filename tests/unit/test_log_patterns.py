"""Lines that say the same are one pattern, and none is lost."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from core.ports.telemetry import LogLine
from core.telemetry.log_patterns import patterns, said


def line(text: str, at: int = 0, **labels: str) -> LogLine:
    return LogLine(at, text, labels)


def test_numbers_ids_and_addresses_do_not_tell_lines_apart() -> None:
    found = patterns(
        [
            line("timeout after 1203ms calling 10.0.3.7:5432 for order 8812", 1),
            line("timeout after 88ms calling 10.0.9.1:5432 for order 17", 3),
            line("cart 6f1c2d9e-0c1b-4e0e-9f1f-1d2b3c4d5e6f emptied", 2),
        ]
    )
    assert [(one.text, one.count, one.first, one.last) for one in found] == [
        ("timeout after * calling * for order *", 2, 1, 3),
        ("cart * emptied", 1, 2, 2),
    ]
    assert found[0].sample.at == 3


def test_structured_lines_are_told_by_their_message_and_level() -> None:
    lines = [
        line(json.dumps({"level": "ERROR", "msg": f"card declined: code {n}", "trace_id": f"ab{n}"}), n)
        for n in range(5)
    ]
    lines.append(line('ts=2026-01-01T00:00:00Z level=warn msg="pool is full" size=20', 9))
    found = patterns(lines)
    assert [(one.level, one.text, one.count) for one in found] == [
        ("error", "card declined: code *", 5),
        ("warn", "pool is full", 1),
    ]


def test_names_that_differ_become_a_star_but_other_levels_and_verbs_stay_apart() -> None:
    found = patterns(
        [
            line("level=error msg='user anna could not log in to shop'"),
            line("user anna could not log in"),
            line("user berta could not log in"),
            line("GET /cart took very long today"),
            line("POST /cart took very long today"),
        ]
    )
    assert {one.text: one.count for one in found}["user * could not log in"] == 2
    assert {"GET /cart took very long today", "POST /cart took very long today"} <= {one.text for one in found}


def test_what_only_looks_structured_is_read_as_text() -> None:
    assert said(line("{broken json", level="Info")) == ("{broken json", "info")
    assert said(line("[1, 2]")) == ("[1, 2]", "")
    assert said(line('{"count": 3}')) == ('{"count": 3}', "")


@settings(max_examples=200)
@given(st.lists(st.tuples(st.text(max_size=80), st.integers(0, 10**19)), max_size=60))
def test_every_line_is_counted_once_and_within_its_times(told: list[tuple[str, int]]) -> None:
    found = patterns([line(text, at) for text, at in told])
    assert sum(one.count for one in found) == len(told)
    times = [at for _, at in told]
    assert all(min(times) <= one.first <= one.last <= max(times) for one in found)
    assert list(found) == sorted(found, key=lambda one: -one.count)
