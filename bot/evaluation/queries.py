"""Whether two queries ask the same, whatever the spelling: by their trees, and in SQL by what they find, too."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import groupby
from operator import add, mul, sub, truediv
from typing import TYPE_CHECKING, Protocol, TypeGuard

from bot.sentences import Request
from core.query.literals import seconds
from core.query.logql.model import (
    Aggregation,
    Compare,
    Condition,
    Either,
    Every,
    Grouping,
    LabelFilter,
    LineFilter,
    Matcher,
    Quantity,
    Range,
)
from core.query.traceql.model import Intrinsic
from core.query.translation import Language

if TYPE_CHECKING:
    from core.query.promql.model import Node

_UNORDERED = frozenset({"matchers", "labels", "include", "parts", "by"})
"""Fields of the models whose order says nothing."""
_COMMUTE = frozenset({"LineFilter", "LabelFilter"})
"""Stages that may change places with their like."""
_CHAINED = frozenset({"&&", "||", "and", "or"})
_MEASURES = frozenset({("Quantity", "text"), ("Range", "range"), ("Range", "offset")})
"""Durations as written: 60m and 1h are one."""
_ALTERNATIVES = re.compile(r"(\(\?i\))?(\()?([\w -]+(?:\|[\w -]+)*)(?(2)\))", re.ASCII)
"""A regular expression that only lists words, in brackets or not."""
_WORDS = re.compile(r"[\w -]+(?:\|[\w -]+)*", re.ASCII)
_GROUPED = re.compile(
    r"(?P<before>[\w =:/-]*)(?:\((?:\?:)?(?P<words>[\w -]+(?:\|[\w -]+)+)\)|\[(?P<letters>\w{2,})\])(?P<behind>[\w =:/-]*)",
    re.ASCII,
)
"""One of several words, or letters, between what is always there."""
_PLAIN = re.compile(r"[\w =:/|()-]*", re.ASCII)
_CODE = re.compile(r"[1-5][0-9][0-9]")


def same(expected: str, found: str, request: Request) -> bool:
    """Whether they ask the same.

    Raises:
        QueryRefused: one of them does not parse.
    """
    if request.language is Language.SQL:
        from bot.evaluation.answers import same_answer

        return same_answer(expected, found, request)
    return _form(expected, request.language) == _form(found, request.language)


def _unlisted(stage: object) -> Iterator[object]:
    """`!~ "a|b"` leaves out the lines that `!= "a" != "b"` does, `| a and b` those that `| a | b` does, and of numbers `=` is `==`."""
    match stage:
        case LineFilter(op=("|~" | "!~") as op, values=(str(pattern),)) if (lowered := _lowered(pattern)) != pattern:
            yield LineFilter(op, (lowered,))
            return
        case LineFilter(op="|~", values=(str(pattern),)) if _spread(pattern) != pattern:
            yield LineFilter("|~", (_spread(pattern),))
            return
        case LineFilter(op="!~", values=(str(pattern),)):
            listed = _ALTERNATIVES.fullmatch(_spread(pattern))
            if listed and not listed[1]:
                yield from (LineFilter("!=", (word,)) for word in listed[3].split("|"))
                return
        case LabelFilter(Matcher("__error__", "=", "")):
            return  # without it the same is counted, or the query fails
        case LabelFilter(Every(parts)):
            for part in parts:
                yield from _unlisted(LabelFilter(part))
            return
        case LabelFilter(Compare(label, "==", value)):
            yield from _unlisted(LabelFilter(Compare(label, "=", value)))
            return
        case LabelFilter(condition):
            yield from map(LabelFilter, _plain_condition(condition))
            return
    yield stage


def _plain_condition(condition: Condition) -> Iterator[Condition]:
    """`status = 401 or status = 403` is `status =~ "401|403"`, `x !~ "a|b"` is `x != "a" | x != "b"`, and no status lies between 499
    and 500."""
    match condition:
        case Compare("status" as label, "=", Quantity(code)) if _CODE.fullmatch(code):
            yield Matcher(label, "=", code)
        case Compare("status" as label, "<=" | ">" as op, Quantity(code)) if _CODE.fullmatch(code):
            yield Compare(label, "<" if op == "<=" else ">=", Quantity(str(int(code) + 1)))
        case Matcher(label, "!~", pattern) if _WORDS.fullmatch(pattern):
            yield from (Matcher(label, "!=", word) for word in pattern.split("|"))
        case Either(parts):
            plain = tuple(
                one for part in parts for one in (_plain_condition(part) if not isinstance(part, Every) else (part,))
            )
            named = {
                one.label for one in plain if isinstance(one, Matcher) and one.op == "=" and _WORDS.fullmatch(one.value)
            }
            if len(named) == 1 and all(isinstance(one, Matcher) and one.op == "=" for one in plain):
                values = (one.value for one in plain if isinstance(one, Matcher))
                yield Matcher(named.pop(), "=~", "|".join(values))
            else:
                yield Either(plain)
        case _:
            yield condition


def _spread(pattern: str) -> str:
    """`connection (refused|reset)` is `connection refused|connection reset`, `[345]` is `3|4|5`."""
    if grouped := _GROUPED.fullmatch(pattern):
        words = grouped["words"].split("|") if grouped["words"] else list(grouped["letters"])
        return "|".join(f"{grouped['before']}{word}{grouped['behind']}" for word in words)
    return pattern


def _lowered(pattern: str) -> str:
    """ "(?i)OOM|killed" finds what "(?i)(oom|killed)" does; classes as in `\\S` would change."""
    flag, body = pattern[:4], pattern[4:]
    if flag != "(?i)" or not _PLAIN.fullmatch(body):
        return pattern
    return flag + _spread(body.lower())


def _form(query: str, language: Language) -> object:
    """What the query says; equal for equal questions."""
    match language:
        case Language.PROMQL:
            from core.query.promql.model import rebuilt
            from core.query.promql.reader import read as read_promql

            return _said(rebuilt(read_promql(query), _with_factor_first))
        case Language.LOGQL:
            from core.query.logql.reader import read as read_logql

            return _said(read_logql(query))
        case _:
            from core.query.traceql.reader import read as read_traceql

            return _said(read_traceql(query))


def _with_factor_first(node: "Node") -> "Node":
    """`a / b * 100`, `100 * a / b` and `a / 0.01 / b` multiply the same by the same; `1 - 0.999` is 0.001."""
    from core.query.promql.model import Binary, Matching, Number

    match node:
        case Binary("*" | "+" | "-" | "/" as op, Number(a), Number(b)) if b or op != "/":
            return Number(float(f"{_ARITHMETIC[op](a, b):.12g}"))
        case Binary(matching=Matching(labels, ignoring=False, group="")) if (
            _result_labels(node.left) == _result_labels(node.right) == frozenset(labels)
        ):
            return replace(node, matching=None)  # both sides have these labels and no others
        case Binary("*", Number(a), Binary("*", Number(b), inner)) | Binary(
            "*", Binary("*", Number(b), inner), Number(a)
        ):
            return Binary("*", Number(a * b), inner)
        case Binary("*", inner, Number() as factor):
            return Binary("*", factor, inner)
        case Binary("/", inner, Number(a)) if a:
            return _with_factor_first(Binary("*", Number(1 / a), inner))
        case Binary("/", Binary("*", Number() as factor, inner), other):
            return Binary("*", factor, replace(node, left=inner, right=other))
        case _:
            return node


def _result_labels(node: "Node") -> frozenset[str] | None:
    """The labels that every series of the result has, None where the tree does not tell."""
    from core.query.promql.model import Aggregation as Folded
    from core.query.promql.model import Binary, Call, Number
    from core.query.promql.model import Grouping as By

    match node:
        case Folded(op=op, grouping=None) if op not in _KEEPING:
            return frozenset()
        case Folded(op=op, grouping=By(labels, without=False)) if op not in _KEEPING:
            return frozenset(labels)
        case Call("histogram_quantile", (_, buckets)):
            labels_of_buckets = _result_labels(buckets)
            return None if labels_of_buckets is None else labels_of_buckets - {"le"}
        case Binary(left=inner, right=Number()) | Binary(left=Number(), right=inner):
            return _result_labels(inner)
        case Binary(left=left, right=right, matching=None):
            shared = _result_labels(left)
            return shared if shared == _result_labels(right) else None
        case _:
            return None


_KEEPING = frozenset({"topk", "bottomk", "count_values"})
"""What keeps or makes other labels than those it is grouped by."""
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"*": mul, "+": add, "-": sub, "/": truediv}

_LONG_NAMES = {
    "trace:rootService": "rootServiceName",
    "trace:rootName": "rootName",
    "trace:duration": "traceDuration",
    "span:duration": "duration",
    "span:name": "name",
    "span:status": "status",
    "span:statusMessage": "statusMessage",
    "span:kind": "kind",
}
"""TraceQL's newer names of the same values."""
_FOLDS = frozenset({"max", "min", "sum"})


