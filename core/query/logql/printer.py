"""Prints LogQL. Every name and string of the model is checked or quoted here, so nothing that a person typed becomes syntax."""

import re

from core.query.literals import quoted
from core.query.logql.model import (
    Address,
    Aggregation,
    Binary,
    Compare,
    Condition,
    Decolorize,
    Either,
    Every,
    Grouping,
    LabelFilter,
    LabelFormat,
    LabelReplace,
    Labels,
    LineFilter,
    LineFormat,
    Logs,
    Matcher,
    Matching,
    Number,
    Parser,
    Quantity,
    Query,
    Range,
    Renamed,
    Stage,
    Unwrap,
    Vector,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUANTITY = re.compile(r"[-+]?[0-9][0-9A-Za-z.µ+-]*")
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<="), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "^": 6,
}
_SIGNED = 5
_ATOM = 9


def show(query: Query) -> str:
    """The query as text, in one line."""
    match query:
        case Logs():
            return " ".join([selector(query.matchers), *map(_stage, query.stages)])
        case Range():
            param = f"{_quantity(query.param)}, " if query.param else ""
            offset = f" offset {_quantity(query.offset)}" if query.offset else ""
            inside = f"{param}{show(query.logs)} [{_quantity(query.range)}]{offset}"
            return f"{query.function}({inside}){_grouping(query.grouping)}"
        case Aggregation():
            param = f"{_quantity(query.param)}, " if query.param else ""
            grouping = f"{_grouping(query.grouping)} " if query.grouping else ""
            return f"{query.function}{grouping}({param}{show(query.expr)})"
        case Binary():
            return _binary(query)
        case Number(text=text):
            return _quantity(text)
        case Vector(text=text):
            return f"vector({_quantity(text)})"
        case LabelReplace():
            return f"label_replace({show(query.expr)}, {', '.join(map(quoted, query.arguments))})"


def selector(matchers: tuple[Matcher, ...]) -> str:
    """Which streams: `{service="auth", environment="production"}`."""
    return f"{{{', '.join(map(_matcher, matchers))}}}"


def _stage(stage: Stage) -> str:
    match stage:
        case LineFilter(op=op, values=values):
            return f"{op} {' or '.join(map(_line_value, values))}"
        case LabelFilter(condition=condition):
            return f"| {_condition(condition)}"
        case Parser():
            return f"| {_parser(stage)}"
        case LineFormat(template=template):
            return f"| line_format {quoted(template)}"
        case LabelFormat(labels=labels):
            made = (f"{_name(label)}={_name(v.label) if isinstance(v, Renamed) else quoted(v)}" for label, v in labels)
            return f"| label_format {', '.join(made)}"
        case Decolorize():
            return "| decolorize"
        case Labels(action=action, labels=names):
            return f"| {action} {', '.join(_matcher(n) if isinstance(n, Matcher) else _name(n) for n in names)}"
        case Unwrap(label=label, conversion=conversion):
            return f"| unwrap {f'{conversion}({_name(label)})' if conversion else _name(label)}"


def _parser(parser: Parser) -> str:
    fields = ", ".join(f"{_name(label)}={quoted(e)}" if e is not None else _name(label) for label, e in parser.fields)
    pattern = quoted(parser.pattern) if parser.pattern is not None else ""
    return " ".join(part for part in (parser.name, pattern, *parser.flags, fields) if part)


def _line_value(value: "str | Address") -> str:
    return f"ip({quoted(value.value)})" if isinstance(value, Address) else quoted(value)


def _condition(condition: Condition) -> str:
    match condition:
        case Matcher():
            return _matcher(condition)
        case Compare(label=label, op=op, value=value):
            shown = f"ip({quoted(value.value)})" if isinstance(value, Address) else _quantity(value.text)
            return f"{_name(label)} {op} {shown}"
        case Every(parts=parts):
            return " and ".join(f"({_condition(p)})" if isinstance(p, Either | Every) else _condition(p) for p in parts)
        case Either(parts=parts):
            return " or ".join(f"({_condition(p)})" if isinstance(p, Either) else _condition(p) for p in parts)


def _matcher(matcher: Matcher) -> str:
    return f"{_name(matcher.label)}{matcher.op}{quoted(matcher.value)}"


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no label")
    return name


def _quantity(quantity: "Quantity | str") -> str:
    text = quantity.text if isinstance(quantity, Quantity) else quantity
    if not _QUANTITY.fullmatch(text):
        raise ValueError(f"{text!r} is no number, duration or size")
    return text


def _grouping(grouping: Grouping | None) -> str:
    if grouping is None:
        return ""
    return f" {'without' if grouping.without else 'by'} ({', '.join(map(_name, grouping.labels))})"


def _binary(query: Binary) -> str:
    rank = PRECEDENCE[query.op]
    # Operators bind to the left, except ^.
    left = _inside(query.left, rank + (query.op == "^"))
    right = _inside(query.right, rank + (query.op != "^"))
    return f"{left} {query.op}{' bool' if query.as_bool else ''}{_matching(query.matching)} {right}"


def _matching(matching: Matching | None) -> str:
    if matching is None:
        return ""
    include = f" ({', '.join(map(_name, matching.include))})" if matching.include else ""
    group = f" group_{matching.group}{include}" if matching.group else ""
    return f" {'ignoring' if matching.ignoring else 'on'} ({', '.join(map(_name, matching.labels))}){group}"


def _inside(query: Query, rank: int) -> str:
    own = PRECEDENCE[query.op] if isinstance(query, Binary) else _ATOM
    if isinstance(query, Number) and query.text[0] in "+-":
        own = _SIGNED
    return show(query) if own >= rank else f"({show(query)})"
