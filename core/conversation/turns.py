"""Turns: interpret, plan, judge, do."""

from collections.abc import Sequence
from dataclasses import replace

from core.actors import Actor
from core.conversation import cards, replies
from core.conversation.desk import Desk, Outcome, first_card, is_command
from core.conversation.threads import answer_place, conversation_of
from core.errors import BotError, NotFoundError, describe
from core.intents.basics import MUTED
from core.intents.known import Known
from core.intents.registry import plan_for
from core.messages import Button, ButtonStyle, Reply, Turn, Via
from core.nlp import rules
from core.nlp.interpretation import Intent, Interpretation
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.planning.policy import Verdict, roles_of
from core.ports.records import ApprovalView, InboxEntry, RunView, Session, Transaction
from core.redaction import redact
from core.tracing import correlation
from core.workflow import parameters as given
from core.workflow import service as runs
from core.workflow.run import Run
from core.workflow.signals import load

_NAMELESS = frozenset({Intent.HELP, Intent.WHOAMI, Intent.APPROVALS})
"""Intents that no name of a service changes."""
_LISTED = 10
"""Runs in a list."""
_OBSTACLES = {
    runs.Obstacle.ENDED: "That run is over already.",
    runs.Obstacle.NOT_WAITING: "Only a run that waits for an approval can be changed.",
    runs.Obstacle.ACTED: "A step that depends on this has acted already. Stop the run and start a new one instead.",
    runs.Obstacle.SAME: "That is what the plan says already.",
}


