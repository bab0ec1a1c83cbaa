"""Prints PromQL. Every name and value is quoted or checked here, so no text of a person becomes syntax."""

import math
import re
from datetime import timedelta

from core.query.promql.model import (
    COMPARISONS,
    Aggregation,
    At,
    Binary,
    Call,
    Grouping,
    Matching,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
)

_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *(
            "and",
            "or",
            "unless",
            "atan2",
            "by",
            "without",
            "on",
            "ignoring",
            "group_left",
            "group_right",
            "bool",
            "offset",
            "start",
            "end",
        ),
        *(
            "inf",
            "nan",
            "sum",
            "avg",
            "count",
            "min",
            "max",
            "group",
            "stddev",
            "stdvar",
            "topk",
            "bottomk",
            "quantile",
            "count_values",
        ),
        *("limitk", "limit_ratio"),
    }
)
"""Words that the grammar takes for itself, in any case; a metric of such a name is selected by `__name__`."""
_PRECEDENCE = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(COMPARISONS, 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "atan2": 5,
    "^": 7,
}
"""Of the operators; a minus before an expression binds at 6. Source: prometheus.io, querying/operators."""
_UNARY = 6
_ATOM = 9
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def show(node: Node) -> str:
    """The query as text on one line. Reading it gives the same tree.

    Raises:
        ValueError: a label or function name that PromQL cannot write; names of people never get that far.
    """
    match node:
        case Selector():
            return _selector(node)
        case Subquery():
            inner = _inside(node.expr, _ATOM)
            return f"{inner}[{duration(node.range)}:{duration(node.step) if node.step else ''}]{_when(node)}"
        case Call():
            return f"{_name(node.function)}({', '.join(map(show, node.args))})"
        case Aggregation():
            param = "" if node.param is None else f"{show(node.param)}, "
            return f"{_name(node.op)}{_grouping(node.grouping)}({param}{show(node.expr)})"
        case Binary():
            return _binary(node)
        case Negation():
            return f"-{_inside(node.expr, _UNARY)}"
        case Number():
            return number(node.value)
        case Text():
            return quoted(node.value)


def quoted(value: str) -> str:
    """A string literal with Go's escapes. Half characters, which no label can hold, become question marks."""
    text = value.encode("utf-8", "replace").decode()
    return '"' + "".join(_escaped(character) for character in text) + '"'


def duration(value: timedelta) -> str:
    """1h30m and the like, largest unit first; "0s" for none."""
    left = round(abs(value) / timedelta(milliseconds=1))
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if value < timedelta(0) else "") + ("".join(parts) or "0s")


def number(value: float) -> str:
    """The shortest text that reads back as this number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x20 or code == 0x7F else character


def _selector(node: Selector) -> str:
    matchers = [f"{_name(m.label)}{m.op}{quoted(m.value)}" for m in node.matchers]
    name = node.metric
    if name and (not _METRIC.fullmatch(name) or name.lower() in _RESERVED):
        matchers.insert(0, f"__name__={quoted(name)}")
        name = ""
    braces = f"{{{','.join(matchers)}}}" if matchers else ""
    return f"{name}{braces}{f'[{duration(node.range)}]' if node.range else ''}{_when(node)}"


def _when(node: Selector | Subquery) -> str:
    offset = f" offset {duration(node.offset)}" if node.offset else ""
    return f"{_at(node.at)}{offset}"


def _at(at: At) -> str:
    if at is None:
        return ""
    return f" @ {at}()" if isinstance(at, str) else f" @ {number(at)}"


def _name(name: str) -> str:
    if not _LABEL.fullmatch(name):
        raise ValueError(f"{name!r} is no label or function name")
    return name


def _labels(labels: tuple[str, ...]) -> str:
    return f"({', '.join(map(_name, labels))})"


def _grouping(grouping: Grouping | None) -> str:
    return "" if grouping is None else f" {'without' if grouping.without else 'by'} {_labels(grouping.labels)} "


def _binary(node: Binary) -> str:
    rank = _PRECEDENCE[node.op]
    # Operators bind to the left, except ^.
    left = _inside(node.left, rank + (node.op == "^"))
    right = _inside(node.right, rank + (node.op != "^"))
    return f"{left} {node.op}{' bool' if node.as_bool else ''}{_matching(node.matching)} {right}"


def _matching(matching: Matching | None) -> str:
    if matching is None:
        return ""
    group = f" group_{matching.group} {_labels(matching.include)}" if matching.group else ""
    return f" {'ignoring' if matching.ignoring else 'on'} {_labels(matching.labels)}{group}"


def _inside(node: Node, rank: int) -> str:
    """In parentheses where it binds less tightly than its place asks for."""
    text = show(node)
    return text if _rank(node) >= rank else f"({text})"


def _rank(node: Node) -> int:
    match node:
        case Binary():
            return _PRECEDENCE[node.op]
        case Negation():
            return _UNARY
        case Number(value=value):
            # -1 ^ 2 is -(1 ^ 2); a bare number takes no brackets behind it.
            return _UNARY if value < 0 else _ATOM - 1
        case Selector() | Subquery():
            return _ATOM - 1 if node.range or node.offset or node.at is not None else _ATOM
        case Text():
            return _ATOM - 1
        case _:
            return _ATOM
