"""All wording that people read, apart from run and approval cards (`cards.py`). Short, concrete, kind: what happened, what it means, what next."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from core import names
from core.actors import Standing
from core.errors import Failure
from core.intents.verbs import VERBS, Verb
from core.markup import literal
from core.messages import (
    Account,
    Actions,
    Block,
    Button,
    ButtonStyle,
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
from core.nlp.interpretation import Intent
from core.planning.policy import EVERYBODY, Verdict
from core.planning.roster import shown_holder
from core.ports.identity import Known
from core.ports.records import RunView
from core.times import ago as ago
from core.workflow.steps.common import Scalar


def mention(account: Account, name: str, others: Iterable[str] = ()) -> str:
    """A mention on the person's own platform, the bold name elsewhere. Terminals have no one to mention. The id stands beside a
    name that could pass for another, such as one of `others`."""
    label, beside = names.shown(name, account.id, others)
    beside = f" (`{beside}`)" if beside else ""
    if account.platform in (Platform.SLACK, Platform.DISCORD):
        return f"[@{literal(label)}](user:{account.platform}:{account.workspace}/{account.id}){beside}"
    return f"**{literal(label)}**{beside}"


def who(people: Mapping[str, Sequence[str]]) -> str:
    """Roles, each with the names of people who hold it as far as known; and groups and people, as definitions name them. Names,
    not mentions: nobody is pinged for a refusal."""
    return " or ".join(holder(name) + _some(listed) for name, listed in people.items())


def holder(name: str) -> str:
    """A role, a group or a person, as definitions name them."""
    return f"`{shown_holder(name)}`" if ":" in name else f"**{literal(name)}**"


def _some(people: Sequence[str]) -> str:
    if not people:
        return ""
    shown = ", ".join(literal(names.clean(person)) for person in people[:_NAMED])
    more = len(people) - _NAMED
    return f" ({shown} and {more} other{'s' if more > 1 else ''})" if more > 0 else f" ({shown})"


_NAMED = 3
"""People of a role who are named in a refusal."""


def channel_link(place: Place) -> str:
    """A link to a channel on its own platform."""
    return f"[#{place.channel}](channel:{place.platform}:{place.workspace}/{place.channel})"


def when(moment: datetime) -> str:
    """A time everybody reads the same way."""
    return f"{moment:%H:%M} UTC on {moment.day} {moment:%b}"


def help_card(
    *, verbs: Sequence[Verb], roles: Sequence[str], can_run: Sequence[str], platform: Platform, here: Sequence[str] = ()
) -> Reply:
    """What this person may do: `verbs` and workflows that they may use; `here`: what this channel has set, in words."""
    lines = [f"- `{_usage(verb.name, platform)}`: {verb.summary}" for verb in verbs]
    startable = ", ".join(f"`{name}`" for name in can_run) or "none; ask for the role that may"
    buttons = [Button("Start a workflow", "form:run", ButtonStyle.PRIMARY)] if can_run else []
    if any(verb.name == "declare" for verb in verbs):
        buttons.append(Button("Declare an incident", "form:declare", ButtonStyle.DANGER))
    lacking = ", ".join(f"`{verb.name}`" for verb in VERBS if verb not in verbs)
    blocks: list[Block] = [
        Heading("What I can do for you here"),
        Text("\n".join(lines)),
        Text(f"**Workflows you may start:** {startable}"),
    ]
    if here:
        blocks.append(Text("**This channel:** " + "; ".join(here)))
    blocks += [Actions(tuple(buttons))] if buttons else []
    notes = [f"Your roles: {', '.join(roles)}."] + ([f"Not for you: {lacking}."] if lacking else [])
    blocks.append(
        Note(" ".join([*notes, "In threads write `@copilot verb` or `!verb`: slash commands do not work there."]))
    )
    return Reply(tuple(blocks), "What I can do: " + ", ".join(verb.name for verb in verbs))


def home(overview: Reply, *, incidents: Sequence[str], waiting: Sequence[Block]) -> Reply:
    """The home page: what goes on, then what this person may do. `incidents`: a line each, in our Markdown."""
    blocks: list[Block] = [Heading("Now")]
    blocks.append(Text("**Open incidents**\n" + ("\n".join(f"- {line}" for line in incidents) or "None.")))
    blocks += [Text("**Waiting for approval**"), *waiting]
    return Reply((*blocks, *overview.blocks), overview.summary)


def introduced(reply: Reply) -> Reply:
    """The first answer in a channel says who is speaking."""
    lines = (
        "**I am Copilot.** I answer questions about running systems, run workflows with approvals, and handle incidents.",
        "In this thread you need no mention; elsewhere write `@copilot …`, `!verb` or `/copilot verb`.",
        "`/copilot help` shows what you may do, `/copilot settings` what this channel wants of me, `/copilot mute` silences me.",
    )
    return Reply((*reply.blocks, Note("\n".join(lines))), reply.summary, reply.tone)


def channel_settings(now: Sequence[tuple[str, str]]) -> Reply:
    """(what, how it is) for everything that can be set in this channel."""
    fields = Fields(tuple(Field(label, literal(value)) for label, value in now))
    button = Button("Change …", "form:settings", ButtonStyle.PRIMARY)
    return Reply((Heading("Settings of this channel"), fields, Actions((button,))), "Settings of this channel")


def channel_changed(changes: Sequence[tuple[str, str]]) -> Reply:
    """Settings were changed; everybody here sees it."""
    lines = "\n".join(f"- {label}: **{literal(value)}**" for label, value in changes)
    return Reply(
        (Text(f"The settings of this channel were changed:\n{lines}"),), "The settings of this channel were changed."
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
                "I answer questions about metrics, logs, traces, versions and runs, handle incidents, and start workflows."
            ),
        ),
        "I did not understand that. Try /copilot help.",
    )


_MEANINGS = {
    Intent.METRIC_QUERY: "Show a metric",
    Intent.LOG_QUERY: "Show log lines",
    Intent.TRACE_QUERY: "Show traces",
    Intent.INCIDENT_CREATE: "Declare an incident",
    Intent.INCIDENT_UPDATE: "Update an incident",
    Intent.INCIDENT_RESOLVE: "Resolve an incident",
    Intent.WORKFLOW_TRIGGER: "Start a run",
    Intent.WORKFLOW_STATUS: "Where runs stand",
    Intent.WORKFLOW_CANCEL: "Stop a run",
    Intent.TEST_GENERATE: "Write tests",
    Intent.TEST_EXECUTE: "Run tests",
    Intent.TEST_COVERAGE: "Test coverage",
    Intent.SERVICE_HEALTH: "Is it healthy?",
    Intent.ALERT_INVESTIGATION: "Look into an alert",
    Intent.GENERAL_QUERY: "Help",
    Intent.UNKNOWN: "None of these",
}


def meaning(intent: Intent) -> str:
    """What an intent is called on a button."""
    return _MEANINGS[intent]


def did_you_mean(buttons: Sequence[Button]) -> Reply:
    """Ask what a sentence means; the answer is remembered."""
    note = "I remember your answer for the next time you say this."
    return Reply((Text("Did you mean …"), Actions(tuple(buttons)), Note(note)), "Did you mean one of these?")


def no_prose() -> Reply:
    """A question that only prose answers, and nothing that writes it."""
    return Reply(
        (
            Text("That is a question for somebody who writes prose, and no language model is connected here."),
            Note(
                "Ask me for a number, log lines, traces, versions, runs or incidents; `/copilot help` shows all of it."
            ),
        ),
        "I cannot answer that in prose.",
    )


def no_test_bench() -> Reply:
    """Nothing drives tests yet."""
    return Reply(
        (
            Text("I understood that this is about **tests**, but no test bench is connected here, so I did nothing."),
            Note("A workflow can run them: `/copilot run` lists what there is."),
        ),
        "No test bench is connected.",
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


def missing(workflow: str, lacking: Sequence[str], button: Button) -> Reply:
    """Something is needed to start a run."""
    text = f"To start **{workflow}** I still need {' and '.join(f'**{name}**' for name in lacking)}."
    example = " ".join(f"{name}=…" for name in lacking)
    return Reply(
        (
            Text(text),
            Actions((button,)),
            Note(f"Or say it in one go: `run {workflow} {example}`. Nothing was started."),
        ),
        text.replace("*", ""),
    )


def denied(verdict: Verdict, wanted: str, people: Mapping[str, Sequence[str]] | None = None) -> Reply:
    """Policy said no. `people`: role → names of people who hold it."""
    blocks: list[Block] = [Text(f"I did not {wanted}. {verdict.reason}")]
    if verdict.who_may:
        blocks.append(Note(f"Who may: {who(people or dict.fromkeys(verdict.who_may, ()))}. Nothing was done."))
    else:
        blocks.append(Note("Nothing was done. Ask whoever runs this bot if that is wrong."))
    return Reply(tuple(blocks), f"Not allowed: {verdict.reason}", Tone.WARNING)


def failed(failure: Failure, reference: str, remedy: Button | None = None) -> Reply:
    """Something went wrong; `reference` finds it in the log. `remedy`: what may be done about it."""
    blocks: list[Block] = [Text(literal(failure.message))]
    if failure.hint:
        blocks.append(Text(failure.hint))
    if remedy:
        blocks.append(Actions((remedy,)))
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


def whoami(known: Known, may: Mapping[str, Sequence[str]]) -> Reply:
    """Who somebody is to the bot, and why. `may`: environment ("" for all) → what is allowed there."""
    actor = known.actor
    reasons: dict[str, list[str]] = {}
    for holding in known.holdings:
        reasons.setdefault(holding.role, []).append(f"`{shown_holder(holding.holder)}`, {literal(holding.where)}")
    roles = [f"- `{role}`: {'; '.join(reasons[role])}" for role in sorted(reasons)]
    if actor.standing is Standing.MEMBER:
        roles.append(f"- `{EVERYBODY}`: every member holds it")
    unsure = [f"- `{role}`: could not be looked up just now" for role in sorted(actor.unsure)]
    fields = [Field("Account", f"`{actor.account}`"), Field("Standing", actor.standing.value)]
    if known.accounts:
        fields.append(Field("Also you", ", ".join(f"`{account}`" for account in known.accounts)))
    allowed = [f"- {place or 'anywhere'}: {', '.join(f'`{p}`' for p in what)}" for place, what in may.items() if what]
    return Reply(
        (
            Text(f"You are {mention(actor.account, actor.name)}."),
            Fields(tuple(fields)),
            Text("**Roles**\n" + "\n".join([*roles, *unsure] or ["- none"])),
            Text("**You may**\n" + "\n".join(allowed or ["- nothing"])),
        ),
        f"You are {names.clean(actor.name) or actor.account.id}, roles: {', '.join(sorted(actor.roles)) or 'none'}",
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


def no_such_run(run_id: str) -> Reply:
    """The id names no run."""
    return Reply(
        (Text(f"I know no run `{literal(run_id[:40])}`."), Note("`/copilot status` lists the latest ones.")),
        f"I know no run {run_id[:40]}.",
    )
