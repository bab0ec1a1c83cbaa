"""Whatever is said: resolving never raises, gives the same for the same, and carries nothing that nobody said."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.nlp.dialogue import Resolved, State, advance, hear
from core.nlp.dialogue.state import MENTIONS
from core.nlp.entities import find
from core.nlp.interpretation import Intent

SERVICES = ("checkout", "payments", "search", "orders")
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
LONGEST = 10_000

_PIECES = [
    "and",
    "what about",
    "same for",
    "not",
    "no",
    "forget",
    "it",
    "that",
    "the other one",
    "the first one",
    "again",
    "now",
    "instead",
    "too",
    "from",
    "to",
    "close",
    "cancel",
    "done",
    "is",
    "ok",
    "logs",
    "checkout",
    "payments",
    "search",
    "orders",
    "prod",
    "staging",
    "latency",
    "error rate",
    "p99",
    "last 2h",
    "yesterday",
    "INC-7",
    "INC-8",
    "run 8812",
    "8812",
    "sev1",
    "thanks",
    "?",
    ",",
    ".",
    "HighErrorRate",
    "node-17",
    "note:",
    "und",
    "y",
    "ß",
    "İ",
    "😀",
]
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=10).map(" ".join) | st.text(max_size=60)
_TURNS = st.lists(st.tuples(_TEXTS, st.sampled_from(Intent), st.floats(0, 1), _TEXTS), min_size=1, max_size=6)


def talk(turns: Sequence[tuple[str, Intent, float, str]]) -> tuple[State, list[Resolved]]:
    state, every = State(), []
    for text, intent, confidence, answer in turns:
        named = find(text, services=SERVICES, now=NOW)
        state, resolved = advance(state, text, named, intent, confidence=confidence, services=SERVICES)
        every.append(resolved)
        state = hear(state, answer, find(answer, services=SERVICES, now=NOW, exact=True), services=SERVICES)
    return state, every


@settings(max_examples=200, deadline=None)
@given(_TURNS)
def test_any_conversation(turns: list[tuple[str, Intent, float, str]]) -> None:
    state, every = talk(turns)
    assert (state, every) == talk(turns)
    assert len(state.mentions) <= MENTIONS
    for number, resolved in enumerate(every, 1):
        assert all(mention.turn < number for mention in resolved.carried)
        assert all(resolved.slots[mention.type] == mention.value for mention in resolved.carried)


@settings(deadline=None)
@given(_TURNS, _TEXTS)
def test_what_is_carried_was_said(turns: list[tuple[str, Intent, float, str]], text: str) -> None:
    state, _ = talk(turns)
    known = {value for m in state.mentions for value in (m.value, m.service, m.environment)}
    for intent in Intent:
        _, resolved = advance(state, text, find(text, services=SERVICES, now=NOW), intent, confidence=1.0)
        assert all(mention.value in known for mention in resolved.carried)


@pytest.mark.parametrize(
    "unit",
    ["not checkout, ", "from prod to ", "INC-1 ", "it ", "HighE", "run 1 ", "the other one ", "ß", "search: ", "8812 "],
)
def test_long_texts_of_one_piece(unit: str) -> None:
    """What grows faster than the text would not come back within the time limit of a test."""
    text = (unit * LONGEST)[:LONGEST]
    state, _ = talk([(text, Intent.METRIC_QUERY, 0.5, text)] * 2)
    assert state.turn == 2
