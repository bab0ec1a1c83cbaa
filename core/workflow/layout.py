"""Where everything stands in the picture of a workflow or of a run: boxes for steps, frames for blocks, arrows for what needs what.

Lengths are in pixels, from the upper left corner. What a loop repeats is drawn once, with how many of its rounds are how far. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from unicodedata import east_asian_width

from core.workflow.definition import Block, Definition, Step
from core.workflow.layered import Point, arrange
from core.workflow.marks import Mark, marks, said_of
from core.workflow.run import Run

LINE = 15.0
"""Between two lines of text."""
HEAD = 24.0
"""Of a frame, for its title."""
_LETTER = 7.0
"""Width, on average."""
_TITLE = 1.25
"""Of the width of other text: the title of the whole is larger, and bold."""
_LETTERS = 26
"""Of a line."""
_PADDING = 12.0
_NARROWEST = 80.0
_POINTED = 14.0
"""How much a box that ends in points is wider at each end."""


@dataclass(frozen=True, slots=True)
class Box:
    """A step."""

    id: str
    type: str
    """action, approval, condition or wait: how it is drawn."""
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    """Its title."""
    detail: str = ""
    state: str = ""
    """As in `core.workflow.marks`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A block, around what stands in it."""

    id: str
    x: float
    y: float
    width: float
    height: float
    title: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    width: float
    height: float
    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()
    """Each before those within it."""
    arrows: tuple[tuple[Point, ...], ...] = ()
    """From a step that must be over to one that needs it."""
    title: str = ""
    kind: Literal["graph"] = "graph"

    def moved(self, x: float, y: float) -> "Picture":
        """The same further right and down; the size stays."""
        return replace(
            self,
            boxes=tuple(replace(box, x=box.x + x, y=box.y + y) for box in self.boxes),
            frames=tuple(replace(frame, x=frame.x + x, y=frame.y + y) for frame in self.frames),
            arrows=tuple(tuple((px + x, py + y) for px, py in arrow) for arrow in self.arrows),
        )


def of_definition(definition: Definition) -> Picture:
    """The picture of a workflow."""
    return _whole(definition, {}, f"{definition.title} ({definition.name} {definition.version})")


def of_run(run: Run) -> Picture:
    """The picture of a run as it stands."""
    return _whole(run.definition, marks(run), f"{run.definition.title} ({run.id}): {run.status.replace('_', ' ')}")


def _whole(definition: Definition, marked: Mapping[str, Mark], title: str) -> Picture:
    inside: dict[str, list[Step]] = {}
    for step in definition.steps:
        inside.setdefault(step.block, []).append(step)
    drawn = _inside("", inside, marked)
    width = max(drawn.width, _TITLE * width_of(title)) + 2 * _PADDING
    moved = drawn.moved((width - drawn.width) / 2, HEAD + _PADDING)
    return replace(moved, width=width, height=drawn.height + HEAD + 2 * _PADDING, title=title)


def _inside(block: str, steps: Mapping[str, list[Step]], marked: Mapping[str, Mark]) -> Picture:
    """What stands directly in a block; of "" all."""
    parts: dict[str, Picture] = {}
    for step in steps.get(block, ()):
        mark = marked.get(step.id, Mark())
        within = _inside(step.id, steps, marked) if isinstance(step, Block) else None
        parts[step.id] = _box(step, mark) if within is None else _frame(step, mark, within)
    arranged = arrange({id_: (part.width, part.height) for id_, part in parts.items()}, _told(steps.get(block, ())))
    placed = [parts[id_].moved(*corner) for id_, corner in arranged.corners.items()]
    return Picture(
        arranged.width,
        arranged.height,
        tuple(box for part in placed for box in part.boxes),
        tuple(frame for part in placed for frame in part.frames),
        (*(arrow for part in placed for arrow in part.arrows), *arranged.routes),
    )


def _told(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """What needs what, without what follows from the rest: a step after both ways of a condition is after the condition."""
    earlier: dict[str, set[str]] = {}
    arrows = []
    for step in steps:
        needs = [need for need in step.needs if need in earlier]
        implied = {id_ for need in needs for id_ in earlier[need]}
        arrows += [(need, step.id) for need in needs if need not in implied]
        earlier[step.id] = implied.union(needs)
    return arrows


def _frame(step: Step, mark: Mark, within: Picture) -> Picture:
    title = " · ".join(part for part in (step.title, mark.detail or said_of(step)) if part)
    title = wrapped(title, letters=2 * _LETTERS, most=1)[0]
    width = max(within.width, width_of(title)) + 2 * _PADDING
    height = within.height + HEAD + 1.5 * _PADDING
    moved = within.moved((width - within.width) / 2, HEAD + _PADDING / 2)
    frame = Frame(step.id, 0, 0, width, height, title, mark.state)
    return Picture(width, height, moved.boxes, (frame, *moved.frames), moved.arrows)


def _box(step: Step, mark: Mark) -> Picture:
    lines = wrapped(step.title, letters=_LETTERS, most=2)
    detail = next(iter(wrapped(mark.detail or said_of(step), letters=_LETTERS + 8, most=1)), "")
    pointed = _POINTED if step.type in ("approval", "condition") else 0.0
    text = max(_NARROWEST, *map(width_of, lines), 0.85 * width_of(detail))
    width, height = text + 2 * (_PADDING + pointed), LINE * (len(lines) + bool(detail)) + 1.2 * _PADDING
    return Picture(width, height, (Box(step.id, step.type, 0, 0, width, height, lines, detail, mark.state),))


# --- text ------------------------------------------------------------------------------------------------


def width_of(text: str) -> float:
    """About how wide a line of text is."""
    return _LETTER * sum(_cells(letter) for letter in text)


def wrapped(text: str, *, letters: int, most: int) -> tuple[str, ...]:
    """The text in lines of at most so many letters (wide ones count twice); what does not fit ends in "…"."""
    lines: list[str] = []
    left = " ".join(text.split())
    while left:
        line = _fitting(left, letters)
        if len(line) < len(left) and len(lines) == most - 1:
            return (*lines, _fitting(left, letters - 1, words=False) + "…")
        lines.append(line.rstrip())
        left = left[len(line) :].lstrip()
    return tuple(lines)


def _fitting(text: str, letters: int, *, words: bool = True) -> str:
    """How it begins, as far as it fits; up to the end of a word where there is one."""
    used = 0
    for index, letter in enumerate(text):
        used += _cells(letter)
        if used > letters:
            space = text.rfind(" ", 0, index + 1) if words else -1
            return text[: space if space > 0 else max(1, index)]
    return text


def _cells(letter: str) -> int:
    return 2 if east_asian_width(letter) in "WF" else 1
