"""Says in one sentence what a statement does, from its tree."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

_FUNCTIONS = {
    "AVG": "the average of {}",
    "SUM": "the sum of {}",
    "MIN": "the lowest {}",
    "MAX": "the highest {}",
    "COUNT": "the number of {}",
    "LAG": "the previous {}",
}
_STEPS = {
    "%Y-%m": "month",
    "%Y-%m-%d %H:00": "hour",
    "%H": "hour of day",
    "HOUR": "hour of day",
    "%w": "weekday",
    "DOW": "weekday",
}
"""The step that a function's form cuts a time down to."""
_COMPARE = {
    "EQ": "is",
    "NEQ": "is not",
    "GT": "is over",
    "GTE": "is at least",
    "LT": "is under",
    "LTE": "is at most",
    "Like": "is like",
    "ILike": "is like",
}


def explain(tree: "exp.Query") -> str:
    """What the statement reads: “Reads service and the number of rows from incidents, by service, at most 10 rows.”"""
    from sqlglot import exp

    if isinstance(tree, exp.SetOperation):
        joint = (
            "without"
            if isinstance(tree, exp.Except)
            else "as far as also"
            if isinstance(tree, exp.Intersect)
            else "together with"
        )
        right = explain(tree.right)
        return f"{explain(tree.left).rstrip('.')}; {joint}: {right[0].lower()}{right[1:]}"
    parts = [
        f"Reads {_several(_shown(item) for item in tree.expressions)} from {_several(_source(one) for one in _sources(tree))}"
    ]
    if where := tree.args.get("where"):
        parts.append(f"where {_condition(where.this)}")
    if group := tree.args.get("group"):
        parts.append(f"for each {_several(_shown(key) for key in group.expressions)}")
    if having := tree.args.get("having"):
        parts.append(f"where {_condition(having.this)}")
    if order := tree.args.get("order"):
        parts.append(f"ordered by {_several(_ordered(key) for key in order.expressions)}")
    limit = tree.args.get("limit")
    if limit is not None and limit.expression.name != "1":
        parts.append(f"at most {limit.expression.name} rows")
    return f"{', '.join(parts)}."


def _sources(tree: "exp.Query") -> "list[exp.Expr]":
    source = tree.args.get("from_")
    return [source.this, *(join.this for join in tree.args.get("joins") or ())] if source else []


def _source(source: "exp.Expr") -> str:
    from sqlglot import exp

    if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
        inner = explain(source.this)
        return f"what this gives: {inner[0].lower()}{inner[1:-1]}"
    return source.name


def _ordered(key: "exp.Expr") -> str:
    return f"{_shown(key.this)}{' (highest first)' if key.args.get('desc') else ''}"


def _shown(node: "exp.Expr") -> str:
    """One value in words."""
    from sqlglot import exp

    match node:
        case exp.Alias():
            return (
                node.alias.replace("_", " ")
                if isinstance(node.this, exp.Column | exp.Div) and not node.find(exp.Case)
                else _shown(node.this)
            )
        case exp.Column():
            return node.name.replace("_", " ") if not isinstance(node.this, exp.Star) else "everything"
        case exp.Star():
            return "rows" if isinstance(node.parent, exp.Count) else "everything"
        case exp.Literal():
            return node.name
        case exp.Distinct():
            return f"different {_several(map(_shown, node.expressions))}"
        case exp.Window():
            return (
                f"{_shown(node.this)} over the rows before"
                if node.args.get("order")
                else f"{_shown(node.this)} of all rows"
            )
        case exp.Rank() | exp.RowNumber() | exp.DenseRank():
            return "the place"
        case exp.TimestampTrunc():
            return f"the {node.text('unit').lower()} of {_shown(node.this)}"
        case exp.Func(this=exp.Case() as case) if node.sql_name() in _FUNCTIONS and not case.args.get("default"):
            what = "rows" if isinstance(node, exp.Count) else _shown(case.args["ifs"][0].args["true"])
            named = _FUNCTIONS[node.sql_name()].format(what.removeprefix("the "))
            return f"{named} where {_condition(case.args['ifs'][0].this)}"
        case exp.Func() if node.sql_name() in _FUNCTIONS:
            return _FUNCTIONS[node.sql_name()].format(_shown(node.this).removeprefix("the "))
        case exp.Coalesce():
            return ", else ".join(map(_shown, (node.this, *node.expressions)))
        case exp.Paren() | exp.Cast() | exp.Lower() | exp.Upper() | exp.Trim():
            return _shown(node.this)
        case _:
            return _computed(node)


