"""Sentences, conversations and questions as JSON objects: what programs hand to the commands and what evaluation sets are made of."""

import json
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, NoReturn, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import UserInputError
from core.nlp.interpreter import Around
from core.query.translation import Language

_HINT = "One JSON object a line."


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name[:60]!r} is no time zone; say Europe/Berlin, or UTC") from None
    return name


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Surroundings(BaseModel):
    """When and where something was said."""

    model_config = ConfigDict(frozen=True)

    now: datetime = Field(default_factory=lambda: datetime.now(UTC))
    """Without an offset it is a time of the person's zone."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """The person's, an IANA name."""
    services: tuple[str, ...] = ()
    """The catalogue."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Read an object; null counts as left out.

        Raises:
            UserInputError: naming what is missing or wrong.
        """
        try:
            return cls.model_validate({key: value for key, value in row.items() if value is not None})
        except ValidationError as error:
            raise UserInputError("; ".join(_faults(error))) from None

    @property
    def moment(self) -> datetime:
        """Now, with a time zone."""
        return self.now if self.now.tzinfo else self.now.replace(tzinfo=ZoneInfo(self.timezone))

    @property
    def around(self) -> Around:
        """The same for `core.nlp.interpreter`."""
        return Around(services=self.services, now=self.moment, timezone=self.timezone)


class Sentence(Surroundings):
    """A message without what was said before it."""

    text: str


class Turn(BaseModel):
    """A message of a conversation, and what the bot said to it."""

    model_config = ConfigDict(frozen=True)

    text: str
    reply: str | None = None


class Conversation(Surroundings):
    """Messages of one person to the bot, in order."""

    turns: tuple[Turn, ...]


class Request(Sentence):
    """A sentence to be translated to a query."""

    language: Annotated[Language, BeforeValidator(_lower)]


def parse(line: bytes) -> dict[str, Any]:
    """The object on a line, which can be written as JSON again.

    Raises:
        UserInputError: it is none, with the reason.
    """
    if not line.strip():
        raise UserInputError("This line is empty.", hint=_HINT)
    try:
        found = json.loads(line, parse_constant=_refused, parse_float=_finite)
        json.dumps(found)  # writing reaches its limit of nesting a little earlier than reading
    except RecursionError:
        raise UserInputError("This line is nested too deep.") from None
    except ValueError as error:
        raise UserInputError(f"This line is no JSON: {error}.", hint=_HINT) from None
    if not isinstance(found, dict):
        raise UserInputError(f"This line is no JSON object but {_kind(found)}.", hint=_HINT)
    return found


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _refused(text)


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number that JSON knows")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "a number"


def _faults(error: ValidationError) -> list[str]:
    """What is wrong, one a field."""
    return [
        f"{'.'.join(map(str, fault['loc']))} is missing"
        if fault["type"] == "missing"
        else f"{'.'.join(map(str, fault['loc']))}: {_expectation(fault['msg'])}"
        for fault in error.errors(include_url=False)
    ]


def _expectation(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "expected", 1)
