"""Requests for approval as people see them: their live cards, the messages about them, and the queue of what waits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.conversation.approval_words import counted_text, named, outcome, refusal_text, talk, who_decides
from core.conversation.cards import inline
from core.conversation.replies import ago, holder, mention, when
from core.markup import literal
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Field,
    Fields,
    Heading,
    Note,
    Reply,
    Text,
    Tone,
)
from core.ports.records import ApprovalView, RunView, StandingDelegation
from core.workflow.approvals import Approval, ApprovalStatus, Question, Refusal, Verdict
from core.workflow.definition import shown
from core.workflow.digests import shorten
from core.workflow.run import Run

_TITLES = {
    ApprovalStatus.OPEN: "Approval needed",
    ApprovalStatus.GRANTED: "Approved",
    ApprovalStatus.DENIED: "Denied",
    ApprovalStatus.EXPIRED: "Expired",
    ApprovalStatus.VOID: "Void",
    ApprovalStatus.CANCELLED: "Withdrawn",
}
_TONES = {
    ApprovalStatus.OPEN: Tone.WARNING,
    ApprovalStatus.GRANTED: Tone.GOOD,
    ApprovalStatus.DENIED: Tone.BAD,
}


def approval_card(run: Run, approval: Approval) -> Reply:
    """A request for approval: what would happen, who asks, who may decide, how it stands, what was asked and answered."""
    title = f"{_TITLES[approval.status]}: {run.definition.title}"
    deciders = [d.name for d in approval.decisions if d.account != run.requester.account]
    requester = mention(run.requester.account, run.requester.name, deciders)
    stands = outcome(approval)
    wanted = f"Started by {literal(run.cause)}" if run.cause else f"{requester} wants this"
    blocks: list[Block] = [
        Heading(title),
        Text(f"{wanted} (`{run.id}`): {literal(approval.title)}."),
        Fields(tuple(Field(name, literal(value)) for name, value in shown(run.definition, run.parameters).items())),
        Text(stands[:1].upper() + stands[1:]),
    ]
    if told := talk(approval):
        blocks.append(Text(told))
    if approval.status is ApprovalStatus.OPEN:
        blocks.append(Actions((*decision_buttons(approval), *_more_buttons(approval))))
    elif approval.status is ApprovalStatus.EXPIRED and approval.again_token:
        blocks.append(Actions((Button("Ask again", f"do:{approval.again_token}", ButtonStyle.PRIMARY),)))
    blocks.append(Note(who_decides(approval)))
    return Reply(tuple(blocks), f"{title} ({run.id}, {inline(run)})", _TONES.get(approval.status, Tone.NEUTRAL))


def decision_buttons(approval: Approval) -> tuple[Button, ...]:
    """Yes and no, each at once or with words."""
    deny = Button("Deny", f"do:{approval.deny_token}", ButtonStyle.DANGER)
    return (
        Button("Approve", f"do:{approval.approve_token}", ButtonStyle.PRIMARY),
        Button("Approve …", f"form:approve:{approval.approve_token}"),
        *(() if approval.reason_needed else (deny,)),
        Button("Deny …", f"form:deny:{approval.deny_token}", ButtonStyle.DANGER),
    )


def _more_buttons(approval: Approval) -> tuple[Button, ...]:
    return (
        Button("Ask …", f"form:question:{approval.approve_token}"),
        Button("Delegate …", f"form:delegate:{approval.approve_token}"),
    )


def reminder(run: Run, approval: Approval, now: datetime) -> Reply:
    """Half or nine tenths of the time is gone."""
    left = ago((approval.expires_at - now).total_seconds())
    lacking = approval.needed - approval.given
    text = f"⏰ **{literal(run.definition.title)}** (`{run.id}`) still needs {lacking} approval{'s' if lacking > 1 else ''}; it expires in {left}."
    return Reply((Text(text),), f"{run.id}: approval expires in {left}", Tone.WARNING)


def escalation(run: Run, approval: Approval, now: datetime) -> Reply:
    """More roles may decide now."""
    left = ago((approval.expires_at - now).total_seconds())
    roles = " and ".join(f"**{role}**" for role in approval.escalate_to)
    text = f"🔺 **{literal(run.definition.title)}** (`{run.id}`) was escalated: {roles} may decide now too. It expires in {left}."
    return Reply((Text(text),), f"{run.id}: approval escalated to {', '.join(approval.escalate_to)}", Tone.WARNING)


def question(run: Run, asked: Question) -> Reply:
    """Goes to the requester, where the run lives."""
    text = f"❓ {named(run.requester)}, {named(asked.by)} asks before deciding about `{run.id}`: {literal(asked.text)}"
    note = Note("Answer here: what you say next stands on the request, which stays open. No need to mention anybody.")
    return Reply((Text(text), note), f"{run.id}: {asked.by.name} asks: {asked.text}", Tone.WARNING)


def answered(run: Run, asked: Question) -> Reply:
    """Goes to whoever asked, where the request is shown."""
    by = named(asked.answered_by) if asked.answered_by else ""
    text = f"💬 {named(asked.by)}, {by} answered about `{run.id}`: {literal(asked.answer)}"
    return Reply((Text(text),), f"{run.id}: answered: {asked.answer}")


def handed(run: Run, approval: Approval) -> Reply:
    """Goes to whoever may decide for somebody from now on."""
    last = approval.delegations[-1]
    text = f"🤝 {named(last.by)} lets you decide about **{literal(run.definition.title)}** (`{run.id}`, {literal(inline(run))})."
    blocks = (Text(text), Actions(decision_buttons(approval)), Note(who_decides(approval)))
    return Reply(blocks, f"{run.id}: {last.by.name} lets you decide", Tone.WARNING)


def refusal(
    said: Refusal, people: Mapping[str, Sequence[str]] | None = None, unsure: frozenset[str] = frozenset()
) -> Reply:
    """Why a click on a request does not count. `people`: role → names of people who hold it, as far as known; `unsure`: roles
    of the person that could not be looked up."""
    text = refusal_text(said, people, unsure)
    return Reply((Text(text), Note("Your click changed nothing.")), f"Not counted: {text}", Tone.WARNING)


def counted(approval: Approval, verdict: Verdict) -> Reply:
    """A decision counted; said privately to whoever clicked when the card alone would not tell."""
    text = counted_text(approval, verdict)
    return Reply((Text(text),), text.removesuffix("."))


# --- what waits ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for approval, as one person sees it."""

    mine: Sequence[tuple[Approval, Run]] = ()
    """What this person may decide now, oldest first."""
    others: Sequence[tuple[ApprovalView, RunView]] = ()
    """What waits besides, for other people above all."""
    more: int = 0
    """How many of these are not in it."""


