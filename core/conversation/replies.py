"""All wording that people read, apart from run and approval cards (`cards.py`). Short, concrete, kind: what happened, what it means, what next."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.actors import Actor, Standing
from core.errors import Failure
from core.intents.verbs import VERBS
from core.markup import literal
from core.messages import (
    Account,
    Actions,
    Block,
    Button,
    ButtonStyle,
    Code,
    Field,
    Fields,
    Heading,
    Note,
    Place,
    Platform,
    Reply,
    Text,
    Tone,
)
from core.planning.policy import EVERYBODY, Verdict
from core.ports.records import ApprovalView, RunView
from core.workflow.steps.common import Scalar


def mention(account: Account, name: str) -> str:
    """A mention on the person's own platform, the bold name elsewhere. Terminals have no one to mention."""
    label = literal(name or account.id).replace("\n", " ")
    if account.platform in (Platform.SLACK, Platform.DISCORD):
        return f"[@{label}](user:{account.platform}:{account.workspace}/{account.id})"
    return f"**{label}**"


def channel_link(place: Place) -> str:
    """A link to a channel on its own platform."""
    return f"[#{place.channel}](channel:{place.platform}:{place.workspace}/{place.channel})"


def when(moment: datetime) -> str:
    """A time everybody reads the same way."""
    return f"{moment:%H:%M} UTC on {moment.day} {moment:%b}"


def ago(seconds: float) -> str:
    """A duration in the largest unit that says enough: 40 s, 12 min, 3 h, 5 days."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 36 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


def help_card(*, can_run: Sequence[str], platform: Platform) -> Reply:
    """What the bot can do; `can_run`: workflows that this person may start."""
    lines = [f"- `{_usage(verb.name, platform)}`: {verb.summary}" for verb in VERBS]
    startable = ", ".join(f"`{name}`" for name in can_run) or "none; ask for the role that may"
    return Reply(
        (
            Heading("What I can do"),
            Text("\n".join(lines)),
            Text(f"**Workflows you may start:** {startable}"),
            Note("In threads, where slash commands do not work, write `@copilot verb` or `!verb` instead."),
            Actions((Button("Start a workflow", "form:run", ButtonStyle.PRIMARY),)),
        ),
        "What I can do: " + ", ".join(verb.name for verb in VERBS),
    )


def _usage(verb: str, platform: Platform) -> str:
    return f"copilot {verb}" if platform in (Platform.CONSOLE, Platform.API) else f"/copilot {verb}"


def unknown_verb(word: str, buttons: Sequence[Button]) -> Reply:
    """The first word is no verb; `buttons` are the nearest ones."""
    said = literal(word) or "that"
    blocks: list[Block] = [Text(f"I have no command **{said}**." + (" Did you mean one of these?" if buttons else ""))]
    if buttons:
        blocks.append(Actions(tuple(buttons)))
    blocks.append(Note("`/copilot help` lists everything; nothing was done."))
    return Reply(tuple(blocks), f"No command {word[:40]}. Try /copilot help.")


def did_not_understand(buttons: Sequence[Button]) -> Reply:
    """The sentence fits none of the rules."""
    return Reply(
        (
            Text("I did not understand that well enough to act on it. Is it one of these?"),
            Actions(tuple(buttons)),
            Note(
                "I answer which version runs where, what is running, and what waits for approval, and start workflows."
            ),
        ),
        "I did not understand that. Try /copilot help.",
    )


def choose(question: str, buttons: Sequence[Button]) -> Reply:
    """One short question with candidates."""
    return Reply((Text(question), Actions(tuple(buttons))), question)


def answer(understood: str, text: str, details: Sequence[tuple[str, str]] = ()) -> Reply:
    """An answer from a read tool, with the question as it was understood."""
    blocks: list[Block] = [Text(text)]
    if details:
        blocks.append(Fields(tuple(Field(name, value) for name, value in details)))
    blocks.append(Note(f"Understood as: {understood}"))
    return Reply(tuple(blocks), re.sub(r"[*`]", "", text))


def version_answer(understood: str, asked: Mapping[str, Scalar], found: Mapping[str, Scalar], now: datetime) -> Reply:
    """Which version of a service runs where; every value is the delivery service's own."""
    service, environment = literal(str(asked["service"])), literal(str(asked["environment"]))
    version = literal(str(found.get("version", "")))
    if not version:
        return answer(understood, f"**{service}** is not deployed in {environment}.")
    details = []
    if since := moment(str(found.get("deployed_at", ""))):
        details.append(("Since", f"{when(since)} ({ago((now - since).total_seconds())} ago)"))
    if by := str(found.get("deployed_by", "")):
        details.append(("Deployed by", literal(by)))
    return answer(understood, f"**{service}** runs version **{version}** in {environment}.", details)


