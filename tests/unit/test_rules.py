"""Which intent a sentence has: explicit verbs, phrases, and what is left alone."""

import pytest

from core.nlp import entities, rules
from core.nlp.interpretation import Command, EntityType

SERVICES = ("checkout", "payments", "search")
WORKFLOWS = ("deploy", "maintenance")


def intent(text: str, *, command: bool = False) -> Command:
    return rules.interpret(text, command=command, services=SERVICES, workflows=WORKFLOWS).command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Command.HELP),
        ("help", Command.HELP),
        ("Help", Command.HELP),
        ("what can you do?", Command.HELP),
        ("who am i", Command.WHOAMI),
        ("status", Command.STATUS),
        ("status RUN-7K3QX2", Command.STATUS),
        ("how is RUN-7K3QX2 doing", Command.STATUS),
        ("is the deploy of checkout done?", Command.STATUS),
        ("what is running?", Command.STATUS),
        ("what waits for approval?", Command.APPROVALS),
        ("pending approvals", Command.APPROVALS),
        ("which version of checkout is in production?", Command.ASK),
        ("what's live in staging for payments", Command.ASK),
        ("ask which version of checkout runs", Command.ASK),
        ("ask what waits for approval?", Command.APPROVALS),
        ("run deploy service=checkout", Command.RUN),
        ("run", Command.RUN),
        ("deploy checkout 2.4 to prod", Command.RUN),
        ("please ship payments to staging", Command.RUN),
        ("cancel RUN-7K3QX2 wrong version", Command.CANCEL),
        ("stop that deploy", Command.CANCEL),
        ("change RUN-7K3QX2 version=2", Command.CHANGE),
        ("run along, nothing to see here", Command.UNKNOWN),
        ("cancel my lunch", Command.UNKNOWN),
        ("🙂🙂🙂", Command.UNKNOWN),
        ("thanks, looks good to me", Command.UNKNOWN),
    ],
)
def test_a_sentence_has_this_intent(text: str, expected: Command) -> None:
    assert intent(text) is expected


def test_after_a_slash_the_first_word_must_be_a_verb() -> None:
    said = rules.interpret("statsu now", command=True)
    assert (said.command, said.unknown_verb) == (Command.UNKNOWN, "statsu")


def test_only_a_spelt_out_command_is_explicit() -> None:
    assert rules.interpret("run deploy a=b", command=False, workflows=WORKFLOWS).explicit
    assert not rules.interpret("deploy checkout to production", command=False, services=SERVICES).explicit


def test_a_long_question_stays_whole() -> None:
    question = "why " * 5_000
    assert rules.interpret(f"ask {question}", command=True).rest == question.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkout in prod", {(EntityType.SERVICE, "checkout"), (EntityType.ENVIRONMENT, "production")}),
        ("chekcout on stg", {(EntityType.SERVICE, "checkout"), (EntityType.ENVIRONMENT, "staging")}),
        ("v2.4.1-rc1 please", {(EntityType.VERSION, "v2.4.1-rc1")}),
        ("run-7k3qx2", {(EntityType.WORKFLOW, "RUN-7K3QX2")}),
        ("check it out", set()),
    ],
)
def test_entities_have_normal_forms(text: str, expected: set[tuple[EntityType, str]]) -> None:
    assert {(e.type, e.value) for e in entities.find(text, services=SERVICES)} == expected


def test_spans_point_at_the_surface_text() -> None:
    text = "which version of chekcout is in prod?"
    assert all(text[e.start : e.end] == e.text for e in entities.find(text, services=SERVICES))
