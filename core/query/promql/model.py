"""PromQL as values: what the builder makes, the printer prints, the reader reads, and checks and explanations walk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, TypeAlias

MatchOp: TypeAlias = Literal["=", "!=", "=~", "!~"]
At: TypeAlias = float | Literal["start", "end"] | None
"""Where `@` fixes the evaluation: Unix seconds, or an end of the graph's window."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label. Regular expressions are anchored at both ends, as Prometheus does."""

    label: str
    op: MatchOp
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """Time series by name and labels; with a range, their samples of that long."""

    metric: str
    """ "" where only matchers select."""
    matchers: tuple[Matcher, ...] = ()
    range: timedelta | None = None
    offset: timedelta = timedelta(0)
    at: At = None


@dataclass(frozen=True, slots=True)
class Subquery:
    """An expression evaluated again and again over a range."""

    expr: "Node"
    range: timedelta
    step: timedelta | None = None
    """None: the server's evaluation interval."""
    offset: timedelta = timedelta(0)
    at: At = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to its arguments."""

    function: str
    args: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """`by` or `without` these labels. `by ()` is the same as no grouping, and is stored as none."""

    labels: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Many series folded into few: `sum`, `avg`, `topk` …; `param` is the k, the quantile or the label."""

    op: str
    expr: "Node"
    grouping: Grouping | None = None
    param: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of the two sides of an operator find each other."""

    labels: tuple[str, ...] = ()
    ignoring: bool = True
    """`ignoring (labels)`, else `on (labels)`."""
    group: Literal["", "left", "right"] = ""
    """The side of which several series may match one of the other."""
    include: tuple[str, ...] = ()
    """Labels taken over from the other side."""


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions with an operator between them. `as_bool`: a comparison gives 0 or 1 and drops nothing."""

    op: str
    left: "Node"
    right: "Node"
    as_bool: bool = False
    matching: Matching | None = None


@dataclass(frozen=True, slots=True)
class Negation:
    """The unary minus."""

    expr: "Node"


@dataclass(frozen=True, slots=True)
class Number:
    """A number, also as a duration in seconds."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string, as some functions take."""

    value: str


Node: TypeAlias = Selector | Subquery | Call | Aggregation | Binary | Negation | Number | Text

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
SET_OPERATORS = frozenset({"and", "or", "unless"})


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly inside, in the order in which they are printed."""
    match node:
        case Subquery(expr=expr) | Negation(expr=expr):
            return (expr,)
        case Call(args=args):
            return args
        case Aggregation(expr=expr, param=param):
            return (expr,) if param is None else (param, expr)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The expression and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def selectors(node: Node) -> Iterator[Selector]:
    """Everything inside that reads series, outermost first."""
    return (inner for inner in walk(node) if isinstance(inner, Selector))


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same tree with `change` applied to every node, innermost first."""
    match node:
        case Subquery() | Negation():
            inner: Node = replace(node, expr=rebuilt(node.expr, change))
        case Call():
            inner = replace(node, args=tuple(rebuilt(arg, change) for arg in node.args))
        case Aggregation():
            param = None if node.param is None else rebuilt(node.param, change)
            inner = replace(node, expr=rebuilt(node.expr, change), param=param)
        case Binary():
            inner = replace(node, left=rebuilt(node.left, change), right=rebuilt(node.right, change))
        case _:
            inner = node
    return change(inner)


def normalised(node: Node) -> Node:
    """The tree with matchers and label lists in one order: equal trees ask the same, whatever the spelling."""
    return rebuilt(node, _sorted)


def _sorted(node: Node) -> Node:
    match node:
        case Selector():
            return replace(node, matchers=tuple(sorted(node.matchers, key=lambda m: (m.label, m.op, m.value))))
        case Aggregation(grouping=Grouping() as grouping):
            return replace(node, grouping=replace(grouping, labels=tuple(sorted(grouping.labels))))
        case Binary(matching=Matching() as matching):
            labels, include = tuple(sorted(matching.labels)), tuple(sorted(matching.include))
            return replace(node, matching=replace(matching, labels=labels, include=include))
        case _:
            return node
