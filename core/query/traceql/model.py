"""TraceQL as values: what the builder makes, the printer prints and the reader reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

LOGIC = ("&&", "||")
COMPARISONS = ("=", "!=", ">", ">=", "<", "<=", "=~", "!~")
STRUCTURE = (">>", ">", "<<", "<", "~", "!>>", "!>", "!<<", "!<", "!~", "&>>", "&>", "&<<", "&<", "&~")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a span: `span.http.route`, `resource.service.name`, `.any`, `parent.resource.x`."""

    scope: str
    """ "", span, resource, event, link, instrumentation, and any of the first three behind `parent.`"""
    name: str


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """What every span has: `duration`, `name`, `status`, `kind`, `traceDuration`, `trace:id` …"""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a duration, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """`nil`, `true`, `false`, a status or a kind."""

    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Two expressions with an operator between them."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-` before an expression."""

    op: str
    expr: "Expression"


Expression: TypeAlias = Attribute | Intrinsic | Text | Quantity | Keyword | Operation | Unary


@dataclass(frozen=True, slots=True)
class Filter:
    """Spans for which the condition holds; None: all."""

    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """Spansets of one trace in logic (`&&`, `||`) or in structure (`>>` is above, `>` directly above, `~` beside)."""

    op: str
    left: "Spanset"
    right: "Spanset"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A number made of a spanset: `count()`, `avg(duration)`."""

    function: str
    expr: Expression | None = None


@dataclass(frozen=True, slots=True)
class Piped:
    """The number at the end of a pipeline in parentheses: `({ … } | count())`."""

    pipeline: "Pipeline"
    scalar: "Scalar"


@dataclass(frozen=True, slots=True)
class ScalarOperation:
    """Arithmetic of such numbers."""

    op: str
    left: "Scalar"
    right: "Scalar"


Scalar: TypeAlias = Aggregate | Piped | ScalarOperation | Quantity


@dataclass(frozen=True, slots=True)
class ScalarFilter:
    """Keeps the spansets whose numbers compare so."""

    op: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class By:
    """Spansets split by a value."""

    expr: Expression


@dataclass(frozen=True, slots=True)
class Coalesce:
    """Spansets of a trace put together again."""


@dataclass(frozen=True, slots=True)
class Select:
    """Values that come along with the answer."""

    fields: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages, each fed by the one before."""

    stages: tuple["Stage", ...]


Spanset: TypeAlias = Filter | Combined | Pipeline
Stage: TypeAlias = Filter | Combined | ScalarFilter | By | Coalesce | Select | Pipeline


@dataclass(frozen=True, slots=True)
class Metric:
    """A series over time: `rate()`, `quantile_over_time(duration, .95)`, `compare({ status = error })`."""

    function: str
    arguments: tuple["Expression | Filter", ...] = ()
    by: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The largest or smallest series: `topk(5)`, `bottomk(5)`."""

    function: str
    count: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Points of series that compare so."""

    op: str
    value: Quantity


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; with a metric it gives series, else traces."""

    pipeline: Pipeline
    metric: Metric | None = None
    cuts: tuple["Cut | Limit", ...] = ()
    hints: tuple[tuple[str, Expression], ...] = ()


def every(parts: tuple[Expression, ...]) -> Expression | None:
    """All of these conditions."""
    made: Expression | None = None
    for part in parts:
        made = part if made is None else Operation("&&", made, part)
    return made


def conjuncts(expr: Expression | None) -> Iterator[Expression]:
    """The conditions that must all hold; none for no condition."""
    if isinstance(expr, Operation) and expr.op == "&&":
        yield from conjuncts(expr.left)
        yield from conjuncts(expr.right)
    elif expr is not None:
        yield expr


def filters(part: "Query | Stage | Scalar") -> Iterator[Filter]:
    """All spansets that are chosen by conditions, as they are written."""
    match part:
        case Query(pipeline=pipeline):
            yield from filters(pipeline)
        case Filter():
            yield part
        case Pipeline(stages=stages):
            for stage in stages:
                yield from filters(stage)
        case Combined(left=left, right=right):
            yield from filters(left)
            yield from filters(right)
        case ScalarFilter(left=one, right=other) | ScalarOperation(left=one, right=other):
            yield from filters(one)
            yield from filters(other)
        case Piped(pipeline=pipeline, scalar=scalar):
            yield from filters(pipeline)
            yield from filters(scalar)
        case _:
            pass


def expressions(expr: Expression) -> Iterator[Expression]:
    """The expression and those inside it."""
    yield expr
    match expr:
        case Operation(left=left, right=right):
            yield from expressions(left)
            yield from expressions(right)
        case Unary(expr=inner):
            yield from expressions(inner)
        case _:
            pass