def queue(waiting: Queue, now: datetime) -> Reply:
    """What waits for approval: what this person may decide with buttons, what waits for others as lines."""
    summary = f"{len(waiting.mine)} for you to decide, {len(waiting.others) + waiting.more} more waiting"
    if not (waiting.mine or waiting.others or waiting.more):
        return Reply((Text("Nothing waits for an approval."),), "Nothing waits for an approval.")
    return Reply((Heading("Waiting for approval"), *queue_blocks(waiting, now)), summary)


def queue_blocks(waiting: Queue, now: datetime) -> list[Block]:
    """The same without a heading of its own."""
    blocks: list[Block] = []
    for approval, run in waiting.mine:
        blocks += [Text(_mine(approval, run, now)), Actions(decision_buttons(approval))]
    if not waiting.mine:
        blocks.append(Text("Nothing waits for you."))
    if waiting.others:
        lines = "\n".join(f"- {approval_line(view, run, now)}" for view, run in waiting.others)
        blocks.append(Text(f"**Also waiting**\n{lines}"))
    if waiting.more:
        blocks.append(Note(f"{waiting.more} more wait: `/copilot approvals all`."))
    return blocks


def with_commands(reply: Reply, waiting: Queue) -> Reply:
    """The same for a terminal, which has no buttons: how each is decided by name."""
    commands = "\n".join(
        f"- `approvals approve {approval.id}`, `approvals deny {approval.id} …`" for approval, _ in waiting.mine
    )
    return Reply((*reply.blocks, Text(commands)), reply.summary, reply.tone)


def _mine(approval: Approval, run: Run, now: datetime) -> str:
    left = ago((approval.expires_at - now).total_seconds())
    asked = f"**{literal(run.definition.title)}** (`{run.id}`): {literal(inline(run))}"
    stands = f"{approval.given} of {approval.needed} given, {left} left · plan `{shorten(approval.digest)}`"
    told = talk(approval)
    return f"{asked}\nFor {named(run.requester)}; {stands}" + (f"\n{told}" if told else "")


def approval_line(view: ApprovalView, run: RunView, now: datetime) -> str:
    """One request that waits: what for, how many are given, who may, how long."""
    holders = " or ".join(map(holder, view.eligible))
    left = ago((view.expires_at - now).total_seconds())
    return f"`{run.id}` {literal(run.summary)}: {view.given} of {view.needed} given, by {holders}, {left} left"


# --- delegations for a while ---------------------------------------------------------------------------


def delegations(given: Sequence[StandingDelegation], taken: Sequence[StandingDelegation]) -> Reply:
    """Who may decide for whom, as one person sees it."""
    lines = [f"- {named(d.to)} may decide for you until {when(d.until)}" for d in given]
    lines += [f"- you may decide for {named(d.by)} until {when(d.until)}" for d in taken]
    note = Note(
        "`/copilot delegate @lee until friday` hands your approvals over, `/copilot delegate off` takes them back."
    )
    return Reply((Text("\n".join(lines) or "Nobody decides for you, nor you for anybody."), note), "Delegations")


def delegated(made: StandingDelegation) -> Reply:
    """Told to whoever handed their approvals over."""
    text = f"{named(made.to)} may decide approvals for you until {when(made.until)}, and so may you."
    note = Note("Never what you or they asked for, and each person counts once. `/copilot delegate off` ends it.")
    return Reply((Text(text), note), f"{made.to.name} may decide for you until {when(made.until)}")


def taken(made: StandingDelegation) -> Reply:
    """Told to whoever may decide for somebody from now on."""
    text = f"{named(made.by)} lets you decide approvals for them until {when(made.until)}."
    return Reply(
        (Text(text), Note("`/copilot approvals` shows what waits for you.")), f"{made.by.name} lets you decide"
    )


def ended(over: Sequence[StandingDelegation]) -> Reply:
    """Delegations were taken back."""
    names = " and ".join(named(d.to) for d in over)
    text = f"{names} may decide for you no more." if over else "Nobody decides for you."
    return Reply((Text(text),), "Delegations ended")


def taken_back(over: StandingDelegation) -> Reply:
    """Told to whoever could decide for somebody until now."""
    text = f"{named(over.by)} decides approvals themselves again."
    return Reply((Text(text),), f"{over.by.name} decides themselves again")
