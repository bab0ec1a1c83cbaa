"""SQL as values: what sentences become, before a dialect writes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["hour", "day", "week", "month", "hour_of_day", "weekday"]
Length: TypeAlias = Literal["second", "minute", "hour", "day"]
"""What a stretch of time is counted in."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, of a subquery, or a name that the statement gave."""

    name: str
    table: str = ""
    """Needed only where several are read."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a person wrote or meant: always bound, never part of the text. `name`: of the parameter."""

    name: str
    value: str | datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A number of our own or of a limit."""

    value: float


@dataclass(frozen=True, slots=True)
class Instant:
    """A time as it can be compared, whatever way it is kept."""

    expr: "Expression"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The stretch between two times, as a number; null while one is missing."""

    start: "Expression"
    end: "Expression"
    unit: Length = "minute"


@dataclass(frozen=True, slots=True)
class Bucket:
    """The hour, day, week (from Monday) or month of a time; its hour of 24, or its day of the week (0 is Sunday)."""

    unit: Unit
    expr: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A function that both databases know: COUNT, AVG, LOWER, COALESCE, NULLIF …; COUNT without arguments counts rows."""

    function: str
    args: tuple["Expression", ...] = ()
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * /` of numbers; a division of whole numbers is not rounded by either database, as one side is made a fraction."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Share:
    """Percent of the rows for which the condition holds."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Percent:
    """How much of the whole a part is, in percent; null of nothing."""

    part: "Expression"
    whole: "Expression"
    factor: float = 100
    """1: the plain ratio."""


@dataclass(frozen=True, slots=True)
class When:
    """The expression where all conditions hold, else null."""

    conditions: tuple["Condition", ...]
    expr: "Expression"


@dataclass(frozen=True, slots=True)
class Label:
    """One of two words of our own, by whether the condition holds."""

    condition: "Condition"
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Over:
    """A window function: RANK, ROW_NUMBER, LAG …"""

    call: Call
    partition: tuple["Expression", ...] = ()
    order: tuple["Order", ...] = ()
    rows: int = 0
    """This row and those before it, so many in all; 0: as the database has it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """The one value that a statement gives: "longer than the average"."""

    select: "Select"


Expression: TypeAlias = (
    Column
    | Value
    | Number
    | Instant
    | Elapsed
    | Bucket
    | Call
    | Arithmetic
    | Share
    | Percent
    | When
    | Label
    | Over
    | Scalar
)


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison: = <> > >= < <= LIKE or NOT LIKE."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column is one of these values, or none of them."""

    expr: "Expression"
    values: tuple[Value, ...]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class PartOf:
    """The hour of day, or the weekday, is one of these numbers, or none of them: "on weekends", "between 22 and 6"."""

    bucket: Bucket
    numbers: tuple[int, ...]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """The column is null, or is not."""

    expr: "Expression"
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """One of these conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of these conditions, inside of another one."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Among:
    """The column is one of the values that a statement finds, or none of them."""

    expr: "Expression"
    select: "Select"
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """There is a row that the statement finds, or there is none."""

    select: "Select"
    negative: bool = False


Condition: TypeAlias = Compare | OneOf | PartOf | Missing | Either | Both | Among | Exists


@dataclass(frozen=True, slots=True)
class Order:
    """One key of an order."""

    expr: "Expression"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One column of the answer."""

    expr: "Expression"
    name: str = ""
    """ "": that of the column."""


@dataclass(frozen=True, slots=True)
class Join:
    """Another table, and how its rows belong to those before."""

    table: str
    on: tuple[Condition, ...]
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """A statement; all conditions hold together."""

    items: tuple[Item, ...]
    source: "str | Select"
    joins: tuple[Join, ...] = ()
    where: tuple[Condition, ...] = ()
    group: tuple["Expression", ...] = ()
    having: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = 0
    """0: none, in a subquery."""
    offset: int = 0
    """Rows that are left out before those: 1 of "the second longest"."""
    alias: str = ""
    """Another name of the source, where its table is read twice."""
