"""Whatever the text: finding entities never raises, spans are right, and nothing is claimed twice."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.nlp.entities import find
from core.nlp.entities.sentence import fold
from core.nlp.interpretation import Entity

SERVICES = ("payment-gateway", "auth-service", "payments-api", "checkout", "search", "orders")
NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)
LONGEST = 10_000

_PIECES = [
    "last",
    "since",
    "between",
    "and",
    "from",
    "to",
    "at",
    "over",
    "yesterday",
    "monday",
    "march",
    "3rd",
    "2026-03-03",
    "03/11",
    "9am",
    "14:30",
    "24:00",
    "noon",
    "utc",
    "half",
    "an",
    "hour",
    "5",
    "1.5",
    "1,000",
    "min",
    "h",
    "days",
    "ago",
    "5xx",
    "500",
    ">",
    ">=",
    "%",
    "ms",
    "checkout",
    "chekcout",
    "payment",
    "gateway",
    "prod",
    "namespace",
    "eu-west-1",
    "/api/v1",
    "node-17",
    "10.0.0.1",
    "v2.3",
    "inc",
    "42",
    "run",
    "sev",
    "1",
    "p99",
    "critical",
    "mark",
    "as",
    "the",
    "of",
    "<@U1>",
    ":a:",
    "é",
    "ß",
    "İ",
    "́",
    "12:99",
    "31",
    "february",
    "0",
    "99999999999",
    "-",
    "/",
    ".",
    ",",
    "|",
]


def found(text: str, zone: str = "Europe/Berlin") -> tuple[Entity, ...]:
    return find(
        text,
        services=SERVICES,
        now=NOW,
        timezone=zone,
        workflows=("nightly-build", "deploy"),
        aliases={"pgw": "payment-gateway"},
    )


def check(text: str, entities: tuple[Entity, ...]) -> None:
    assert all(text[entity.start : entity.end] == entity.text and entity.text and entity.value for entity in entities)
    assert all(one.end <= other.start for one, other in pairwise(entities))


@given(st.text(max_size=300), st.sampled_from(["Europe/Berlin", "America/New_York", "Nowhere", "", "../etc/passwd"]))
def test_any_text(text: str, zone: str) -> None:
    check(text, found(text, zone))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=14), st.sampled_from([" ", "", "-", ", "]))
def test_any_order_of_words_that_mean_something(pieces: list[str], separator: str) -> None:
    text = separator.join(pieces)
    check(text, found(text))


@given(
    st.integers(40_000_000, 7_000_000_000),
    st.sampled_from(["America/Santiago", "Pacific/Apia", "UTC"]),
)
def test_intervals_run_forward_whenever_it_is(seconds: int, zone: str) -> None:
    text = "yesterday; since 2am; between 1 and 3am; this week; last night; on 31 March; around 02:30"
    for entity in find(text, now=datetime.fromtimestamp(seconds, UTC), timezone=zone):
        start, end = (datetime.fromisoformat(part) for part in entity.value.split("/"))
        assert start <= end


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    "unit",
    ["5", "a-", "a.", "1,", "/a", "5xx ", "500 ", "last ", "since ", "between 2 and ", "inc-1, ", "open a critical ", "<@", ":a", "over 5 ",
     "node-", "1-", "chekcout ", "payment gatway ", "ns ", "https://", "2026-03-", "mark it as ", "ab12-", "the ", "é", "😀", "run 1 "],
)  # fmt: skip
def test_long_texts_of_one_piece(unit: str) -> None:
    """Patterns that backtrack would not come back from these within the time limit of a test."""
    text = (unit * LONGEST)[:LONGEST]
    check(text, found(text))
