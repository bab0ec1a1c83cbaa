"""What goes into a translation and what comes out, the same for every language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.errors import UserInputError
from core.nlp.interpretation import Entity, EntityType


class Language(StrEnum):
    """Query languages that sentences are translated to."""

    PROMQL = "promql"
    LOGQL = "logql"
    TRACEQL = "traceql"
    SQL = "sql"
    USAGE = "usage"
    """Of calls of language models: the parameters of LLM-Observatory's API."""


class QueryRefused(UserInputError):
    """A query that must not run, or a sentence that gives none. The message says why, the hint what to do instead."""

    def __init__(self, message: str, *, hint: str = "", nearest: tuple[str, ...] = ()) -> None:
        """`nearest`: names that exist and may have been meant, best first."""
        super().__init__(message, hint=hint)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Question:
    """A sentence with what was found in it, and with what the conversation carried over."""

    text: str
    entities: tuple[Entity, ...]
    now: datetime
    """With a time zone; what relative times are counted from."""
    services: tuple[str, ...] = ()
    """The catalogue; empty where none is known."""

    def values(self, kind: EntityType) -> tuple[str, ...]:
        """Normal forms of this type, in order of appearance, without repeats."""
        return tuple(dict.fromkeys(entity.value for entity in self.entities if entity.type is kind))

    def value(self, kind: EntityType) -> str:
        """The first of them, or ""."""
        return next(iter(self.values(kind)), "")


@dataclass(frozen=True, slots=True)
class Translation:
    """A query that was parsed and may be shown."""

    language: Language
    query: str
    """One string; literals of SQL are quoted in it, for people to read."""
    explanation: str
    """One sentence: what the query does."""
    start: datetime | None = None
    """Of the window that the sentence names; None: the default of whoever runs it."""
    end: datetime | None = None
    statement: str = ""
    """SQL only: the same query with bound parameters, to be run with `parameters`."""
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
