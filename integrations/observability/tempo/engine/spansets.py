"""Which spans of a trace a pipeline selects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.query.traceql.model import (
    Aggregate,
    By,
    Coalesce,
    Combined,
    Expression,
    Filter,
    Piped,
    Pipeline,
    Quantity,
    Scalar,
    ScalarFilter,
    ScalarOperation,
    Select,
    Stage,
)
from core.query.traceql.printer import expression
from integrations.observability.tempo.engine.spans import StoredSpan, StoredTrace, TraceQueryError
from integrations.observability.tempo.engine.values import (
    ARITHMETIC,
    Found,
    Place,
    compare,
    holds,
    number,
    value,
)


@dataclass(frozen=True, slots=True)
class Spanset:
    """Spans of one trace, in order of their start."""

    spans: tuple[StoredSpan, ...]
    attributes: Mapping[str, Found] = field(default_factory=dict)
    """What it was split by."""
    selected: tuple[Expression, ...] = ()
    """Whose values come along."""


class Within:
    """Evaluates stages over one trace."""

    def __init__(self, trace: StoredTrace) -> None:
        self.trace = trace
        self._by_id = {span.id: span for span in trace.spans}
        self._above: dict[str, frozenset[str]] = {}

    def place(self, span: StoredSpan) -> Place:
        """A span with what is around it."""
        return Place(span, self.trace, self._by_id)

    def values(self, one: Spanset, span: StoredSpan) -> dict[str, Found]:
        """What was selected of a span."""
        return {expression(expr): value(expr, self.place(span)) for expr in one.selected}

    def select(self, pipeline: Pipeline) -> list[Spanset]:
        """What is left behind the last stage; nothing where the trace does not fit."""
        sets = [Spanset(tuple(sorted(self.trace.spans, key=lambda span: (span.start, span.id))))]
        for stage in pipeline.stages:
            sets = self._through(stage, sets)
        return sets

    def _through(self, stage: Stage, sets: Sequence[Spanset]) -> list[Spanset]:
        match stage:
            case Filter() | Combined() | Pipeline():
                kept = (replace(one, spans=self._spans(stage, one.spans)) for one in sets)
            case ScalarFilter(op=op, left=left, right=right):
                kept = (one for one in sets if compare(op, self._number(left, one), self._number(right, one)))
            case By(expr=expr):
                kept = (
                    part
                    for one in sets
                    for part in self._split(one, lambda place: value(expr, place), expression(expr))
                )
            case Coalesce():
                joined = {span.id: span for one in sets for span in one.spans}
                kept = (Spanset(spans) for spans in [tuple(joined.values())])
            case Select(fields=fields):
                kept = (replace(one, selected=(*one.selected, *fields)) for one in sets)
        return [one for one in kept if one.spans]

    def _split(self, one: Spanset, by: Callable[[Place], Found], name: str) -> list[Spanset]:
        parts: dict[Found, list[StoredSpan]] = {}
        for span in one.spans:
            parts.setdefault(by(self.place(span)), []).append(span)
        return [
            replace(one, spans=tuple(spans), attributes={**one.attributes, f"by({name})": key})
            for key, spans in parts.items()
        ]

    def _spans(self, stage: Filter | Combined | Pipeline, among: Sequence[StoredSpan]) -> tuple[StoredSpan, ...]:
        match stage:
            case Filter(condition=condition):
                return tuple(span for span in among if holds(condition, self.place(span)))
            case Pipeline():
                found = {span.id for one in self.select(stage) for span in one.spans}
            case Combined(op=op, left=left, right=right):
                found = self._combined(op, self._spans(left, among), self._spans(right, among))
        return tuple(span for span in among if span.id in found)

    def _combined(self, op: str, left: Sequence[StoredSpan], right: Sequence[StoredSpan]) -> set[str]:
        """Ids. `a >> b` gives those of b that are below one of a; with `!` those that are not; with `&` both sides."""
        ids = {span.id for span in (*left, *right)}
        if op == "&&":
            return ids if left and right else set()
        if op == "||":
            return ids
        relation = op.lstrip("!&")
        pairs = [(a, b) for b in right for a in left if self._related(relation, a, b)]
        below = {b.id for _, b in pairs}
        if op.startswith("!"):
            return {b.id for b in right} - below
        return below | {a.id for a, _ in pairs} if op.startswith("&") else below

    def _related(self, relation: str, a: StoredSpan, b: StoredSpan) -> bool:
        match relation:
            case ">":
                return b.parent == a.id
            case "<":
                return a.parent == b.id
            case "~":
                return a.id != b.id and a.parent == b.parent != ""
            case ">>":
                return a.id in self._ancestors(b)
            case _:
                return b.id in self._ancestors(a)

    def _ancestors(self, span: StoredSpan) -> frozenset[str]:
        known = self._above.get(span.id)
        if known is None:
            above: set[str] = set()
            parent = self._by_id.get(span.parent)
            while parent is not None and parent.id not in above:
                above.add(parent.id)
                parent = self._by_id.get(parent.parent)
            known = self._above[span.id] = frozenset(above)
        return known

    def _number(self, scalar: Scalar, one: Spanset) -> Found:
        match scalar:
            case Quantity(text=text):
                return number(text)
            case Aggregate(function="count"):
                return len(one.spans)
            case Aggregate(function=function, expr=expr):
                if expr is None:
                    raise TraceQueryError(f"{function}() needs an expression")
                values = [
                    found for span in one.spans if isinstance(found := value(expr, self.place(span)), int | float)
                ]
                if not values:
                    return None
                return {"avg": sum(values) / len(values), "sum": sum(values), "max": max(values), "min": min(values)}[
                    function
                ]
            case ScalarOperation(op=op, left=left, right=right):
                a, b = self._number(left, one), self._number(right, one)
                numbers = isinstance(a, int | float) and isinstance(b, int | float)
                if not numbers or (op in "/%" and b == 0):
                    return None
                return ARITHMETIC[op](float(a or 0), float(b or 0))
            case Piped(pipeline=pipeline, scalar=inner):
                sets = self.select(pipeline)
                return self._number(inner, sets[0] if sets else Spanset(()))
