"""Floors: what a figure must not fall under (or, of errors, rise over), a file beside the sets that it names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.errors import DefinitionError, Problem, UserInputError


class Bounds(BaseModel):
    """Of the figures of one set, by their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: dict[str, float] = {}
    at_most: dict[str, float] = {}


Floors: TypeAlias = Annotated[dict[str, Bounds], Field(min_length=1)]
"""File of a set, beside the file of floors → its bounds."""
_FLOORS: TypeAdapter[Floors] = TypeAdapter(Floors)


def read(path: Path) -> Floors:
    """Read a file of floors, YAML or JSON.

    Raises:
        DefinitionError: it is none, with the reasons.
        UserInputError: it cannot be read.
    """
    try:
        return _FLOORS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserInputError(f"Cannot read {path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DefinitionError((Problem(str(path), 1, " ".join(str(error).split())),)) from None
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise DefinitionError(
            tuple(Problem(str(path), 1, f"{'.'.join(map(str, one['loc']))}: {one['msg']}") for one in faults)
        ) from None


def breaches(floors: Mapping[str, Bounds], found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What breaks its bounds, of figures by set and name; a bound on a figure that the set does not give is broken, too."""
    for name, bounds in floors.items():
        for figure in (*bounds.at_least, *bounds.at_most):
            value = found[name].get(figure)
            floor, ceiling = bounds.at_least.get(figure), bounds.at_most.get(figure)
            if value is None:
                yield f"{name} gives no {figure}; it gives {', '.join(found[name])}"
            elif floor is not None and value < floor:
                yield f"{name}: {figure} is {value:.3f}, under its floor of {floor:g}"
            elif ceiling is not None and value > ceiling:
                yield f"{name}: {figure} is {value:.3f}, over its ceiling of {ceiling:g}"
