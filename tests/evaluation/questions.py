"""Reads sets of questions: JSON lines of text, services, now, entities and the query that answers them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.nlp.interpretation import Entity, EntityType
from core.query.translation import Question

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
SERVICES = ("checkout", "payments", "search", "cart", "auth-service", "api-gateway", "inventory")


def question(
    text: str, *entities: tuple[str, str, str], now: datetime = NOW, services: tuple[str, ...] = SERVICES
) -> Question:
    """A question whose entities (type, surface, value) are given by hand; their places are looked up in the text."""
    found: list[Entity] = []
    place = dict[str, int]()
    for kind, surface, value in entities:
        after = place.get(surface, 0)
        word = re.compile(rf"(?<!\w){re.escape(surface)}").search(text, after)  # no "auth" in "unauthorized"
        start = word.start() if word else text.index(surface, after)
        place[surface] = start + len(surface)
        found.append(Entity(EntityType(kind), surface, value, start, start + len(surface)))
    return Question(text, tuple(sorted(found, key=lambda entity: entity.start)), now, services)


def load(name: str) -> Iterator[tuple[Question, str]]:
    """The questions of a set, each with its expected query."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        now = datetime.fromisoformat(row["now"])
        entities = (tuple(entity) for entity in row["entities"])
        yield question(row["text"], *entities, now=now, services=tuple(row["services"])), row["query"]
