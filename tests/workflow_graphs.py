"""Random workflows of up to 60 steps: blocks within blocks, steps that fail of themselves, every kind of wait."""

from typing import Any

from hypothesis import strategies as st

from core.tools import Risk
from core.workflow.definition import Definition, Parameter, Step
from core.workflow.steps.action import ActionStep, Poll, Retry, Undo
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import Constant, Expression, Guard, OnFailure, OutputRef, ParameterRef
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep

MOST_STEPS = 60
DEEPEST = 3
_NO_MORE_BLOCKS = MOST_STEPS - 12
"""So many steps; those are brought to an end that have begun."""
WAITED_FOR = "webhook.x"
_SIMPLE = ("action", "action", "action", "action", "approval", "wait", "event", "poll")
_BLOCKS = ("parallel", "loop", "condition", "group")
_WHEN = (None, None, None, None, None, Expression("false"), Expression('parameters.note == "b"'), Expression("nothing"))
"""The last one has no value: the step fails before it has begun."""

Fields = dict[str, Any]
"""Of a step."""


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A workflow whose parameter `note` may be changed."""
    graph = _Graph(draw)
    graph.add_list("", 0, {})
    assert len(graph.steps) <= MOST_STEPS
    limit = draw(st.sampled_from([None, None, None, 1800.0]))
    parameters = (Parameter("note", default="a"),)
    return Definition("random", "1.0.0", "R", tuple(graph.steps), parameters=parameters, time_limit_seconds=limit)


class _Graph:
    """Steps that are made one after the other, each with an id of its own."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.steps: list[Step] = []

    def add_list(self, prefix: str, depth: int, where: Fields) -> None:
        """A few steps, each needing the one before it, or some of those before."""
        beside: list[tuple[str, ...]] = []
        for number in range(self._draw(st.integers(1, 3 if depth else 8))):
            if number and len(self.steps) >= _NO_MORE_BLOCKS:
                return
            few = st.lists(st.sampled_from(beside), max_size=2, unique=True) if beside else st.just([])
            needed = beside[-1:] if self._draw(st.booleans()) else self._draw(few)
            beside.append(self._add(prefix, depth, {**where, "needs": tuple(id_ for ids in needed for id_ in ids)}))

    def _add(self, prefix: str, depth: int, where: Fields) -> tuple[str, ...]:
        """One step with all that is in it; the ids of what stands for it in the needs of others."""
        more = depth < DEEPEST and len(self.steps) < _NO_MORE_BLOCKS
        kind = self._draw(st.sampled_from(_SIMPLE + _BLOCKS if more else _SIMPLE))
        id_ = f"{prefix}s{len(self.steps)}"
        self.steps.append(
            self._made(
                kind,
                {
                    "id": id_,
                    "title": id_,
                    "when": self._draw(st.sampled_from(_WHEN)),
                    "on_failure": self._draw(st.sampled_from([OnFailure.FAIL, *OnFailure])),
                    **where,
                },
            )
        )
        inside = {"block": id_, "branch": ""}
        match kind:
            case "parallel":
                for branch in "ab":
                    self.add_list(prefix, depth + 1, {**inside, "branch": branch})
            case "group":
                self.add_list(prefix, depth + 1, inside)
            case "loop":
                self.add_list(f"{id_}.", depth + 1, inside)
            case "condition":
                around = {key: where[key] for key in ("block", "branch") if key in where}
                return (id_, *(self._way(prefix, depth, id_, around, result) for result in (True, False)))
        return (id_,)

    def _way(self, prefix: str, depth: int, condition: str, around: Fields, result: bool) -> str:
        way = GroupStep(
            id=f"{condition}/{'then' if result else 'else'}",
            title="way",
            needs=(condition,),
            guard=Guard(condition, result),
            **around,
        )
        self.steps.append(way)
        self.add_list(prefix, depth + 1, {"block": way.id, "branch": ""})
        return way.id

    def _made(self, kind: str, base: Fields) -> Step:
        draw = self._draw
        match kind:
            case "approval":
                return ApprovalStep(**base, quorum=Quorum(("approver",)), expires_after_seconds=3600.0)
            case "wait":
                return WaitStep(**base, seconds=60.0)
            case "event":
                return WaitStep(**base, event=WAITED_FOR, time_limit_seconds=600.0)
            case "parallel":
                return ParallelStep(**base, branches=("a", "b"), join=draw(st.integers(1, 2)))
            case "group":
                return GroupStep(**base)
            case "loop":
                return LoopStep(**base, items=self._items(base), at_once=draw(st.integers(1, 2)))
            case "condition":
                return ConditionStep(**base, expression=Expression(draw(st.sampled_from(["true", "false", "nothing"]))))
            case "poll":
                return ActionStep(**base, tool="test.check", risk=Risk.READ, poll=Poll(Expression("true")))
            case _:
                risk = draw(st.sampled_from([Risk.READ, Risk.WRITE, Risk.WRITE]))
                return ActionStep(
                    **base,
                    tool="test.act",
                    risk=risk,
                    inputs={"service": (ParameterRef("note"),)} if draw(st.booleans()) else {},
                    compensate=Undo("test.act", Risk.WRITE, idempotent=draw(st.booleans())) if draw(st.booleans()) else None,
                    retry=Retry(draw(st.integers(0, 1)), 5.0),
                    idempotent=risk is Risk.READ or draw(st.booleans()),
                )  # fmt: skip

    def _items(self, base: Fields) -> tuple[Any, ...]:
        """Those of an earlier step's output, which may be missing, or fixed ones."""
        before = [id_ for id_ in base["needs"] if isinstance(self._step(id_), ActionStep)]
        if before and self._draw(st.booleans()):
            return ((OutputRef(before[0], "items"),),)
        return tuple((Constant(n),) for n in range(self._draw(st.integers(0, 3))))

    def _step(self, id_: str) -> Step:
        return next(step for step in self.steps if step.id == id_)
