"""Reads options from a file and from variables, and says what is wrong with them. Knows no option by name."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource
from rapidfuzz import fuzz, process

from core.errors import UserInputError
from core.redaction import MASK, redact

Table = dict[str, Any]

_NEAR = 60
"""Least similarity, of 100, for "did you mean"."""
_MADE = re.compile(r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+=-]{12,}|[\w+=-]{28,}")
"""Long, with letters and digits, or very long."""
_MOST_SHOWN = 80
"""Characters of a wrong value that are repeated to the operator."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be set."""

    name: str
    """Nested ones with dots: `slack.bot_token`."""
    variable: str
    """Environment variable: `COPILOT_SLACK__BOT_TOKEN`."""
    default: str
    """As text; empty for secrets."""
    description: str
    secret: bool


def list_options(model: type[BaseModel], *, variables: str, within: str = "") -> Iterator[Option]:
    """Every option of a settings model in order of declaration. `variables`: what environment variables begin with."""
    for field, info in model.model_fields.items():
        name = f"{within}{field}"
        default = info.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            yield from list_options(type(default), variables=variables, within=f"{name}.")
            continue
        secret = isinstance(default, SecretStr) or SecretStr in get_args(info.annotation)
        variable = variables + name.upper().replace(".", "__")
        yield Option(name, variable, "" if secret else str(default), info.description or "", secret)


def from_file(path: Path, *, must_exist: bool) -> Table:
    """The tables of a TOML file; empty when it is missing and need not exist. UserInputError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise UserInputError(f"There is no settings file {path}.") from None
        return {}
    except OSError as error:
        raise UserInputError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserInputError(f"{path} is no valid TOML: {error}") from None


def from_variables(model: type[BaseSettings], options: Sequence[Option], environment: Mapping[str, str]) -> Table:
    """The values of the variables that name an option, nested like the model."""
    source = EnvSettingsSource(model)
    source.env_vars = {o.variable.lower(): environment[o.variable] for o in options if o.variable in environment}
    return source()


def merged(under: Table, over: Mapping[str, Any]) -> Table:
    """Both, table by table; `over` wins."""
    result = dict(under)
    for name, value in over.items():
        below = result.get(name)
        result[name] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def unknown_variables(environment: Mapping[str, str], known: Sequence[str], *, prefix: str) -> Iterator[str]:
    """A fault for every variable that begins with the prefix and sets nothing."""
    for variable in environment:
        if variable.startswith(prefix) and variable not in known:
            # What all begin with would make all alike.
            names = [name.removeprefix(prefix) for name in known]
            yield f"{prefix}{_concealed(variable.removeprefix(prefix))}: there is no such setting{_nearest(variable.removeprefix(prefix), names, prefix)}"


def faults(error: ValidationError, options: Sequence[Option], environment: Mapping[str, str]) -> Iterator[str]:
    """One line for everything that pydantic found: name, value unless it may be secret, expectation."""
    for fault in error.errors(include_url=False):
        name = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            table = name.rpartition(".")[0]
            within = f"{table}." if table else ""
            near = _nearest(name.removeprefix(within), _names(options, within), within)
            yield f"{within}{_concealed(name.removeprefix(within))}: there is no such setting{near}"
            continue
        option = next((o for o in options if f"{name}.".startswith(f"{o.name}.")), None)
        shown = _shown(fault, option)
        if option and option.variable in environment:
            name = option.variable + name.removeprefix(option.name)
        yield f"{name}{shown}: {_expectation(fault)}"


def _names(options: Sequence[Option], within: str) -> list[str]:
    """What may stand in a table: its options and the tables in it."""
    inside = (option.name.removeprefix(within) for option in options if option.name.startswith(within))
    return list(dict.fromkeys(name.partition(".")[0] for name in inside))


def _nearest(name: str, known: Sequence[str], prefix: str) -> str:
    near = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return f"; did you mean {prefix}{near[0]}?" if near else ""


def _shown(fault: ErrorDetails, option: Option | None) -> str:
    """The wrong value, when it is short and no secret."""
    value = fault["input"]
    if option is None or option.secret or not isinstance(value, str | int | float | bool) or value == "":
        return ""
    text = _concealed(repr(value))
    return f" = {text}" if len(text) <= _MOST_SHOWN else f" = {text[:_MOST_SHOWN]}…"


def _expectation(fault: ErrorDetails) -> str:
    return _concealed(fault["msg"].removeprefix("Value error, ").replace("Input should be", "expected", 1))


def _concealed(text: str) -> str:
    """What somebody wrote, without what could be a secret in the wrong place: known ones, and words as only machines make them."""
    return _MADE.sub(MASK, redact(text))
