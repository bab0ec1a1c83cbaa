"""Evaluation sets: JSON lines, whose fields tell what each of them judges."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.sentences import Conversation, Request, Sentence, Surroundings, Turn, parse
from core.errors import DefinitionError, Problem, UserInputError
from core.incidents.incident import Severity
from core.nlp.interpretation import EntityType, Intent


class Meant(Sentence):
    """A sentence and the intent it has."""

    intent: Intent


class Named(BaseModel):
    """An entity, by its normal form. Where it stands is not judged: people draw the line differently."""

    model_config = ConfigDict(frozen=True)

    type: EntityType
    value: str


class Naming(Sentence):
    """A sentence and the entities it names."""

    entities: tuple[Named, ...]


class Report(Sentence):
    """A report of an incident and how bad it is."""

    severity: Severity


class ResolvedTurn(Turn):
    """A turn and what it means; of `resolved` what is empty may be null or left out."""

    intent: Intent
    resolved: dict[EntityType, str | None]


class Dialogue(Conversation):
    """A conversation and what each turn means."""

    turns: Annotated[tuple[ResolvedTurn, ...], Field(min_length=1)]


class Translated(Request):
    """A request and the query that answers it."""

    query: str


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """What one file judges. A line may judge several things."""

    name: str
    intents: list[Meant] = field(default_factory=list)
    entities: list[Naming] = field(default_factory=list)
    severities: list[Report] = field(default_factory=list)
    dialogues: list[Dialogue] = field(default_factory=list)
    queries: list[Translated] = field(default_factory=list)


def read(path: Path) -> EvaluationSet:
    """Read a file.

    Raises:
        DefinitionError: naming every line that is no example, and why.
        UserInputError: there is no such file, or nothing in it.
    """
    found = EvaluationSet(path.name)
    problems: list[Problem] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UserInputError(f"Cannot read {path}: {error.strerror}.") from None
    for number, line in enumerate(lines, 1):
        try:
            for example in _examples(line):
                _add(found, example)
        except UserInputError as error:
            problems.append(Problem(str(path), number, error.message))
    if problems:
        raise DefinitionError(tuple(problems))
    if not lines:
        raise UserInputError(f"{path} is empty.", hint="An evaluation set has one JSON object a line.")
    return found


def _examples(line: bytes) -> Iterator[Surroundings]:
    row = parse(line)
    if "turns" in row:
        yield Dialogue.of(row)
        return
    if "query" in row:
        yield Translated.of(row)
        return
    judged = [model for label, model in _LABELS.items() if row.get(label) is not None]
    if not judged:
        raise UserInputError(f"There is nothing to judge by: none of turns, query, {', '.join(_LABELS)}.")
    for model in judged:
        yield model.of(row)


_LABELS: dict[str, type[Meant | Naming | Report]] = {"intent": Meant, "entities": Naming, "severity": Report}


def _add(found: EvaluationSet, example: Surroundings) -> None:
    match example:
        case Meant():
            found.intents.append(example)
        case Naming():
            found.entities.append(example)
        case Report():
            found.severities.append(example)
        case Dialogue():
            found.dialogues.append(example)
        case Translated():
            found.queries.append(example)
