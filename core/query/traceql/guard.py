"""What a TraceQL query must keep to before it runs, whoever wrote it."""

from collections.abc import Collection, Iterator

from core.nlp.entities import nearest
from core.query.patterns import names_something
from core.query.traceql.model import (
    Attribute,
    By,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Operation,
    Pipeline,
    Quantity,
    Query,
    Select,
    Text,
    expressions,
    filters,
)
from core.query.traceql.printer import expression
from core.query.translation import QueryRefused


def check(query: Query, *, attributes: Collection[str] | None = None) -> None:
    """Refuse what would read every trace, or names what the back end does not have.

    `attributes`: the names that Tempo has, with their scopes (`span.http.route`); None: not known, not checked.

    Raises:
        QueryRefused: with the reason, what to do, and the nearest names.
    """
    chosen = list(filters(query))
    if not any(spanset.condition is not None and _chooses(spanset.condition) for spanset in chosen):
        raise QueryRefused(
            "The query would read every trace there is.",
            hint='Name a service or another condition: { resource.service.name = "…" }. Patterns such as .* do not count.',
        )
    if attributes is not None:
        for attribute in _attributes(query, chosen):
            _refuse_unknown(attribute, attributes)


def _chooses(expr: Expression) -> bool:
    """Whether spans that do not fit are left out by an index: one side names a value that narrows the other."""
    match expr:
        case Operation(op="&&", left=left, right=right):
            return _chooses(left) or _chooses(right)
        case Operation(op="||", left=left, right=right):
            return _chooses(left) and _chooses(right)
        case Operation(op="=~", right=Text(value=value)):
            return names_something(value)
        case Operation(op=op, left=left, right=right):
            values = [side for side in (left, right) if isinstance(side, Text | Quantity | Keyword)]
            fields = [side for side in (left, right) if isinstance(side, Attribute | Intrinsic)]
            empty = any(value in (Text(""), Keyword("nil"), Quantity("0")) for value in values)
            return bool(values and fields) and (op == "=" or (op == "!=" and empty) or (op in ("<", "<=")) or not empty)
        case Attribute():
            return True
        case _:
            return False


def _attributes(query: Query, chosen: list[Filter]) -> Iterator[Attribute]:
    parts: list[Expression] = [spanset.condition for spanset in chosen if spanset.condition is not None]
    parts += _of_stages(query.pipeline)
    if query.metric:
        parts += (part for part in (*query.metric.arguments, *query.metric.by) if not isinstance(part, Filter))
    for part in parts:
        yield from (one for one in expressions(part) if isinstance(one, Attribute))


def _of_stages(pipeline: Pipeline) -> Iterator[Expression]:
    for stage in pipeline.stages:
        match stage:
            case By(expr=expr):
                yield expr
            case Select(fields=fields):
                yield from fields
            case Pipeline():
                yield from _of_stages(stage)
            case _:
                pass


def _refuse_unknown(attribute: Attribute, known: Collection[str]) -> None:
    name = expression(attribute)
    scoped = name.removeprefix("parent.") if attribute.scope.startswith("parent") else name
    if scoped in known or (
        not attribute.scope.removeprefix("parent") and any(one.partition(".")[2] == attribute.name for one in known)
    ):
        return
    close = nearest(scoped, known)
    hint = f"It has {', '.join(close)}." if close else "Ask it for its tags."
    raise QueryRefused(f"Tempo has no attribute {scoped}.", hint=hint, nearest=close)
