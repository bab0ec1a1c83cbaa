"""Which messages a turn looks at, and what it takes over from them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context import bounds
from core.context.carrying import carry, lacks
from core.context.listening import said_in
from core.context.window import within
from core.messages import Account, Heard, Person, Place, Platform, Turn, Via
from core.nlp import entities, rules
from core.nlp.interpretation import Command, EntityType

SERVICES = ("checkout", "payments", "search")
THREAD = Place(Platform.SLACK, "T1", "C1", "1.0")
DANA = Person(Account(Platform.SLACK, "T1", "U1"), "Dana")


def heard(message: str, text: str = "hello") -> Heard:
    return Heard(THREAD, message, DANA, text, float(message), float(message))


def carried(question: str, *earlier: str) -> dict[str, str]:
    said = rules.interpret(question, command=False, services=SERVICES)
    found = carry(said, [heard(f"{n}.5", text) for n, text in enumerate(earlier, 1)], SERVICES)
    return {c.type.value: c.value for c in found.carried}


@given(st.lists(st.integers(0, 5_000), max_size=120), st.booleans())
def test_the_window_is_bounded_keeps_the_root_and_loses_the_oldest_first(sizes: list[int], rooted: bool) -> None:
    root = [heard("1.0", "r" * 9_000)] if rooted else []
    messages = [*root, *(heard(f"{n}.5", "m" * size) for n, size in enumerate(sizes, 2))]
    kept = within(messages, THREAD)
    assert len(kept) <= bounds.MESSAGES
    assert sum(len(message.text) for message in kept) <= bounds.CHARACTERS
    assert not rooted or kept[0].message == "1.0"
    others = [message.message for message in kept if message.message != "1.0"]
    assert others == [message.message for message in messages if message.message != "1.0"][len(sizes) - len(others) :]


@pytest.mark.parametrize(
    ("question", "earlier", "expected"),
    [
        ("why?", ["checkout in prod fails"], {"service": "checkout", "environment": "production"}),
        ("why?", ["checkout in prod", "no: payments"], {"service": "payments", "environment": "production"}),
        ("why?", ["checkout 2.4.1 is at 12.5 % on 10.0.0.1"], {"service": "checkout", "version": "2.4.1"}),
        ("is search ok?", ["checkout in staging"], {"environment": "staging"}),
        ("which version?", ["which version of search is in staging?"], {"service": "search", "environment": "staging"}),
        ("which version of search is in prod?", ["checkout in staging"], {}),
        ("why?", ["chekcout is slow"], {}),
        ("deploy it to production", ["checkout 2.4.1"], {}),
        ("cancel that deploy", ["checkout"], {}),
        ("why?", [], {}),
    ],
)
def test_what_a_question_leaves_out_is_taken_from_the_latest_message(
    question: str, earlier: list[str], expected: dict[str, str]
) -> None:
    assert carried(question, *earlier) == expected


def test_what_the_sentence_says_itself_comes_first() -> None:
    said = rules.interpret("why is search slow in staging?", command=False, services=SERVICES)
    found = carry(said, [heard("1.5", "checkout in prod")], SERVICES)
    assert (found.first(EntityType.SERVICE), found.first(EntityType.ENVIRONMENT)) == ("search", "staging")
    assert found.named(EntityType.SERVICE) == "search"


def test_the_past_is_looked_at_only_where_something_is_missing() -> None:
    assert lacks(rules.interpret("why?", command=False))
    assert not lacks(rules.interpret("which version of search is in prod?", command=False, services=SERVICES))
    assert not lacks(rules.interpret("help", command=False))


@pytest.mark.parametrize(
    "text",
    ["why", "why?", "Why is checkout slow?", "what happened?", "what changed?", "what's going on", "what is wrong?",
     "whats happening", "is it ok?", "is checkout down?", "is that service healthy?", "how come", "what broke?"],
)  # fmt: skip
def test_these_ask_for_what_is_known(text: str) -> None:
    assert rules.interpret(text, command=False, services=SERVICES).command is Command.WHY


@pytest.mark.parametrize(
    "text", ["that is why we left", "what a change of weather", "it is ok", "is it time for lunch?"]
)
def test_these_do_not(text: str) -> None:
    assert rules.interpret(text, command=False, services=SERVICES).command is Command.UNKNOWN


def test_a_bare_number_is_a_version_only_in_a_sentence_for_the_bot() -> None:
    text = "2.4 v2.5 2.6.1 10.0.0.1"
    assert [e.value for e in entities.find(text, exact=True) if e.type is EntityType.VERSION] == ["v2.5", "2.6.1"]


@pytest.mark.parametrize(
    ("place", "message", "kept"),
    [
        (replace(THREAD, thread=None), "", None),
        (replace(THREAD, thread=None), "7.0", "7.0"),
        (THREAD, "", "claim"),
        (Place(Platform.SLACK, "T1", "D1", direct=True), "", "claim"),
    ],
)
def test_a_command_in_a_channel_is_seen_by_nobody_and_not_remembered(
    place: Place, message: str, kept: str | None
) -> None:
    turn = Turn("claim", place, DANA, "why?", 1.0, Via.COMMAND, message=message)
    found = said_in(turn)
    assert (found.message if found else None) == kept