class TurnHandler:
    """Turns what people say into outcomes."""

    def __init__(self, desk: Desk, executor: Executor) -> None:
        self._desk = desk
        self._executor = executor

    async def handle(self, entry: InboxEntry, turn: Turn, actor: Actor) -> Outcome:
        """The outcome of a turn by somebody who is allowed to talk to the bot at all."""
        said, known = await self._understand(turn)
        meant = plan_for(turn, said, known)
        verdict = self._desk.judge(actor, permissions.needed(meant))
        if not verdict.allowed and not isinstance(meant, plan.Complete):
            return self._desk.refuse(entry, actor, "turn.refused", permissions.needed(meant), verdict, wanted(meant))
        outcome = await self._carry_out(entry, turn, actor, said, meant)
        return self._unless_muted(turn, outcome)

    async def _understand(self, turn: Turn) -> tuple[Interpretation, Known]:
        """The delivery service is asked for its names only where a sentence may hold one: commands work without it."""
        command = turn.via in (Via.COMMAND, Via.BANG)
        workflows = self._desk.catalogue.names()
        said = rules.interpret(turn.text, command=command, workflows=workflows)
        if said.unknown_verb or (said.explicit and said.intent is not Intent.ASK) or said.intent in _NAMELESS:
            return said, Known(self._desk.catalogue)
        services = await self._executor.services()
        said = rules.interpret(turn.text, command=command, services=services, workflows=workflows)
        return said, Known(self._desk.catalogue, services)

    async def _carry_out(
        self, entry: InboxEntry, turn: Turn, actor: Actor, said: Interpretation, meant: plan.Plan
    ) -> Outcome:
        match meant:
            case plan.Silence():
                return Outcome("", lambda _tx: ())
            case plan.Start():
                return self._start(entry, actor, meant.workflow, meant.parameters)
            case plan.Change():
                return self._change(entry, actor, meant)
            case plan.Cancel():
                return self.cancel(entry, actor, meant.run_id, meant.reason)
            case plan.SetChannel():
                return self._set_channel(entry, actor, meant)
            case plan.Choose():
                return self._choose(entry, said, meant)
            case plan.Complete():
                return self._complete(entry, meant)
            case plan.Help() if meant.unknown:
                return self._unknown_verb(entry, meant)
            case plan.Status() if meant.run_id:
                return self._status(entry, meant.run_id)
            case plan.Ask():
                reply = await self._executor.ask(meant, turn.traceparent)
            case plan.Say():
                reply = meant.reply
            case plan.Help():
                reply = replies.help_card(can_run=self.startable(actor), platform=turn.place.platform)
            case plan.WhoAmI():
                reply = replies.whoami(actor, self._permissions(actor))
            case plan.Status():
                reply = await self._run_list(meant)
            case plan.Approvals():
                reply = await self._approvals()
        return self._say(entry, said, reply, private=is_command(entry.item) and not isinstance(meant, plan.Ask))

    def _say(self, entry: InboxEntry, said: Interpretation, reply: Reply, *, private: bool) -> Outcome:
        return Outcome(said.intent, lambda tx: [self._engage_and(tx, entry, reply, private=private)])

    def _engage_and(self, tx: Transaction, entry: InboxEntry, reply: Reply, *, private: bool = False) -> str:
        """Answer, and take part in the thread from now on."""
        engage(self._desk, tx, entry)
        return self._desk.put_reply(tx, entry, reply, private=private)

    # --- writes ----------------------------------------------------------------------------------------

    def start(self, entry: InboxEntry, actor: Actor, workflow: str, parameters: dict[str, str]) -> Outcome:
        """Start a run if this person may, from a form."""
        permission = permissions.start(workflow, parameters.get("environment", ""))
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "run.start", permission, verdict, f"start {workflow}")
        return self._start(entry, actor, workflow, parameters)

    def _start(self, entry: InboxEntry, actor: Actor, workflow: str, parameters: dict[str, str]) -> Outcome:
        desk = self._desk
        definition = desk.catalogue.find(workflow)
        if definition is None:
            raise NotFoundError(f"There is no workflow {workflow}.", hint="`/copilot run` shows which there are.")
        read = given.read(definition, parameters)
        if read.missing:
            raise NotFoundError(
                f"{', '.join(read.missing)} is missing.", hint=f"Try `/copilot run {workflow}` for a form."
            )
        item = entry.item

        def apply(tx: Transaction) -> Sequence[str]:
            engage(desk, tx, entry)
            lanes: list[str] = []
            means = desk.means(lanes, first_card(item))
            done = runs.start(tx, means, definition, read.values, actor, origin=desk.origin(item))
            if isinstance(done, runs.NotDone):
                verdict = Verdict(False, f"{definition.title} may be started by some roles only.", done.who_may)
                return [
                    desk.put_reply(tx, entry, replies.denied(verdict, f"start {workflow}"), private=is_command(item))
                ]
            if first_card(item).handle is None and is_command(item):
                lanes.append(desk.put_reply(tx, entry, replies.started(done.run.id), private=True))
            return lanes

        return Outcome("run", apply)

    def _change(self, entry: InboxEntry, actor: Actor, meant: plan.Change) -> Outcome:
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, meant.run_id)
            if run is None:
                return [desk.put_reply(tx, entry, replies.no_such_run(meant.run_id), private=is_command(entry.item))]
            permission = permissions.start(run.definition.name, meant.parameters.get("environment", run.environment))
            verdict = desk.judge(actor, permission)
            if not verdict.allowed:
                return desk.refuse(entry, actor, "run.change", run.id, verdict, "change the run").apply(tx)
            lanes: list[str] = []
            done = runs.change(tx, desk.means(lanes), run.id, actor, meant.parameters, origin=desk.origin(entry.item))
            return [
                *lanes,
                self._told(
                    tx, entry, done, f"Changed. Earlier approvals of `{run.id}` are void; the new plan needs its own."
                ),
            ]

        return Outcome("change", apply)

    def cancel(self, entry: InboxEntry, actor: Actor, run_id: str, reason: str) -> Outcome:
        """Stop a run: its requester may, and whoever holds the permission."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, run_id)
            if run is None:
                return [desk.put_reply(tx, entry, replies.no_such_run(run_id), private=is_command(entry.item))]
            verdict = self._may_stop(actor, run)
            if not verdict.allowed:
                return desk.refuse(entry, actor, "run.cancel", run.id, verdict, "stop the run").apply(tx)
            lanes: list[str] = []
            done = runs.cancel(tx, desk.means(lanes), run.id, actor, origin=desk.origin(entry.item), reason=reason)
            return [*lanes, self._told(tx, entry, done, f"Stopped `{run.id}`.")]

        return Outcome("cancel", apply)

    def _may_stop(self, actor: Actor, run: Run) -> Verdict:
        own = bool(self._desk.identity.accounts(actor.account) & {run.requester.account})
        return Verdict(True) if own else self._desk.judge(actor, permissions.stop(run.definition.name, run.environment))

    def _told(self, tx: Transaction, entry: InboxEntry, done: runs.Done | runs.NotDone, text: str) -> str:
        said = text if isinstance(done, runs.Done) else _OBSTACLES.get(done.obstacle, "That changed nothing.")
        return self._desk.put_reply(tx, entry, replies.line(said), private=is_command(entry.item))

    def _set_channel(self, entry: InboxEntry, actor: Actor, meant: plan.SetChannel) -> Outcome:
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            lane = entry.item.place.lane
            before = tx.channels.set(lane, meant.name, meant.value)
            row = desk.audit_row(entry.item, actor, "channel.set", f"{lane} {meant.name}", "done")
            tx.audit.add(replace(row, details={"before": before, "after": meant.value}))
            return [desk.put_reply(tx, entry, replies.muted(meant.value is not None))]

        return Outcome("mute", apply)

    # --- questions of ours -----------------------------------------------------------------------------

    def _choose(self, entry: InboxEntry, said: Interpretation, meant: plan.Choose) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            buttons = self._desk.say_buttons(tx, entry, meant.choices)
            reply = replies.choose(meant.question, buttons) if meant.question else replies.did_not_understand(buttons)
            return [self._engage_and(tx, entry, reply, private=is_command(entry.item))]

        return Outcome(said.intent, apply)

    def _unknown_verb(self, entry: InboxEntry, meant: plan.Help) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            buttons = self._desk.say_buttons(tx, entry, [(verb, verb) for verb in meant.nearest])
            return [
                self._desk.put_reply(
                    tx, entry, replies.unknown_verb(meant.unknown, buttons), private=is_command(entry.item)
                )
            ]

        return Outcome("unknown", apply)

    def _complete(self, entry: InboxEntry, meant: plan.Complete) -> Outcome:
        """One missing choice is asked with buttons, so that nothing typed is lost; more of it by a form."""
        fields = {field.id: field for field in meant.form.fields}
        asked = fields.get(meant.missing[0]) if len(meant.missing) == 1 else None
        words = "".join(f" {name}={value}" for name, value in meant.given.items())
        if self._holds_secret(meant):
            # A button would keep what was typed; the form asks for it again.
            asked = None

        def apply(tx: Transaction) -> Sequence[str]:
            if asked and asked.choices:
                choices = [(o.label, f"run {meant.workflow}{words} {asked.id}={o.value}") for o in asked.choices[:5]]
                reply = replies.choose(f"Which **{asked.id}**?", self._desk.say_buttons(tx, entry, choices))
            else:
                button = Button("Fill in", f"form:{meant.form.name}", ButtonStyle.PRIMARY)
                reply = replies.missing(meant.workflow, meant.missing, button)
            return [self._engage_and(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("run", apply)

    def _holds_secret(self, meant: plan.Complete) -> bool:
        definition = self._desk.catalogue.find(meant.workflow)
        secret = {p.name for p in definition.parameters if p.secret} if definition else set()
        return any(name in secret or redact(value) != value for name, value in meant.given.items())

    # --- reads -----------------------------------------------------------------------------------------

    def _status(self, entry: InboxEntry, run_id: str) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            run = load(tx, run_id)
            reply = cards.run_card(run) if run else replies.no_such_run(run_id)
            return [self._engage_and(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("status", apply)

    async def _run_list(self, meant: plan.Status) -> Reply:
        found: Sequence[RunView] = await self._desk.records.read(
            lambda tx: tx.runs.find(statuses=meant.statuses, parameter=meant.parameter, limit=_LISTED)
        )
        asked = " under way" if meant.statuses else f" of {meant.parameter[1]}" if meant.parameter else ""
        return replies.run_list(found, self._desk.clock.now(), asked=asked)

    async def _approvals(self) -> Reply:
        def unit(tx: Transaction) -> list[tuple[ApprovalView, RunView]]:
            waiting = tx.runs.open_approvals(limit=_LISTED)
            return [(view, run) for view in waiting if (run := tx.runs.get(view.run_id))]

        return replies.approval_list(await self._desk.records.read(unit), self._desk.clock.now())

    def startable(self, actor: Actor) -> list[str]:
        """Workflows that this person may start somewhere."""
        return [
            definition.name
            for definition in self._desk.catalogue
            if any(self._desk.judge(actor, p).allowed for p in permissions.every_start(definition))
        ]

    def _permissions(self, actor: Actor) -> list[str]:
        return sorted({p for role in roles_of(actor) for p in self._desk.grants.get(role, ())})

    def _unless_muted(self, turn: Turn, outcome: Outcome) -> Outcome:
        """In a muted channel only commands are answered; the setting is looked at when the answer is written."""
        if turn.via in (Via.COMMAND, Via.DIRECT, Via.TERMINAL):
            return outcome

        def apply(tx: Transaction) -> Sequence[str]:
            muted = tx.channels.get(turn.place.lane).get(MUTED) and not turn.text.lower().startswith("unmute")
            return () if muted else outcome.apply(tx)

        return Outcome(outcome.label, apply)


def engage(desk: Desk, tx: Transaction, entry: InboxEntry) -> None:
    """Take part in the thread that the turn's answer stands in, so that what follows needs no mention."""
    turn = entry.item
    if isinstance(turn, Turn) and answer_place(turn).thread and turn.via in (Via.MENTION, Via.BANG):
        conversation = conversation_of(turn)
        if not tx.sessions.get(conversation).engaged:
            tx.sessions.put(Session(conversation, engaged=True), now=desk.clock.now())


def wanted(meant: plan.Plan) -> str:
    """What the person wanted, as it goes on after "I did not"."""
    match meant:
        case plan.Start() | plan.Complete():
            return f"start {meant.workflow}"
        case plan.Ask():
            return "look that up"
        case plan.SetChannel():
            return "change this channel"
        case _:
            return "do that"


def failure_of(desk: Desk, entry: InboxEntry, error: BaseException) -> Outcome:
    """Say that something went wrong, with the reference that finds it."""
    reply = replies.failed(describe(error), correlation(entry.item.traceparent))
    label = "refused" if isinstance(error, BotError) and error.status < 500 else "failed"
    return Outcome(label, lambda tx: [desk.put_reply(tx, entry, reply, private=is_command(entry.item))])
