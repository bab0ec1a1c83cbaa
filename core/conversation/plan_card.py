"""The card of a dry run: what would happen, before anything does. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from core.conversation.replies import who
from core.markup import code, literal
from core.messages import (
    Actions,
    Block,
    Button,
    Field,
    Fields,
    Heading,
    Note,
    Reply,
    StepLine,
    Steps,
    StepState,
    Text,
)
from core.planning.policy import Verdict
from core.workflow.definition import Definition
from core.workflow.dry_run import DryRun, Foreseen, Outlook
from core.workflow.durations import written
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import Expression, When
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import LONGEST_WAIT, WaitStep

_STATES = {
    Outlook.HAPPENS: StepState.PENDING,
    Outlook.OPEN: StepState.PENDING,
    Outlook.SKIPPED: StepState.SKIPPED,
    Outlook.FAILS: StepState.FAILED,
}
_INDENT = "\u2003"
"""An em space: platforms drop ordinary ones at the beginning of a line."""
_LINES = 40
"""Steps that are told one by one."""
_ITEMS = 8
"""Items of a loop that are named."""


People = Mapping[str, Sequence[str]]
"""Role → names of people who hold it, as far as known."""


def plan_card(
    dry: DryRun, lacking: Sequence[str], verdict: Verdict, buttons: Sequence[Button], people: People | None = None
) -> Reply:
    """What a run would do. `lacking`: parameters that it still needs; `verdict`: whether whoever asks may start it; `buttons`:
    what may be done about it; `people`: who would be asked."""
    definition = dry.definition
    fields = [Field(name, literal(value)) for name, value in dry.parameters.items()]
    fields += [Field(name, "not said yet") for name in lacking]
    fields.append(Field("risk", definition.risk.value))
    title = f"Plan: {definition.title}"
    blocks: list[Block] = [Heading(title), Fields(tuple(fields)), Steps(_lines(dry, people or {}))]
    if limits := "; ".join(_limits(definition)):
        blocks.append(Text(f"**Limits:** {limits}."))
    if not verdict.allowed:
        blocks.append(Text(f"You may not start this. {verdict.reason}"))
    blocks += [Actions(tuple(buttons))] if buttons else []
    blocks.append(Note(f"`{definition.name}` {definition.version} · nothing was started"))
    return Reply(tuple(blocks), f"{title} ({definition.name}): nothing was started")


def _lines(dry: DryRun, people: People) -> tuple[StepLine, ...]:
    lines = tuple(
        StepLine(_INDENT * one.depth + one.step.title, _STATES[one.outlook], _detail(dry, one, people))
        for one in dry.steps
    )
    if len(lines) <= _LINES:
        return lines
    return (*lines[: _LINES - 1], StepLine(f"… and {len(lines) - _LINES + 1} more", StepState.PENDING))


def _detail(dry: DryRun, one: Foreseen, people: People) -> str:
    condition = _condition(dry, one)
    if one.outlook is Outlook.SKIPPED:
        return f"skipped: {condition}"
    if one.outlook is Outlook.FAILS:
        return f"would fail: {literal(one.why)}"
    if one.only:
        condition = f"only for {_listed(one.only)}"
    return " · ".join(part for part in (condition, *_what(dry, one, people)) if part)


def _condition(dry: DryRun, one: Foreseen) -> str:
    """On what the step hangs: why it happens, or when it would."""
    step, sure = one.step, one.outlook is Outlook.HAPPENS
    parts = []
    if step.guard is not None:
        named = next((other.title for other in dry.definition.steps if other.id == step.guard.condition), "")
        comes = "yes" if step.guard.result else "no"
        parts.append(f"“{literal(named)}” {'is' if sure else 'comes to'} {comes}")
    match step.when:
        case When(parameter=parameter, values=values):
            parts.append(f"{literal(parameter)} is {' or '.join(map(literal, values))}")
        case Expression(text=text):
            parts.append(code(text))
    if not parts:
        return ""
    return ("because " if sure else "only if ") + " and ".join(parts)


def _what(dry: DryRun, one: Foreseen, people: People) -> Iterator[str]:
    match one.step:
        case ActionStep() as step:
            yield f"{code(step.tool)} ({step.risk})" + "".join(
                f" {name}={literal(v)}" for name, v in one.inputs.items()
            )
            yield from _attempts(step)
        case ApprovalStep() as step:
            yield from _asked(step, dry.environment, people)
        case WaitStep() as step:
            yield _awaited(step, one)
        case ConditionStep(expression=expression):
            known = {True: "yes", False: "no", None: "decided then"}[one.result]
            yield f"{known}: {code(expression.text)}"
        case LoopStep() as step:
            yield _rounds(step, one)
        case ParallelStep(branches=branches, join=join):
            yield f"{len(branches)} branches" + (f", {join} of them must be done" if join < len(branches) else "")
        case GroupStep(workflow=workflow):
            yield code(workflow) if workflow else ""


def _attempts(step: ActionStep) -> Iterator[str]:
    if step.poll:
        yield f"asked every {written(step.poll.every_seconds)} until {code(step.poll.holds.text)}"
    again = f", {step.retry.count + 1} attempts" if step.retry.count else ""
    yield f"{written(step.time_limit_seconds)} at most{again}"
    if step.compensate:
        yield f"undone by {code(step.compensate.tool)}"
    if not step.idempotent:
        yield "an interrupted attempt is asked about"


def _asked(step: ApprovalStep, environment: str, people: People) -> Iterator[str]:
    quorum = step.quorum_for(environment)
    wanted = f"{quorum.needed} different people" if quorum.needed > 1 else "one person"
    own = "" if step.self_approval else ", not you"
    holders = {name: people.get(name, ()) for name in (*quorum.roles, *quorum.people, *quorum.groups)}
    yield f"waits for {wanted}: {who(holders)}{own}"
    if step.not_by:
        yield f"nobody who approves {' or '.join(map(code, step.not_by))} too"
    yield f"within {written(step.expires_after_seconds)}"
    if step.escalate_to:
        also = " and ".join(f"**{literal(role)}**" for role in step.escalate_to)
        yield f"after {written(step.escalate_after_seconds)} {also} may too"


def _awaited(step: WaitStep, one: Foreseen) -> str:
    if step.event:
        matching = f" with {code(step.match.text)}" if step.match else ""
        limit = f", {written(step.time_limit_seconds)} at most" if step.time_limit_seconds < LONGEST_WAIT else ""
        return f"waits for {code(step.event)}{matching}{limit}"
    if step.seconds is not None:
        return f"waits {written(step.seconds)}"
    return f"waits until {literal(one.until)} ({literal(step.timezone)})"


def _rounds(step: LoopStep, one: Foreseen) -> str:
    at_once = f", {step.at_once} at once" if step.at_once > 1 else ""
    if one.items is None:
        return f"for each item, known only then{at_once}"
    return f"for each of {len(one.items)}: {_listed(one.items)}{at_once}" if one.items else "for no item"


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - _ITEMS} more" if len(items) > _ITEMS else ""
    return ", ".join(map(literal, items[:_ITEMS])) + more


def _limits(definition: Definition) -> Iterator[str]:
    if definition.time_limit_seconds:
        yield f"{written(definition.time_limit_seconds)} for the whole run"
    if limit := definition.concurrency:
        runs = "one run" if limit.limit == 1 else f"{limit.limit} runs"
        yield f"{runs} at a time" + (" of the same kind" if limit.key else "")
    if definition.roles:
        yield f"started by {' or '.join(f'**{literal(role)}**' for role in definition.roles)} only"