def _computed(node: "exp.Expr") -> str:
    """What is put together from columns, by their names."""
    from sqlglot import exp

    if node.find(exp.Case):
        return f"the percentage for which {_condition(node.find(exp.If).this)}"  # type: ignore[union-attr]  # a CASE has one
    if node.find(exp.Lag) and node.find(exp.Sub):
        return "the time since the row before"
    columns = list(dict.fromkeys(column.name.replace("_", " ") for column in node.find_all(exp.Column)))
    if node.find(exp.Sub) and len(columns) > 1:
        return f"the time between {' and '.join(sorted(columns))}"
    if step := _step(node):
        return f"the {step} of {columns[0]}" if columns else step
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "DATETIME":
        return columns[0] if columns else "a time"
    return node.sql()


def _step(node: "exp.Expr") -> str:
    """The stretch of time that SQLite's functions cut a time down to."""
    from sqlglot import exp

    if isinstance(node, exp.TimeToStr):
        return _STEPS.get(node.args["format"].name, "")
    if isinstance(node, exp.Extract):
        return _STEPS.get(node.name.upper(), "")
    if isinstance(node, exp.Date | exp.TsOrDsToDate) or (
        isinstance(node, exp.Anonymous) and str(node.this).upper() == "DATE"
    ):
        return "week" if len(node.expressions) > 1 else "day"
    return ""


def _condition(node: "exp.Expr") -> str:
    from sqlglot import exp

    kind = type(node).__name__
    match node:
        case exp.And():
            return f"{_condition(node.left)} and {_condition(node.right)}"
        case exp.Or():
            return f"{_condition(node.left)} or {_condition(node.right)}"
        case exp.Paren() | exp.Escape():
            return _condition(node.this)
        case exp.Not() if isinstance(node.this, exp.Is):
            return f"{_shown(node.this.this)} is known"
        case exp.Not(this=exp.Exists() as exists):
            return f"there is no row in {_found(exists)}"
        case exp.Not(this=exp.In() as among) if among.args.get("query"):
            return f"{_shown(among.this)} is not in {_found(among.args['query'])}"
        case exp.In() if node.args.get("query"):
            return f"{_shown(node.this)} is in {_found(node.args['query'])}"
        case exp.Not() if isinstance(node.this, exp.In):
            return f"{_shown(node.this.this)} is none of {_several(map(_shown, node.this.expressions), 'or')}"
        case exp.Not():
            return f"not ({_condition(node.this)})"
        case exp.Is() if node.args.get("negate"):  # PostgreSQL's IS NOT NULL
            return f"{_shown(node.this)} is known"
        case exp.Is():
            return f"{_shown(node.this)} is not known"
        case exp.Exists():
            return f"there is a row in {_found(node)}"
        case exp.In() if node.expressions:
            return f"{_shown(node.this)} is {_several(map(_shown, node.expressions), 'or')}"
        case exp.Between():
            return f"{_shown(node.this)} is between {_shown(node.args['low'])} and {_shown(node.args['high'])}"
        case _ if kind in _COMPARE and isinstance(node, exp.Binary):
            return f"{_shown(node.left)} {_COMPARE[kind]} {_shown(node.right)}"
        case _:
            return node.sql()


def _found(node: "exp.Expr") -> str:
    """What a statement inside of a condition looks for."""
    from sqlglot import exp

    select = node.find(exp.Select)
    if select is None:
        return node.sql()
    where = select.args.get("where")
    source = _several(_source(one) for one in _sources(select))
    return f"{source} where {_condition(where.this)}" if where else source


def _several(parts: Iterable[str], joint: str = "and") -> str:
    made = list(parts)
    return f"{', '.join(made[:-1])} {joint} {made[-1]}" if len(made) > 1 else "".join(made)
