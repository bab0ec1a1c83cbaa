"""Lists of steps → steps in order, with the blocks that hold them: what each needs, what it may refer to, and no circles."""

import re
from collections.abc import Mapping
from dataclasses import replace

from core.workflow.definition import Step
from core.workflow.reading_approvals import read_approval
from core.workflow.reading_inputs import Reach, Scope
from core.workflow.reading_parameters import read_parameters
from core.workflow.reading_steps import Base, ReadsStep, read_action, read_condition, read_wait
from core.workflow.source import NAME, Faults, Section, compose, near
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import Expression, Guard, Input, ItemRef, OnFailure, Part, When

MAX_STEPS = 500
"""Of a definition with its sub-workflows; the rounds of loops come on top."""
MAX_AT_ONCE = 50

SIMPLE_STEPS: Mapping[str, ReadsStep] = {
    "action": read_action,
    "approval": read_approval,
    "condition": read_condition,
    "wait": read_wait,
}
BLOCKS = ("parallel", "loop", "workflow")
STEP_TYPES = (*SIMPLE_STEPS, *BLOCKS)
"""The explicit list of step types."""


def on_failure(section: Section, default: OnFailure) -> OnFailure:
    """What a failure means, as a section says."""
    written = section.text("on_failure", default.value)
    if written not in list(OnFailure):
        section.fault("on_failure", f"{written!r} is none of {', '.join(OnFailure)}{near(written, list(OnFailure))}")
        return default
    return OnFailure(written)


