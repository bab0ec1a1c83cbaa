"""Writes the model in the dialect of a database, with bound parameters, and once more with quoted literals for people to read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.query.sql.model import (
    Among,
    Arithmetic,
    Both,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Either,
    Elapsed,
    Exists,
    Expression,
    Instant,
    Item,
    Label,
    Length,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    PartOf,
    Percent,
    Scalar,
    Select,
    Share,
    Value,
    When,
)
from core.query.sql.schema import Dialect

if TYPE_CHECKING:
    from sqlglot import exp

_SECONDS: dict[Length, int] = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_FORMS = {"hour": "%Y-%m-%d %H:00", "month": "%Y-%m", "hour_of_day": "%H", "weekday": "%w"}
"""Of SQLite's `strftime`."""
_PARTS = {"hour_of_day": "HOUR", "weekday": "DOW"}
"""Of PostgreSQL's `extract`."""
_SUBQUERY = "counted"


@dataclass(frozen=True, slots=True)
class Written:
    """A statement in one dialect."""

    statement: str
    """With `:name` for each parameter."""
    parameters: dict[str, Any]
    shown: str
    """With literals instead."""


def write(select: Select, dialect: Dialect) -> Written:
    """The statement. Parameters are named for their columns; a second value of a column is `name_2`."""
    writer = _Writer(dialect)
    tree = writer.select(select)
    statement = tree.sql(dialect, copy=False)  # the tree is ours: a copy costs as much as the printing
    writer.show_values()
    return Written(statement, writer.parameters, tree.sql(dialect, copy=False))


