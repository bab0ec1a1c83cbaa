"""Tools: what the bot can do to or learn from other systems, by name."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.errors import Failure, NotFoundError, describe


class Risk(StrEnum):
    """What a call may do to the world."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    """Cannot be undone by another call."""


class ValueType(StrEnum):
    """What a tool's parameter or output holds."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class ToolParameter:
    """One input of a tool."""

    type: ValueType = ValueType.STRING
    required: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read more."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """How a call ended: a closed value that is stored and shown."""

    ok: bool = True
    outputs: dict[str, str | int | float | bool] = field(default_factory=dict)
    text: str = ""
    """One line for people, in our Markdown."""
    links: tuple[Link, ...] = ()
    failure: Failure | None = None
    """Set when not `ok`."""

    @classmethod
    def failed(cls, error: BaseException) -> "ToolResult":
        """The result that stands for an exception."""
        return cls(ok=False, failure=describe(error))


Progress = Callable[[float | None, str], Awaitable[None]]
"""`await progress(fraction, text)`: fraction from 0 to 1, None when unknown. Cheap; call it as often as you like."""


async def no_progress(fraction: float | None, text: str) -> None:
    """Drop the report; for calls that nobody watches."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a call knows of its caller."""

    idempotency_key: str
    """The same over all attempts of one step: two calls with one key have one effect, where the tool is idempotent."""
    progress: Progress = no_progress
    deadline: datetime | None = None
    """The call is cancelled then."""
    correlation: str = ""
    traceparent: str = ""


class Tool(Protocol):
    """One thing that can be called. Raises `core.errors` only."""

    @property
    def name(self) -> str:
        """Dotted: `delivery.deploy`."""
        ...

    @property
    def summary(self) -> str:
        """One line, imperative."""
        ...

    @property
    def risk(self) -> Risk: ...

    @property
    def parameters(self) -> Mapping[str, ToolParameter]: ...

    @property
    def outputs(self) -> Mapping[str, ValueType]:
        """What `ToolResult.outputs` holds after success."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether two calls with one idempotency key have one effect. Otherwise a person is asked before a second one."""
        ...

    async def call(self, parameters: Mapping[str, str | int | float | bool], context: ToolContext) -> ToolResult:
        """Do it. Cancelled when the run is cancelled or the time limit passed."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """A tool made of an async function."""

    name: str
    summary: str
    risk: Risk
    function: Callable[[Mapping[str, str | int | float | bool], ToolContext], Awaitable[ToolResult]]
    parameters: Mapping[str, ToolParameter] = field(default_factory=dict)
    outputs: Mapping[str, ValueType] = field(default_factory=dict)
    idempotent: bool = True

    async def call(self, parameters: Mapping[str, str | int | float | bool], context: ToolContext) -> ToolResult:
        """Call the function."""
        return await self.function(parameters, context)


class Toolbox:
    """The tools of this installation, from explicit lists."""

    def __init__(self, *lists: Iterable[Tool]) -> None:
        """ValueError when two tools share a name."""
        self._tools: dict[str, Tool] = {}
        for tool in (tool for tools in lists for tool in tools):
            if tool.name in self._tools:
                raise ValueError(f"two tools are named {tool.name}")
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def find(self, name: str) -> Tool | None:
        """The tool of this name, or None."""
        return self._tools.get(name)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._tools))

    def get(self, name: str) -> Tool:
        """The tool of this name; NotFoundError when there is none."""
        tool = self.find(name)
        if tool is None:
            raise NotFoundError(f"There is no tool {name}.", hint="The integration that offers it may be switched off.")
        return tool