def moment(text: str) -> datetime | None:
    """Read an ISO time with a time zone; None if it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def line(text: str) -> Reply:
    """One sentence in our Markdown."""
    return Reply((Text(text),), re.sub(r"[*`]", "", text))


def started(run_id: str) -> Reply:
    """A run was started by a form or button; its card stands in the channel."""
    return line(f"Started `{run_id}`. Its card in the channel follows it.")


def missing(workflow: str, names: Sequence[str], button: Button) -> Reply:
    """Something is needed to start a run."""
    text = f"To start **{workflow}** I still need {' and '.join(f'**{name}**' for name in names)}."
    example = " ".join(f"{name}=…" for name in names)
    return Reply(
        (
            Text(text),
            Actions((button,)),
            Note(f"Or say it in one go: `run {workflow} {example}`. Nothing was started."),
        ),
        text.replace("*", ""),
    )


def denied(verdict: Verdict, wanted: str) -> Reply:
    """Policy said no."""
    blocks: list[Block] = [Text(f"I did not {wanted}. {verdict.reason}")]
    if verdict.who_may:
        blocks.append(Note("Who may: " + ", ".join(f"**{role}**" for role in verdict.who_may) + ". Nothing was done."))
    else:
        blocks.append(Note("Nothing was done. Ask whoever runs this bot if that is wrong."))
    return Reply(tuple(blocks), f"Not allowed: {verdict.reason}", Tone.WARNING)


def failed(failure: Failure, reference: str) -> Reply:
    """Something went wrong; `reference` finds it in the log."""
    blocks: list[Block] = [Text(literal(failure.message))]
    if failure.hint:
        blocks.append(Text(failure.hint))
    again = "Trying again may help. " if failure.retryable else ""
    blocks.append(Note(f"{again}`{failure.code}` · reference `{reference}`"))
    return Reply(tuple(blocks), failure.message.splitlines()[0][:200] or failure.code, Tone.BAD)


def takes_longer() -> Reply:
    """A placeholder is about to die before its result is there."""
    return line("This takes longer than I can keep this answer open. **The result comes as a message of its own.**")


def not_recorded() -> Reply:
    """A command, click or form could not be committed."""
    text = "I could not record that, so **nothing was done**. Please try again in a moment."
    return Reply((Text(text),), "Not recorded; nothing was done. Please try again.", Tone.BAD)


def expired_button() -> Reply:
    """The button is unknown, used or too old."""
    return Reply(
        (
            Text("This button has **expired**: what it was for is decided, replaced or long ago."),
            Note("`/copilot status` shows where runs stand now, `/copilot approvals` what still waits."),
        ),
        "This button has expired. Try /copilot status.",
    )


def not_a_member(hint: str) -> Reply:
    """The bot cannot post where it was asked."""
    return Reply(
        (
            Text(f"I am not in this channel, so I cannot post here. {hint}"),
            Note("What you asked for is kept: it goes on, and I post it here as soon as I am in."),
        ),
        "I am not in this channel. Invite me and I go on.",
        Tone.WARNING,
    )


def open_again(label: str, action: str) -> Reply:
    """The form could not be opened in time."""
    return Reply(
        (Text("The form did not open in time."), Actions((Button(label, action, ButtonStyle.PRIMARY),))),
        "The form did not open in time. Press to open it again.",
    )


def muted(on: bool) -> Reply:
    """The channel setting changed."""
    if on:
        return Reply(
            (
                Text("I am quiet in this channel now: I answer commands only."),
                Note("`/copilot unmute` brings me back."),
            ),
            "I am quiet in this channel now.",
        )
    return Reply((Text("I listen in this channel again."),), "I listen in this channel again.")


def whoami(actor: Actor, permissions: Sequence[str]) -> Reply:
    """Who somebody is to the bot."""
    roles = (
        ", ".join(f"`{role}`" for role in sorted(actor.roles | {EVERYBODY}))
        if actor.standing is Standing.MEMBER
        else "none"
    )
    return Reply(
        (
            Text(f"You are {mention(actor.account, actor.name)}."),
            Fields(
                (
                    Field("Account", f"`{actor.account}`"),
                    Field("Standing", actor.standing.value),
                    Field("Roles", roles),
                    Field("You may", ", ".join(f"`{p}`" for p in permissions) or "nothing"),
                )
            ),
        ),
        f"You are {actor.name}, roles: {', '.join(sorted(actor.roles)) or 'none'}",
    )


_STATUS_ICONS = {"completed": "✅", "failed": "❌", "cancelled": "⏹️", "waiting": "⏸️", "running": "🔄"}


def run_list(runs: Sequence[RunView], now: datetime, *, asked: str) -> Reply:
    """Runs, latest first."""
    if not runs:
        return Reply((Text(f"No runs{asked}."), Note("`/copilot run` starts one.")), f"No runs{asked}.")
    lines = [
        f"- {_STATUS_ICONS.get(run.status, '▫️')} `{run.id}` {literal(run.summary)}: **{run.status.replace('_', ' ')}**, "
        f"started {ago((now - run.started_at).total_seconds())} ago"
        for run in runs
    ]
    return Reply(
        (Text("\n".join(lines)), Note("`/copilot status RUN-…` shows one with its steps.")),
        f"{len(runs)} runs; latest: {runs[0].summary} is {runs[0].status}",
    )


def approval_list(waiting: Sequence[tuple[ApprovalView, RunView]], now: datetime) -> Reply:
    """What waits for approval, oldest first."""
    if not waiting:
        return Reply((Text("Nothing waits for an approval."),), "Nothing waits for an approval.")
    lines = [
        f"- `{run.id}` {literal(run.summary)}: {view.given} of {view.needed} given, by "
        f"{' or '.join(f'**{role}**' for role in view.eligible_roles)}, "
        f"{ago((view.expires_at - now).total_seconds())} left"
        for view, run in waiting
    ]
    return Reply((Heading("Waiting for approval"), Text("\n".join(lines))), f"{len(waiting)} waiting for approval")


def no_such_run(run_id: str) -> Reply:
    """The id names no run."""
    return Reply(
        (Text(f"I know no run `{literal(run_id[:40])}`."), Note("`/copilot status` lists the latest ones.")),
        f"I know no run {run_id[:40]}.",
    )


def definition_faults(problems: str) -> Reply:
    """A workflow file is invalid."""
    return Reply(
        (Text("A workflow definition is invalid:"), Code(problems)), "A workflow definition is invalid.", Tone.BAD
    )