class GraphReader:
    """Reads the steps of one definition."""

    def __init__(self, library: Mapping[str, str], failure: OnFailure) -> None:
        """`library`: texts of definitions by name, for sub-workflows. `failure`: what it means unless a step says otherwise."""
        self._library = library
        self._failure = failure
        self._steps: dict[str, Step] = {}
        self._taken: set[str] = set()
        self._circle = ""
        self._apart: list[tuple[Section, ApprovalStep]] = []
        """Gates that name others in `not_by`."""

    def read(self, owner: Section, key: str, scope: Scope) -> tuple[Step, ...]:
        """All steps under the key, each after those it needs and after its block."""
        self._list(owner.sections(key, "step"), owner, key, scope)
        for section, gate in self._apart:
            self._check_apart(section, gate)
        return tuple(self._steps.values())

    # --- lists ---------------------------------------------------------------------------------------

    def _list(self, sections: list[Section], owner: Section, key: str, scope: Scope) -> None:
        """The steps of one list: each needs the one before it unless it says otherwise."""
        if len(self._taken) + len(sections) > MAX_STEPS:
            owner.fault(key, f"are more than {MAX_STEPS}, sub-workflows included")
            return
        written: dict[str, Section] = {}
        needs: dict[str, tuple[str, ...]] = {}
        previous: tuple[str, ...] = ()
        for section in sections:
            name = section.text("id", required=True, pattern=NAME)
            section.what = f"step {scope.prefix}{name}".rstrip()
            if scope.prefix + name in self._taken or name in written:
                section.fault("id", "is there twice")
                continue
            self._taken.add(scope.prefix + name)
            written[name] = section
            needs[name] = section.texts("needs") if section.has("needs") else previous
            previous = (name,)
        names = {**scope.names, **{name: scope.prefix + name for name in written}}
        inner = replace(scope, names=names)
        for name in _order(written, needs):
            self._step(name, written[name], needs[name], inner)

    def _step(self, name: str, section: Section, needs: tuple[str, ...], scope: Scope) -> None:
        section.texts("needs")
        kind = section.text("type", required=True)
        if kind not in STEP_TYPES:
            if kind:
                section.fault("type", f"{kind!r} is none of {', '.join(STEP_TYPES)}{near(kind, STEP_TYPES)}")
            return
        ids = tuple(need for name_ in needs for need in self._met(scope.names.get(name_, name_)))
        before = scope.before | self._closure(ids)
        reach = Reach(scope, self._steps, {**self._beside(scope.prefix), **scope.names}, before)
        when = self._when(section, reach)
        reach = replace(reach, when=when)
        base: Base = {
            "id": scope.prefix + name,
            "title": section.text("title", name),
            "needs": ids,
            "when": when,
            "on_failure": on_failure(section, self._failure),
            "block": scope.block,
            "branch": scope.branch,
            "parameters": scope.bound,
        }
        if kind in SIMPLE_STEPS:
            step = SIMPLE_STEPS[kind](base, section, reach)
            if isinstance(step, ApprovalStep) and step.not_by:
                step = replace(step, not_by=tuple(scope.names.get(other, other) for other in step.not_by))
                self._apart.append((section, step))
            self._steps[step.id] = step
            if kind == "condition":
                self._ways(step.id, section, replace(scope, before=before | {step.id}))
        else:
            inside = replace(scope, before=before, block=base["id"], branch="")
            {"parallel": self._parallel, "loop": self._loop, "workflow": self._workflow}[kind](
                base, section, reach, inside
            )
        section.close()

    def _check_apart(self, section: Section, gate: ApprovalStep) -> None:
        gates = [id_ for id_, step in self._steps.items() if isinstance(step, ApprovalStep) and id_ != gate.id]
        for other in gate.not_by:
            if other not in gates:
                section.fault("not_by", f"{other} is no other approval step{near(other, gates)}")

    def _beside(self, prefix: str) -> dict[str, str]:
        """Ids by name of what was read with this prefix: the steps in blocks beside a step are known by their names too."""
        ids = {id_.removeprefix(prefix): id_ for id_ in self._steps if id_.startswith(prefix)}
        return {name: id_ for name, id_ in ids.items() if "." not in name and "/" not in name}

    def _met(self, id_: str) -> tuple[str, ...]:
        """What stands for a step in needs: a condition is over when the way that it took is."""
        return (id_, *(way for way in (f"{id_}/then", f"{id_}/else") if way in self._steps))

    def _closure(self, ids: tuple[str, ...]) -> frozenset[str]:
        """These steps, what they need, and so on; with what stands in them, rounds of loops apart."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            id_ = todo.pop()
            if id_ in found or id_ not in self._steps:
                continue
            found.add(id_)
            step = self._steps[id_]
            todo += step.needs
            if not isinstance(step, LoopStep):
                todo += [inside.id for inside in self._steps.values() if inside.block == id_]
        return frozenset(found)

    def _when(self, section: Section, reach: Reach) -> When | Expression | None:
        if not section.has("when"):
            return None
        if not section.is_mapping("when"):
            return reach.condition(section, "when")
        inner = section.section("when")
        if inner is None:
            return None
        when = When(inner.text("parameter", required=True), inner.texts("in", required=True))
        inner.close()
        parameter, names = reach.scope.parameter(when.parameter), [p.name for p in reach.scope.parameters]
        if parameter is None:
            inner.fault("parameter", f"{when.parameter} is unknown{near(when.parameter, names)}")
        elif parameter.secret:
            inner.fault("parameter", f"{when.parameter} is secret, and whether the step happens would tell it")
        elif parameter.choices and not set(when.values) <= set(parameter.choices):
            inner.fault("in", f"has values that {parameter.name} cannot take: {', '.join(parameter.choices)}")
        return when

    # --- blocks --------------------------------------------------------------------------------------

    def _ways(self, condition: str, section: Section, scope: Scope) -> None:
        for key, result in (("then", True), ("else", False)):
            if not section.has(key):
                continue
            way = GroupStep(
                id=f"{condition}/{key}",
                title=f"{section.text('title', condition)}: {'yes' if result else 'no'}",
                needs=(condition,),
                guard=Guard(condition, result),
                on_failure=on_failure(section, self._failure),
                block=scope.block,
                branch=scope.branch,
                parameters=scope.bound,
            )
            self._steps[way.id] = way
            inside = replace(scope, block=way.id, branch="")
            self._list(section.sections(key, "step"), section, key, inside)

    def _parallel(self, base: Base, section: Section, _reach: Reach, scope: Scope) -> None:
        written = section.section("branches")
        names = written.names() if written else ()
        if written is None or len(names) < 2:
            section.fault("branches", "must name two branches or more, each with its steps")
            return
        self._steps[base["id"]] = ParallelStep(**base, branches=names, join=_join(section, len(names)))
        for name in names:
            self._list(written.sections(name, "step"), written, name, replace(scope, branch=name))

    def _loop(self, base: Base, section: Section, reach: Reach, scope: Scope) -> None:
        items = [reach.parts(section, "over", value)[0] for value in section.texts("over", required=True)]
        at_once = section.integer("at_once", 1, least=1, most=MAX_AT_ONCE)
        self._steps[base["id"]] = LoopStep(**base, items=tuple(items), at_once=at_once)
        bound = scope.bound and {name: tuple(map(_from_within, parts)) for name, parts in scope.bound.items()}
        inside = replace(scope, prefix=f"{base['id']}.", looped=True, bound=bound)
        self._list(section.sections("steps", "step"), section, "steps", inside)

    def _workflow(self, base: Base, section: Section, reach: Reach, scope: Scope) -> None:
        name = section.text("workflow", required=True)
        given = section.section("with")
        if name in scope.chain:
            self._circle = f"go in a circle: {' → '.join((*scope.chain, name))}"
            section.fault("workflow", self._circle)
            return
        node = compose(self._library[name], Faults(name)) if name in self._library else None
        if node is None:
            if name:
                section.fault("workflow", f"{name} is unknown{near(name, self._library)}")
            return
        # What is wrong within it is told where it stands, not here again.
        child = Section(node, Faults(name), f"workflow {name}")
        parameters = read_parameters(child.section("parameters"))
        bound: dict[str, Input] = {}
        for parameter in parameters:
            value = given.scalar(parameter.name) if given else None
            if value is not None and given is not None:
                bound[parameter.name] = reach.parts(given, parameter.name, value)[0]
            elif parameter.default is not None:
                bound[parameter.name] = reach.parts(section, "with", parameter.default)[0]
            elif parameter.required:
                section.fault("with", f"lacks {parameter.name} of {name}")
        if given is not None:
            given.close()
        self._steps[base["id"]] = GroupStep(**base, workflow=f"{name} {child.text('version')}")
        inside = replace(
            scope, prefix=f"{base['id']}.", parameters=parameters, bound=bound, names={}, chain=(*scope.chain, name)
        )
        before, self._failure = self._failure, on_failure(child, OnFailure.FAIL)
        try:
            self._list(child.sections("steps", "step"), section, "workflow", inside)
        finally:
            self._failure = before
        if self._circle and len(scope.chain) == 1:
            # It closes further in, in a file where on its own nothing is wrong.
            section.fault("workflow", self._circle)
            self._circle = ""


def _from_within(part: Part) -> Part:
    """The same value, as a step within one more loop has it."""
    return replace(part, outer=part.outer + 1) if isinstance(part, ItemRef) else part


def _join(section: Section, branches: int) -> int:
    written = section.text("join", "all")
    if written in ("all", "any"):
        return branches if written == "all" else 1
    if re.fullmatch(r"\d{1,3}", written) and 1 <= int(written) <= branches:
        return int(written)
    section.fault("join", f"{written!r} is neither all, any nor a number from 1 to {branches}")
    return branches


# --- order -----------------------------------------------------------------------------------------------


def _order(by_name: dict[str, Section], needs: dict[str, tuple[str, ...]]) -> list[str]:
    """Names with every step after those it needs, otherwise as written. Faults: unknown needs, and cycles by their path."""
    for name, section in by_name.items():
        for need in needs[name]:
            if need not in by_name:
                section.fault("needs", f"an unknown step {need}{near(need, by_name)}")
    ordered: dict[str, None] = {}
    while len(ordered) < len(by_name):
        free = [s for s in by_name if s not in ordered and all(n in ordered or n not in by_name for n in needs[s])]
        if not free:
            path = _cycle({s: needs[s] for s in by_name if s not in ordered})
            by_name[path[0]].fault("needs", f"go in a circle: {' → '.join(path)}")
            break
        ordered[free[0]] = None
    return list(ordered)


def _cycle(left: dict[str, tuple[str, ...]]) -> list[str]:
    """The path of one circle, its first step again at the end. Each step in `left` needs another one in it."""
    path = [next(iter(left))]
    while True:
        step = next(need for need in left[path[-1]] if need in left)
        if step in path:
            return [*path[path.index(step) :], step]
        path.append(step)