def _plainer(node: object) -> object:
    """What says the same in fewer ways: `max_over_time(…) by (x)` is `max by (x) (max_over_time(…))`."""
    match node:
        case Intrinsic(name=name) if name in _LONG_NAMES:
            return Intrinsic(_LONG_NAMES[name])
        case Range(grouping=Grouping() as grouping) if node.function.removesuffix("_over_time") in _FOLDS:
            folded = replace(node, grouping=None)
            return Aggregation(node.function.removesuffix("_over_time"), folded, grouping if grouping.labels else None)
        case _:
            return node


def _said(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(map(_said, node))
    node = _plainer(node)
    if not is_dataclass(node):
        return node
    name = type(node).__name__
    if _links(node):
        parts = sorted((_said(part) for part in _chain(node)), key=repr)
        return (node.op == "||" and _one_of(parts)) or (node.op, *parts)
    said = (name, *(_field(name, one.name, getattr(node, one.name)) for one in fields(node)))
    return _in_any_order(said) if getattr(node, "op", "") in ("=~", "!~", "|~") else said


def _in_any_order(said: object) -> object:
    """With the words sorted that a pattern lists."""
    if isinstance(said, tuple):
        return tuple(map(_in_any_order, said))
    listed = _ALTERNATIVES.fullmatch(said) if isinstance(said, str) else None
    return (listed[1] or "") + "|".join(sorted(listed[3].split("|"))) if listed else said


def _field(owner: str, name: str, value: object) -> object:
    if (owner, name) in _MEASURES:
        return seconds(str(value)) or value
    if isinstance(value, tuple) and name in _UNORDERED:
        return tuple(sorted(map(_said, value), key=repr))
    if isinstance(value, tuple) and name == "stages":
        return tuple(_stages(value))
    return _said(value)


def _one_of(parts: Iterable[object]) -> object:
    """`a = "x" || a = "y"` says the same as `a =~ "x|y"`; None where not all parts are so, of one field."""
    fields_, values = set[object](), list[str]()
    for part in parts:
        match part:
            case ("Operation", "=", field, ("Text", str(value))):
                fields_.add(field)
                values.append(value)
            case _:
                return None
    return ("Operation", "=~", fields_.pop(), ("Text", "|".join(sorted(values)))) if len(fields_) == 1 else None


class _Link(Protocol):
    """`left op right`, where the sides may change places."""

    op: str
    left: object
    right: object


def _links(node: object) -> TypeGuard[_Link]:
    return getattr(node, "op", "") in _CHAINED and getattr(node, "matching", None) is None


def _chain(node: _Link) -> Iterator[object]:
    """The parts of a && b && c, however they are nested."""
    for part in (node.left, node.right):
        if _links(part) and part.op == node.op:
            yield from _chain(part)
        else:
            yield part


def _stages(stages: Iterable[object]) -> Iterator[object]:
    written = (part for stage in stages for part in _unlisted(stage))
    for kind, run in groupby(written, key=lambda stage: type(stage).__name__):
        said = map(_said, run)
        yield from sorted(said, key=repr) if kind in _COMMUTE else said
