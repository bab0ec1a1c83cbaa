"""Which intent a sentence has: explicit verbs, phrases, and what is left alone."""

import pytest

from core.nlp import entities, rules
from core.nlp.interpretation import EntityType, Intent

SERVICES = ("checkout", "payments", "search")
WORKFLOWS = ("deploy", "maintenance")


def intent(text: str, *, command: bool = False) -> Intent:
    return rules.interpret(text, command=command, services=SERVICES, workflows=WORKFLOWS).intent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Intent.HELP),
        ("help", Intent.HELP),
        ("Help", Intent.HELP),
        ("what can you do?", Intent.HELP),
        ("who am i", Intent.WHOAMI),
        ("status", Intent.STATUS),
        ("status RUN-7K3QX2", Intent.STATUS),
        ("how is RUN-7K3QX2 doing", Intent.STATUS),
        ("is the deploy of checkout done?", Intent.STATUS),
        ("what is running?", Intent.STATUS),
        ("what waits for approval?", Intent.APPROVALS),
        ("pending approvals", Intent.APPROVALS),
        ("which version of checkout is in production?", Intent.ASK),
        ("what's live in staging for payments", Intent.ASK),
        ("ask which version of checkout runs", Intent.ASK),
        ("ask what waits for approval?", Intent.APPROVALS),
        ("run deploy service=checkout", Intent.RUN),
        ("run", Intent.RUN),
        ("deploy checkout 2.4 to prod", Intent.RUN),
        ("please ship payments to staging", Intent.RUN),
        ("cancel RUN-7K3QX2 wrong version", Intent.CANCEL),
        ("stop that deploy", Intent.CANCEL),
        ("change RUN-7K3QX2 version=2", Intent.CHANGE),
        ("run along, nothing to see here", Intent.UNKNOWN),
        ("cancel my lunch", Intent.UNKNOWN),
        ("🙂🙂🙂", Intent.UNKNOWN),
        ("thanks, looks good to me", Intent.UNKNOWN),
    ],
)
def test_a_sentence_has_this_intent(text: str, expected: Intent) -> None:
    assert intent(text) is expected


def test_after_a_slash_the_first_word_must_be_a_verb() -> None:
    said = rules.interpret("statsu now", command=True)
    assert (said.intent, said.unknown_verb) == (Intent.UNKNOWN, "statsu")


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
        ("v2.4.1-rc1 please", {(EntityType.VERSION, "2.4.1-rc1")}),
        ("run-7k3qx2", {(EntityType.RUN, "RUN-7K3QX2")}),
        ("check it out", set()),
    ],
)
def test_entities_have_normal_forms(text: str, expected: set[tuple[EntityType, str]]) -> None:
    assert {(e.type, e.value) for e in entities.find(text, SERVICES)} == expected


def test_spans_point_at_the_surface_text() -> None:
    text = "which version of chekcout is in prod?"
    assert all(text[e.start : e.end] == e.text for e in entities.find(text, SERVICES))
