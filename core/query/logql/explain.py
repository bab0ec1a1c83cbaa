"""Says in one sentence what a LogQL query does."""

import re

from core.query.logql.guard import ANYTHING
from core.query.logql.model import (
    Address,
    Aggregation,
    Binary,
    Compare,
    Condition,
    Either,
    Every,
    Grouping,
    LabelFilter,
    LabelReplace,
    Labels,
    LineFilter,
    Logs,
    Matcher,
    Number,
    Parser,
    Query,
    Range,
    Stage,
    Unwrap,
    Vector,
)

_LINE = {
    "|=": "containing {}",
    "!=": "without {}",
    "|~": "matching {}",
    "!~": "not matching {}",
    "|>": "like {}",
    "!>": "unlike {}",
}
_STREAM: dict[str, str] = {"=": "", "!=": "other than ", "=~": "like ", "!~": "unlike "}
_FIELD: dict[str, str] = {"=": "is ", "!=": "is not ", "=~": "is like ", "!~": "is not like "}
_COMPARE = {
    "=": "is",
    "==": "is",
    "!=": "is not",
    ">": "is over",
    ">=": "is at least",
    "<": "is under",
    "<=": "is at most",
}
_RANGE = {
    "count_over_time": "the number of {lines} {over}",
    "rate": "the number a second of {lines}, averaged {over}",
    "bytes_over_time": "the bytes of {lines} {over}",
    "bytes_rate": "the bytes a second of {lines}, averaged {over}",
    "absent_over_time": "whether there were no {lines} {over}",
}
_MEASURE = {
    "sum": "the sum",
    "avg": "the average",
    "min": "the lowest",
    "max": "the highest",
    "first": "the first",
    "last": "the last",
    "stddev": "the standard deviation",
    "stdvar": "the variance",
}
_FOLD = {
    "sum": "{} in all",
    "avg": "the average of {}",
    "min": "the lowest of {}",
    "max": "the highest of {}",
    "count": "how many series there are of {}",
    "stddev": "the spread of {}",
    "stdvar": "the variance of {}",
    "sort": "{}, lowest first",
    "sort_desc": "{}, highest first",
}
_NO_ERRORS = Matcher("__error__", "=", "")
_IGNORE_CASE = "(?i)"
_SPECIAL = re.compile(r"[\\.+*?()\[\]{}^$]")
_MOST_VALUES = 5


def explain(query: Query) -> str:
    """What the query does: “Lines of service auth matching error in any case.”"""
    text = _say(query)
    return f"{text[0].upper()}{text[1:]}."


def _say(query: Query) -> str:
    match query:
        case Logs():
            return _lines(query)
        case Range():
            return f"{_range(query)}{_grouping(query.grouping)}"
        case Aggregation(function="topk" | "approx_topk", param=param, expr=expr):
            return f"the {param} highest of {_say(expr)}{_grouping(query.grouping)}"
        case Aggregation(function="bottomk", param=param, expr=expr):
            return f"the {param} lowest of {_say(expr)}{_grouping(query.grouping)}"
        case Aggregation(function=function, expr=expr, grouping=grouping):
            if function == "sum" and isinstance(expr, Range):
                return f"{_say(expr)}{_grouping(grouping)}"
            return f"{_FOLD[function].format(_say(expr))}{_grouping(grouping)}"
        case Binary(op="/", left=Binary(op="*", left=Number(text="100"), right=part), right=whole):
            return f"{_say(part)}, in percent of {_say(whole)}"
        case Binary(op=op, left=left, right=right):
            if op in _COMPARE:
                return f"{_say(left)}, where it {_COMPARE[op]} {_say(right)}"
            return (
                f"({_say(left)}) {op} ({_say(right)})"
                if _composed(left) or _composed(right)
                else f"{_say(left)} {op} {_say(right)}"
            )
        case Number(text=text) | Vector(text=text):
            return text
        case LabelReplace(expr=expr, arguments=(target, _, source, _)):
            return f"{_say(expr)}, with the label {target} made from {source}"


def _composed(query: Query) -> bool:
    return not isinstance(query, Number | Vector)


def _range(query: Range) -> str:
    over = f"over {query.range}{f', {query.offset} earlier' if query.offset else ''}"
    unwrap = next((stage for stage in query.logs.stages if isinstance(stage, Unwrap)), None)
    if unwrap is None:
        return _RANGE[query.function].format(lines=_lines(query.logs), over=over)
    if query.function == "quantile_over_time":
        measure = f"the {float(query.param) * 100:g}th percentile"
    else:
        measure = _MEASURE.get(query.function.removesuffix("_over_time"), "the increase a second")
    return f"{measure} of {unwrap.label} in {_lines(query.logs)} {over}"


def _lines(logs: Logs) -> str:
    streams = ", ".join(_match(matcher, _STREAM) for matcher in logs.matchers)
    said = [text for stage in logs.stages if (text := _stage(stage))]
    return " ".join([f"lines of {streams}" if streams else "all lines", _joined(said)]).strip()


def _stage(stage: Stage) -> str:
    match stage:
        case LineFilter(op=op, values=values):
            return _LINE[op].format(" or ".join(map(_value, values)))
        case LabelFilter(condition=condition):
            return "" if condition == _NO_ERRORS else f"where {_condition(condition)}"
        case Parser(name=name):
            return f"read as {name}"
        case Labels(action=action, labels=labels):
            names = ", ".join(label.label if isinstance(label, Matcher) else label for label in labels)
            return f"{'without the label' if action == 'drop' else 'with only the label'} {names}"
        case _:
            return ""


def _value(value: "str | Address") -> str:
    if isinstance(value, Address):
        return f"the address {value.value}"
    words = value.removeprefix(_IGNORE_CASE)
    return f"“{words}”{' in any case' if words != value else ''}"


def _match(matcher: Matcher, words: dict[str, str]) -> str:
    if matcher.op == "=~" and matcher.value == ANYTHING:
        return f"any {matcher.label}"
    values, op = matcher.value.split("|"), matcher.op
    shown = matcher.value or "nothing"
    if op in ("=~", "!~") and not _SPECIAL.search(matcher.value):
        op = "=" if op == "=~" else "!="
        shown = f"one of {len(values)} values" if len(values) > _MOST_VALUES else _joined(values, "or")
    return f"{matcher.label} {words[op]}{shown}"


def _condition(condition: Condition) -> str:
    match condition:
        case Matcher():
            return _match(condition, _FIELD)
        case Compare(label=label, op=op, value=value):
            shown = value.value if isinstance(value, Address) else value.text
            return f"{label} {_COMPARE[op]} {shown}"
        case Every(parts=parts):
            return " and ".join(f"({_condition(p)})" if isinstance(p, Either) else _condition(p) for p in parts)
        case Either(parts=parts):
            return " or ".join(map(_condition, parts))


def _grouping(grouping: Grouping | None) -> str:
    if grouping is None or not grouping.labels:
        return ""
    names = " and ".join(grouping.labels)
    return f", for each set of labels but {names}" if grouping.without else f" by {names}"


def _joined(parts: list[str], joint: str = "and") -> str:
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}" if len(parts) > 1 else "".join(parts)
