"""Turns: interpret, plan, judge, do."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from core.actors import Actor
from core.context.carrying import carry, lacks
from core.context.gathering import Contexts
from core.context.listening import remember, said_in
from core.context.window import Context
from core.conversation import cards, channels, incident_cards, replies
from core.conversation.desk import Desk, Outcome, first_card, is_command
from core.conversation.facts import Facts, facts_of
from core.conversation.incidents import IncidentHandler
from core.conversation.knowledge import what_i_know, with_gap, with_sources
from core.conversation.linking import LinkHandler
from core.conversation.threads import answer_place, conversation_of
from core.errors import BotError, NotFoundError, describe
from core.intents.known import Known
from core.intents.registry import plan_for
from core.intents.verbs import VERBS
from core.messages import Button, ButtonStyle, Place, Platform, Reply, Turn, Via
from core.nlp import rules
from core.nlp.interpretation import Command, Interpretation
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.planning.policy import Verdict, may_somewhere, roles_of, unsure_of
from core.ports.records import ApprovalView, InboxEntry, RunView, Session, Transaction
from core.redaction import redact
from core.tracing import correlation
from core.workflow import parameters as given
from core.workflow import service as runs
from core.workflow.run import Run
from core.workflow.signals import load

_NAMELESS = frozenset(
    {Command.HELP, Command.WHOAMI, Command.APPROVALS, Command.LINK, Command.UNLINK, Command.POSTMORTEM, Command.RESOLVE}
)
"""Commands that no name of a service changes."""
_NAMING = frozenset({Command.ASK, Command.WHY})
"""Verbs that a name of a service follows."""
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

    def __init__(
        self, desk: Desk, executor: Executor, incidents: IncidentHandler, links: LinkHandler, contexts: Contexts
    ) -> None:
        self._desk = desk
        self._links = links
        self._executor = executor
        self._incidents = incidents
        self._introduced: set[str] = set()
        """Channels that know the bot, as far as this process has seen."""
        self._contexts = contexts

    async def handle(self, entry: InboxEntry, turn: Turn, actor: Actor) -> Outcome:
        """The outcome of a turn by somebody who is allowed to talk to the bot at all."""
        said, known, context = await self._understand(turn)
        meant = plan_for(turn, said, known)
        verdict = self._desk.judge(actor, permissions.needed(meant))
        if not verdict.allowed and not isinstance(meant, plan.Complete):
            return self._desk.refuse(entry, actor, "turn.refused", permissions.needed(meant), verdict, wanted(meant))
        if isinstance(meant, plan.Ask | plan.Explain):
            outcome = await self._answer(entry, turn, actor, said, meant, context)
        else:
            outcome = await self._carry_out(entry, turn, actor, said, meant, context)
        return self._unless_muted(turn, _remembering(turn, context, outcome))

    async def _understand(self, turn: Turn) -> tuple[Interpretation, Known, Context]:
        """The delivery service is asked for its names only where a sentence may hold one: commands work without it. What was
        said before is looked at only where the sentence leaves something out."""
        command = turn.via in (Via.COMMAND, Via.BANG)
        workflows = self._desk.catalogue.names()
        said = rules.interpret(turn.text, command=command, workflows=workflows)
        if said.unknown_verb or (said.explicit and said.command not in _NAMING) or said.command in _NAMELESS:
            return said, Known(self._desk.catalogue), Context()
        services = await self._executor.services()
        said = rules.interpret(turn.text, command=command, services=services, workflows=workflows)
        known = Known(self._desk.catalogue, services)
        if not lacks(said):
            return said, known, Context()
        context = await self._contexts.of(turn)
        return carry(said, context.messages, services), known, context

    async def _answer(
        self,
        entry: InboxEntry,
        turn: Turn,
        actor: Actor,
        said: Interpretation,
        meant: plan.Ask | plan.Explain,
        context: Context,
    ) -> Outcome:
        """An answer from what is known, with what was taken over from where."""
        if isinstance(meant, plan.Ask):
            reply = await self._executor.ask(meant, turn.traceparent)
        else:
            facts = await facts_of(self._desk, self._executor, meant, context, turn.traceparent)
            if not self._desk.judge(actor, permissions.needed(plan.Status())).allowed:
                facts = Facts(facts.about, facts.deployed, alert=facts.alert)
            reply = what_i_know(facts, self._desk.clock.now())
        reply = with_sources(reply, await self._named(said), turn.person.account, self._desk.clock.now())
        reply = with_gap(reply, context.gap)

        def apply(tx: Transaction) -> Sequence[str]:
            lane = self._engage_and(tx, entry, reply)
            return [lane, *self._incidents.asked(tx, entry, actor, turn.text.strip() or "why?", reply.summary)]

        return Outcome(said.command, apply)

    async def _named(self, said: Interpretation) -> Interpretation:
        """Slack's messages name no author: whose words are quoted is looked up."""
        named = []
        for carried in said.carried:
            person = carried.source.person
            if not person.name and not person.is_bot:
                # A platform that is away costs the name, not the answer.
                with suppress(BotError):
                    person = replace(person, name=(await self._desk.identity.actor(person)).name)
            named.append(replace(carried, source=replace(carried.source, person=person)))
        return replace(said, carried=tuple(named))

    async def _carry_out(
        self,
        entry: InboxEntry,
        turn: Turn,
        actor: Actor,
        said: Interpretation,
        meant: plan.Plan,
        context: Context,
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
            case plan.Link():
                return await self._links.link(entry, turn, actor, meant)
            case plan.Unlink():
                return self._links.unlink(entry, actor)
            case plan.SetChannel():
                return self._set_channel(entry, actor, meant)
            case plan.Choose():
                return self._choose(entry, said, meant, context)
            case plan.Complete():
                return self._complete(entry, meant)
            case plan.Help() if meant.unknown:
                return self._unknown_verb(entry, meant)
            case (
                plan.Declare()
                | plan.ChangeIncident()
                | plan.UpdateIncident()
                | plan.NoteIncident()
                | plan.TakeRole()
                | plan.Attach()
            ):
                return self._incidents.write(entry, actor, meant)
            case plan.ShowIncident() | plan.ListIncidents() | plan.ShowTimeline() | plan.DraftPostmortem():
                return self._incidents.read(entry, actor, meant)
            case plan.Status() if meant.run_id:
                return self._status(entry, meant.run_id)
            case plan.Say():
                reply = meant.reply
            case plan.Fill():
                reply = incident_cards.fill(meant.question, meant.label, meant.action)
            case plan.Help():
                return self._help(entry, actor, said)
            case plan.ShowChannel():
                return self._show_channel(entry, said)
            case plan.WhoAmI():
                reply = await self._whoami(turn)
            case plan.Status():
                reply = await self._run_list(meant)
            case plan.Approvals():
                reply = await self._approvals()
            case plan.Ask() | plan.Explain():
                raise ValueError(f"{meant} is answered elsewhere")
        return self._say(entry, said, reply, private=is_command(entry.item))

    def overview(self, actor: Actor, platform: Platform, here: Sequence[str] = ()) -> Reply:
        """What this person may do."""
        return replies.help_card(
            verbs=[verb for verb in VERBS if may_somewhere(actor, verb.permission, self._desk.grants)],
            roles=sorted(roles_of(actor)),
            can_run=self.startable(actor),
            platform=platform,
            here=here,
        )

    def home(self, tx: Transaction, actor: Actor, place: Place) -> Reply:
        """The home page: what goes on, and what this person may do."""
        now = self._desk.clock.now()
        waiting = [(view, run) for view in tx.runs.open_approvals(limit=_LISTED) if (run := tx.runs.get(view.run_id))]
        return replies.home(
            self.overview(actor, place.platform),
            incidents=self._incidents.open_lines(tx, actor, place),
            waiting=[replies.approval_line(view, run, now) for view, run in waiting],
        )

    def _help(self, entry: InboxEntry, actor: Actor, said: Interpretation) -> Outcome:
        place = entry.item.place

        def apply(tx: Transaction) -> Sequence[str]:
            kept = tx.channels.get(place.lane)
            here = [channels.meaning(s, kept[s.name]).lower() for s in channels.SETTINGS if s.name in kept]
            reply = self.overview(actor, place.platform, here)
            return [self._engage_and(tx, entry, reply, private=is_command(entry.item))]

        return Outcome(said.command, apply)

    def _show_channel(self, entry: InboxEntry, said: Interpretation) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            kept = tx.channels.get(entry.item.place.lane)
            now = [(s.label, channels.meaning(s, kept.get(s.name, ""))) for s in channels.SETTINGS]
            return [self._engage_and(tx, entry, replies.channel_settings(now), private=is_command(entry.item))]

        return Outcome(said.command, apply)

    def _say(self, entry: InboxEntry, said: Interpretation, reply: Reply, *, private: bool) -> Outcome:
        return Outcome(said.command, lambda tx: [self._engage_and(tx, entry, reply, private=private)])

    def _engage_and(self, tx: Transaction, entry: InboxEntry, reply: Reply, *, private: bool = False) -> str:
        """Answer, and take part in the thread from now on."""
        engage(self._desk, tx, entry)
        if not private and self._introduces(tx, entry):
            reply = replies.introduced(reply)
        return self._desk.put_reply(tx, entry, reply, private=private)

    def _introduces(self, tx: Transaction, entry: InboxEntry) -> bool:
        """True for the first answer to a mention in a channel."""
        turn = entry.item
        if not isinstance(turn, Turn) or turn.via not in (Via.MENTION, Via.BANG) or turn.place.direct:
            return False
        lane = turn.place.lane
        if lane in self._introduced:
            return False
        self._introduced.add(lane)
        return tx.channels.set(lane, channels.INTRODUCED, "yes") is None

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
                unsure = sorted(actor.unsure.intersection(done.who_may))
                why = unsure_of(unsure) if unsure else f"{definition.title} may be started by some roles only."
                verdict = Verdict(False, why, done.who_may)
                reply = replies.denied(verdict, f"start {workflow}", desk.who_may(done.who_may))
                return [desk.put_reply(tx, entry, reply, private=is_command(item))]
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
            # Where it would act, and where it was to act.
            for environment in (meant.parameters.get("environment", run.environment), run.environment):
                verdict = desk.judge(actor, permissions.start(run.definition.name, environment))
                if verdict.allowed:
                    continue
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
            verdict = self._may_stop(tx, actor, run)
            if not verdict.allowed:
                return desk.refuse(entry, actor, "run.cancel", run.id, verdict, "stop the run").apply(tx)
            lanes: list[str] = []
            done = runs.cancel(tx, desk.means(lanes), run.id, actor, origin=desk.origin(entry.item), reason=reason)
            return [*lanes, self._told(tx, entry, done, f"Stopped `{run.id}`.")]

        return Outcome("cancel", apply)

    def _may_stop(self, tx: Transaction, actor: Actor, run: Run) -> Verdict:
        own = run.requester.account in self._desk.accounts(tx, actor.account)
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
            tx.audit.add(replace(row, before=before, after=meant.value))
            return [desk.put_reply(tx, entry, replies.muted(meant.value is not None))]

        return Outcome("mute", apply)

    # --- questions of ours -----------------------------------------------------------------------------

    def _choose(self, entry: InboxEntry, said: Interpretation, meant: plan.Choose, context: Context) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            buttons = self._desk.say_buttons(tx, entry, meant.choices)
            reply = replies.choose(meant.question, buttons) if meant.question else replies.did_not_understand(buttons)
            reply = with_gap(reply, context.gap)
            return [self._engage_and(tx, entry, reply, private=is_command(entry.item))]

        return Outcome(said.command, apply)

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

    async def _whoami(self, turn: Turn) -> Reply:
        known = await self._desk.identity.explain(turn.person)

        def may(permission: str) -> bool:
            return self._desk.judge(known.actor, permission).allowed

        held = permissions.by_environment(self._desk.catalogue, self._permissions(known.actor), may)
        return replies.whoami(known, held)

    def _permissions(self, actor: Actor) -> list[str]:
        return sorted({p for role in roles_of(actor) for p in self._desk.grants.get(role, ())})

    def _unless_muted(self, turn: Turn, outcome: Outcome) -> Outcome:
        """In a muted channel only commands are answered; the setting is looked at when the answer is written."""
        if turn.via in (Via.COMMAND, Via.DIRECT, Via.TERMINAL):
            return outcome

        def apply(tx: Transaction) -> Sequence[str]:
            kept = tx.channels.get(turn.place.lane)
            muted = kept.get(channels.MUTED) and not turn.text.lower().startswith("unmute")
            unasked = turn.via is Via.THREAD and kept.get(channels.THREADS) == "mention"
            return () if muted or unasked else outcome.apply(tx)

        return Outcome(outcome.label, apply)


def _remembering(turn: Turn, context: Context, outcome: Outcome) -> Outcome:
    """The gateway remembers messages as they come in; what has no message, and what the platform told, is kept here."""
    said = None if turn.message else said_in(turn)
    kept = [*context.learned, *((said,) if said else ())]
    if not kept:
        return outcome

    def apply(tx: Transaction) -> Sequence[str]:
        for heard in kept:
            remember(tx, heard)
        return outcome.apply(tx)

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
        case plan.Ask() | plan.Explain():
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