@dataclass(slots=True)
class _Writer:
    dialect: Dialect
    parameters: dict[str, Any] = field(default_factory=dict)
    _places: "list[tuple[exp.Expr, str]]" = field(default_factory=list)
    """Where parameters stand. `:name` is what SQLAlchemy's `text()` binds; sqlglot would print psycopg's own mark."""

    def select(self, select: Select) -> "exp.Select":
        from sqlglot import exp

        # The builder's methods copy the tree each time unless told otherwise, which costs more than all the rest.
        tree = exp.Select(expressions=[self._item(item) for item in select.items])
        inner = select.source
        source = (
            self.select(inner).subquery(_SUBQUERY, copy=False)
            if isinstance(inner, Select)
            else _table(inner, select.alias)
        )
        tree.set("from_", exp.From(this=source))
        for join in select.joins:
            tree.append("joins", exp.Join(this=_table(join.table, join.alias), on=self._all(join.on)))
        if select.where:
            tree.set("where", exp.Where(this=self._all(select.where)))
        if select.group:
            tree.set("group", exp.Group(expressions=[self.expression(key) for key in select.group]))
        if select.having:
            tree.set("having", exp.Having(this=self._all(select.having)))
        if select.order:
            tree.set("order", exp.Order(expressions=[self._order(key) for key in select.order]))
        if select.limit:
            tree.set("limit", exp.Limit(expression=exp.Literal.number(select.limit)))
        if select.offset:
            tree.set("offset", exp.Offset(expression=exp.Literal.number(select.offset)))
        return tree

    def expression(self, expr: Expression) -> "exp.Expr":
        from sqlglot import exp

        match expr:
            case Column(name=name, table=table):
                return exp.Column(this=exp.to_identifier(name), table=exp.to_identifier(table) if table else None)
            case Value():
                return self._bound(expr)
            case Number(value=value):
                return exp.Literal.number(f"{value:g}")
            case Instant(expr=inner):
                made = self.expression(inner)
                return made if self._postgres or isinstance(inner, Value) else _function("DATETIME", made)
            case Elapsed(start=start, end=end, unit=unit):
                return self._elapsed(self.expression(start), self.expression(end), unit)
            case Bucket():
                return self._bucket(expr)
            case Call(function="COUNT", args=()):
                return exp.Count(this=exp.Star())
            case Call(function=function, args=args, distinct=distinct):
                made_args = [self.expression(arg) for arg in args]
                if distinct:
                    made_args = [exp.Distinct(expressions=made_args)]
                return _call(function, made_args)
            case Arithmetic(op=op, left=left, right=right):
                one, other = _operand(self.expression(left)), _operand(self.expression(right))
                if op == "/":
                    return self._divided(one, other)
                kind: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
                return kind[op](this=one, expression=other)
            case Share(condition=condition):
                return self._share(condition)
            case Percent(part=part, whole=whole, factor=factor):
                hundred = exp.Mul(this=exp.Literal.number(f"{factor:.1f}"), expression=self.expression(part))
                return self._divided(hundred, exp.Nullif(this=self.expression(whole), expression=exp.Literal.number(0)))
            case When(conditions=conditions, expr=inner):
                return exp.Case(ifs=[exp.If(this=self._all(conditions), true=self.expression(inner))])
            case Label(condition=condition, yes=yes, no=no):
                when = exp.If(this=self.condition(condition), true=exp.Literal.string(yes))
                return exp.Case(ifs=[when], default=exp.Literal.string(no))
            case Scalar(select=select):
                return exp.Subquery(this=self.select(select))
            case Over(call=call, partition=partition, order=order, rows=rows):
                keys = [self._order(key) for key in order]
                return exp.Window(
                    this=self.expression(call),
                    partition_by=[self.expression(part) for part in partition],
                    order=exp.Order(expressions=keys) if keys else None,
                    spec=_frame(rows) if rows else None,
                )

    def condition(self, condition: Condition) -> "exp.Expr":
        from sqlglot import exp

        match condition:
            case Compare(op=op, left=left, right=right):
                made: exp.Expr = _comparison(op.removeprefix("NOT "))(
                    this=self.expression(left), expression=self.expression(right)
                )
                escapes = isinstance(right, Value) and "\\" in str(right.value)
                made = exp.Escape(this=made, expression=exp.Literal.string("\\")) if "LIKE" in op and escapes else made
                return exp.Not(this=made) if op.startswith("NOT") else made
            case OneOf(expr=expr, values=(value,), negative=negative):
                kind = exp.NEQ if negative else exp.EQ
                return kind(this=self.expression(expr), expression=self.expression(value))
            case OneOf(expr=expr, values=values, negative=negative):
                within = exp.In(this=self.expression(expr), expressions=[self.expression(value) for value in values])
                return exp.Not(this=within) if negative else within
            case Either(parts=parts):
                either = self.condition(parts[0])
                for part in parts[1:]:
                    either = exp.Or(this=either, expression=self.condition(part))
                return exp.Paren(this=either)
            case PartOf(bucket=bucket, numbers=numbers, negative=negative):
                number: exp.Expr = self._bucket(bucket)
                if not self._postgres:  # strftime gives text
                    number = exp.Cast(this=number, to=exp.DataType(this=exp.DataType.Type.INT))
                among = exp.In(this=number, expressions=[exp.Literal.number(one) for one in numbers])
                return exp.Not(this=among) if negative else among
            case Both(parts=parts):
                return exp.Paren(this=self._all(parts))
            case Missing(expr=expr, negative=negative):
                null = exp.Not(this=exp.Null()) if negative else exp.Null()
                return exp.Is(this=self.expression(expr), expression=null)
            case Among(expr=expr, select=select, negative=negative):
                among = exp.In(this=self.expression(expr), query=exp.Subquery(this=self.select(select)))
                return exp.Not(this=among) if negative else among
            case Exists(select=select, negative=negative):
                exists = exp.Exists(this=self.select(select))
                return exp.Not(this=exists) if negative else exists

    def show_values(self) -> None:
        """Put the values in the places of their parameters."""
        from sqlglot import exp

        for place, name in self._places:
            value = self.parameters[name]
            place.replace(exp.Literal.string(value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)))

    def _all(self, conditions: tuple[Condition, ...]) -> "exp.Expr":
        from sqlglot import exp

        made = self.condition(conditions[0])
        for condition in conditions[1:]:
            made = exp.And(this=made, expression=self.condition(condition))
        return made

    @property
    def _postgres(self) -> bool:
        return self.dialect is Dialect.POSTGRES

    def _bound(self, value: Value) -> "exp.Expr":
        from sqlglot import exp

        name, number = value.name, 1
        given = self._given(value.value)
        while self.parameters.setdefault(name, given) != given:
            number += 1
            name = f"{value.name}_{number}"
        made: exp.Expr = exp.Var(this=f":{name}")
        self._places.append((made, name))
        if self._postgres and isinstance(value.value, datetime):
            return exp.Cast(this=made, to=exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ))
        return made

    def _given(self, value: "str | datetime") -> "str | datetime":
        """SQLite keeps times as text, in the form of its own `datetime()`."""
        if not isinstance(value, datetime):
            return value
        return value.astimezone(UTC) if self._postgres else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def _elapsed(self, start: "exp.Expr", end: "exp.Expr", unit: Length) -> "exp.Expr":
        from sqlglot import exp

        if self._postgres:
            seconds = exp.Extract(this=exp.var("EPOCH"), expression=exp.Sub(this=end, expression=start))
            return self._divided(seconds, exp.Literal.number(_SECONDS[unit])) if unit != "second" else seconds
        days = exp.Sub(this=_function("JULIANDAY", end), expression=_function("JULIANDAY", start))
        return exp.Mul(this=exp.Paren(this=days), expression=exp.Literal.number(_SECONDS["day"] // _SECONDS[unit]))

    def _bucket(self, bucket: Bucket) -> "exp.Expr":
        from sqlglot import exp

        inner = self.expression(bucket.expr)
        if self._postgres:
            if part := _PARTS.get(bucket.unit):
                return exp.Extract(this=exp.var(part), expression=inner)
            return exp.TimestampTrunc(this=inner, unit=exp.var(bucket.unit.upper()))
        if bucket.unit == "day":
            return _function("DATE", inner)
        if bucket.unit == "week":  # the Sunday on or after it, less six days
            return _function("DATE", inner, "weekday 0", "-6 days")
        return _function("STRFTIME", exp.Literal.string(_FORMS[bucket.unit]), inner)

    def _share(self, condition: Condition) -> "exp.Expr":
        from sqlglot import exp

        when = exp.If(this=self.condition(condition), true=exp.Literal.number(1))
        one = exp.Case(ifs=[when], default=exp.Literal.number(0))
        percent = exp.Mul(this=exp.Literal.number("100.0"), expression=exp.Sum(this=one))
        return self._divided(percent, exp.Count(this=exp.Star()))

    def _divided(self, one: "exp.Expr", other: "exp.Expr") -> "exp.Expr":
        """As it is written: without the flags sqlglot adds casts, to imitate databases that divide otherwise."""
        from sqlglot import exp

        return exp.Div(this=one, expression=other, typed=True, safe=not self._postgres)

    def _item(self, item: Item) -> "exp.Expr":
        from sqlglot import exp

        made = self.expression(item.expr)
        return exp.Alias(this=made, alias=exp.to_identifier(item.name)) if item.name else made

    def _order(self, order: Order) -> "exp.Expr":
        from sqlglot import exp

        # Where nulls go is left to the database: sqlglot adds NULLS FIRST or LAST unless it is told of the default.
        nulls_first = order.descending is self._postgres
        return exp.Ordered(this=self.expression(order.expr), desc=order.descending or None, nulls_first=nulls_first)


def _frame(rows: int) -> "exp.WindowSpec":
    from sqlglot import exp

    start = exp.Literal.number(rows - 1)
    return exp.WindowSpec(kind="ROWS", start=start, start_side="PRECEDING", end="CURRENT ROW")


def _call(function: str, args: "list[exp.Expr]") -> "exp.Expr":
    """By sqlglot's class; its `func` would copy the arguments, and lose where parameters stand."""
    from sqlglot import exp

    plain: dict[str, type[exp.Func]] = {
        "AVG": exp.Avg,
        "COUNT": exp.Count,
        "LAG": exp.Lag,
        "LEAD": exp.Lead,
        "LENGTH": exp.Length,
        "LOWER": exp.Lower,
        "MAX": exp.Max,
        "MIN": exp.Min,
        "RANK": exp.Rank,
        "ROW_NUMBER": exp.RowNumber,
        "SUM": exp.Sum,
    }
    if function == "NULLIF":
        return exp.Nullif(this=args[0], expression=args[1])
    if function in ("LAG", "LEAD") and len(args) > 1:
        return plain[function](this=args[0], offset=args[1])
    if function == "COALESCE":
        return exp.Coalesce(this=args[0], expressions=args[1:])
    return plain[function](this=args[0]) if args else plain[function]()


def _function(name: str, *args: "exp.Expr | str") -> "exp.Expr":
    """By its own name: sqlglot would translate DATE(…) with modifiers to something else."""
    from sqlglot import exp

    return exp.Anonymous(
        this=name, expressions=[exp.Literal.string(arg) if isinstance(arg, str) else arg for arg in args]
    )


def _table(name: str, alias: str = "") -> "exp.Table":
    from sqlglot import exp

    named = exp.TableAlias(this=exp.to_identifier(alias)) if alias else None
    return exp.Table(this=exp.to_identifier(name), alias=named)


def _operand(expr: "exp.Expr") -> "exp.Expr":
    from sqlglot import exp

    return exp.Paren(this=expr) if isinstance(expr, exp.Binary) else expr


def _comparison(op: str) -> "type[exp.Binary]":
    from sqlglot import exp

    kinds: dict[str, type[exp.Binary]] = {
        "=": exp.EQ,
        "<>": exp.NEQ,
        ">": exp.GT,
        ">=": exp.GTE,
        "<": exp.LT,
        "<=": exp.LTE,
        "LIKE": exp.Like,
    }
    return kinds[op]
