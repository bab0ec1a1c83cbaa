"""LogQL as values: what the builder makes, the printer prints and the reader reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

MatchOp: TypeAlias = Literal["=", "!=", "=~", "!~"]
LineOp: TypeAlias = Literal["|=", "!=", "|~", "!~", "|>", "!>"]
CompareOp: TypeAlias = Literal["=", "==", "!=", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label. Regular expressions of matchers are anchored at both ends."""

    label: str
    op: MatchOp
    value: str


@dataclass(frozen=True, slots=True)
class Address:
    """`ip("10.0.0.0/8")`: an address, a range of addresses or a CIDR block."""

    value: str


@dataclass(frozen=True, slots=True)
class LineFilter:
    """What a line holds, or not; several values are alternatives."""

    op: LineOp
    values: tuple["str | Address", ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number (`500`), a duration (`1.5s`) or a size (`20MB`), as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A label against a number, duration, size or address."""

    label: str
    op: CompareOp
    value: "Quantity | Address"


@dataclass(frozen=True, slots=True)
class Every:
    """All of these conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these conditions."""

    parts: tuple["Condition", ...]


Condition: TypeAlias = Matcher | Compare | Every | Either


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """A condition on labels, extracted ones among them."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Parser:
    """Labels made from the line: `json`, `logfmt`, `unpack`, `pattern "…"`, `regexp "…"`."""

    name: str
    pattern: str | None = None
    flags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str | None], ...] = ()
    """Label and the expression that it comes from; None: the field of the same name."""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """The line written anew by a Go template."""

    template: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """The value of another label."""

    label: str


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """Labels renamed, or written by Go templates."""

    labels: tuple[tuple[str, "Renamed | str"], ...]


@dataclass(frozen=True, slots=True)
class Decolorize:
    """Colours of terminals taken out of the line."""


@dataclass(frozen=True, slots=True)
class Labels:
    """`drop` or `keep` labels, by name or by what they hold."""

    action: Literal["drop", "keep"]
    labels: tuple["str | Matcher", ...]


@dataclass(frozen=True, slots=True)
class Unwrap:
    """The label whose number is aggregated; only inside ranges."""

    label: str
    conversion: Literal["", "bytes", "duration", "duration_seconds"] = ""


Stage: TypeAlias = LineFilter | LabelFilter | Parser | LineFormat | LabelFormat | Decolorize | Labels | Unwrap


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines of the streams that match, piped through stages."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """`by` or `without` these labels."""

    labels: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A function over the lines of a span of time: `count_over_time`, `rate`, `quantile_over_time` …"""

    function: str
    logs: Logs
    range: str
    offset: str = ""
    param: str = ""
    """The quantile."""
    grouping: Grouping | None = None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Many series folded into few: `sum`, `topk` …; `param` is the k."""

    function: str
    expr: "Metric"
    grouping: Grouping | None = None
    param: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of the two sides of an operator find each other."""

    labels: tuple[str, ...] = ()
    ignoring: bool = True
    group: Literal["", "left", "right"] = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two metrics with an operator between them."""

    op: str
    left: "Metric"
    right: "Metric"
    as_bool: bool = False
    matching: Matching | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Vector:
    """A number as a series without labels."""

    text: str


@dataclass(frozen=True, slots=True)
class LabelReplace:
    """`label_replace(expr, target, replacement, source, regex)`."""

    expr: "Metric"
    arguments: tuple[str, str, str, str]


Metric: TypeAlias = Range | Aggregation | Binary | Number | Vector | LabelReplace
Query: TypeAlias = Logs | Metric


def walk(query: Query) -> Iterator[Query]:
    """The query and every one inside it, outermost first."""
    yield query
    match query:
        case Range(logs=logs):
            yield logs
        case Aggregation(expr=expr) | LabelReplace(expr=expr):
            yield from walk(expr)
        case Binary(left=left, right=right):
            yield from walk(left)
            yield from walk(right)
        case _:
            pass


def conditions(condition: Condition) -> Iterator[Matcher | Compare]:
    """The single conditions inside."""
    match condition:
        case Every(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from conditions(part)
        case _:
            yield condition
