"""The labelled sentences, by the hand that wrote them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.nlp.interpretation import Intent

FOLDER = Path(__file__).parent / "sentences"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message as somebody might send it, and what it asks for by the border rules."""

    text: str
    intent: Intent


def read(folder: Path = FOLDER) -> Mapping[str, Sequence[Sentence]]:
    """All sentences, a list for each hand; hands and sentences in a fixed order."""
    return {path.stem: tuple(_of(path)) for path in files(folder)}


def files(folder: Path = FOLDER) -> Sequence[Path]:
    """One a hand, in order of names."""
    return sorted(folder.glob("*.jsonl"))


def _of(path: Path) -> Iterator[Sentence]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            yield Sentence(row["text"], Intent(row["intent"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f'{path.name}, line {number}: write {{"text": …, "intent": one of the labels}} ({error})'
            ) from error
