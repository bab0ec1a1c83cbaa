"""How well turns are resolved in the development set; the figures for strangers' conversations are measured elsewhere."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.nlp.classifier import classify
from core.nlp.dialogue import Resolved, State, advance, hear
from core.nlp.dialogue.state import SLOTS
from core.nlp.entities import find
from core.nlp.interpretation import Intent

SETS = Path(__file__).parent.parent / "evaluation"
CONVERSATIONS = "dialogues_dev.jsonl"
SHORT = "dialogues_dev_short.jsonl"
"""Conversations in short turns: fragments, bare numbers, runs called by what they do."""


def conversations(name: str = CONVERSATIONS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name).read_text("utf-8").splitlines()]


def resolved(name: str, *, given: bool) -> Iterator[tuple[dict[str, Any], Resolved]]:
    """Every turn with what it comes to. `given`: with its right intent; else with what the classifier takes it for."""
    for conversation in conversations(name):
        state = State()
        services, now = conversation["services"], datetime.fromisoformat(conversation["now"])
        around = {"services": services, "now": now, "timezone": conversation["timezone"]}
        for turn in conversation["turns"]:
            text, guess = turn["text"], classify(turn["text"])
            intent, confidence = (Intent(turn["intent"]), 1.0) if given else (guess.intent, guess.confidence)
            named = find(text, **around)
            state, found = advance(state, text, named, intent, confidence=confidence, services=services)
            yield turn, found
            if reply := turn.get("reply"):
                state = hear(state, reply, find(reply, exact=True, **around), services=services)


def test_development_set_is_a_set() -> None:
    """At least ninety conversations of five to twelve turns, all told apart."""
    every = conversations()
    assert len({one["id"] for one in every}) == len(every) >= 90
    assert all(5 <= len(one["turns"]) <= 12 for one in every)


@pytest.mark.parametrize(
    ("name", "given", "floors"),
    [
        (CONVERSATIONS, True, {"intents": 1.0, "slots": 0.99, "carried": 0.985}),
        (CONVERSATIONS, False, {"intents": 0.94, "slots": 0.96, "carried": 0.96}),
        (SHORT, True, {"intents": 1.0, "slots": 0.98, "carried": 0.97}),
        (SHORT, False, {"intents": 0.98, "slots": 0.98, "carried": 0.97}),
    ],
)
def test_development_set_stays_understood(name: str, given: bool, floors: dict[str, float]) -> None:
    """Right intents; right slots of those that have a value or were given one; and those that the message does not say."""
    right: dict[str, list[bool]] = {"intents": [], "slots": [], "carried": []}
    for turn, found in resolved(name, given=given):
        named = {(entity.type, entity.value) for entity in found.entities}
        right["intents"].append(found.intent == turn["intent"])
        for kind in SLOTS:
            wanted, got = turn["resolved"][kind] or "", found.slots.get(kind, "")
            if wanted or got:
                right["slots"].append(wanted == got)
            if wanted and (kind, wanted) not in named:
                right["carried"].append(wanted == got)
    figures = {name: sum(each) / len(each) for name, each in right.items()}
    assert all(figures[name] >= floor for name, floor in floors.items()), figures
