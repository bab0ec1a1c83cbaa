"""How well turns are resolved in the development set; the figures for strangers' conversations are measured elsewhere."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from core.nlp.dialogue import Resolved, State, advance, hear
from core.nlp.dialogue.state import SLOTS
from core.nlp.entities import find
from core.nlp.interpretation import Intent

CONVERSATIONS = Path(__file__).parent.parent / "evaluation" / "dialogues_dev.jsonl"
FLOOR = 0.98
CARRIED_FLOOR = 0.98


def resolved(conversation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Resolved]]:
    """Every turn, its intent given, with what it comes to."""
    state = State()
    services, now = conversation["services"], datetime.fromisoformat(conversation["now"])
    around = {"services": services, "now": now, "timezone": conversation["timezone"]}
    for turn in conversation["turns"]:
        named, intent = find(turn["text"], **around), Intent(turn["intent"])
        state, found = advance(state, turn["text"], named, intent, confidence=1.0, services=services)
        yield turn, found
        if reply := turn.get("reply"):
            state = hear(state, reply, find(reply, exact=True, **around), services=services)


def conversations() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CONVERSATIONS.read_text("utf-8").splitlines()]


def test_development_set_is_a_set() -> None:
    """Sixty conversations of five to twelve turns, all told apart."""
    every = conversations()
    assert len({one["id"] for one in every}) == len(every) >= 60
    assert all(5 <= len(one["turns"]) <= 12 for one in every)


def test_slots_stay_right() -> None:
    """Of the slots that have a value or were given one; those that the message itself does not say are counted apart."""
    slots: list[bool] = []
    carried: list[bool] = []
    for conversation in conversations():
        for turn, found in resolved(conversation):
            named = {(entity.type, entity.value) for entity in found.entities}
            for kind in SLOTS:
                wanted, got = turn["resolved"][kind] or "", found.slots.get(kind, "")
                if wanted or got:
                    slots.append(wanted == got)
                if wanted and (kind, wanted) not in named:
                    carried.append(wanted == got)
    assert sum(slots) / len(slots) >= FLOOR
    assert sum(carried) / len(carried) >= CARRIED_FLOOR
