"""How well entities are found in the development set; the figures for strangers' sentences are measured elsewhere."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

from core.nlp.entities import find

MESSAGES = Path(__file__).parent.parent / "evaluation" / "entities_dev.jsonl"
FLOOR = 0.99
TYPE_FLOOR = 0.97


def f1(right: int, extra: int, missing: int) -> float:
    return 2 * right / (2 * right + extra + missing)


def test_development_set_stays_understood() -> None:
    """Micro-F1 over (type, normal form), altogether and by type."""
    right, extra, missing = Counter[str](), Counter[str](), Counter[str]()
    for line in MESSAGES.read_text("utf-8").splitlines():
        message = json.loads(line)
        entities = find(
            message["text"],
            services=message["services"],
            now=datetime.fromisoformat(message["now"]),
            timezone=message["timezone"],
        )
        found = {(entity.type.value, entity.value) for entity in entities}
        wanted = {(entity["type"], entity["value"]) for entity in message["entities"]}
        right.update(kind for kind, _ in found & wanted)
        extra.update(kind for kind, _ in found - wanted)
        missing.update(kind for kind, _ in wanted - found)
    by_type = {kind: f1(right[kind], extra[kind], missing[kind]) for kind in right | extra | missing}
    assert f1(right.total(), extra.total(), missing.total()) >= FLOOR, by_type
    assert min(by_type.values()) >= TYPE_FLOOR, by_type
