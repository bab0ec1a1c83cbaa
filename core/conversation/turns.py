"""Turns: interpret, plan, judge, do."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from core.actors import Actor
from core.context.listening import remember, said_in
from core.context.window import Context
from core.conversation import channels, dialogues, incident_cards, replies
from core.conversation.about import AboutHandler
from core.conversation.alerts import AlertHandler
from core.conversation.answers import Answers
from core.conversation.approvals import ApprovalHandler
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.dry_runs import preview
from core.conversation.facts import facts_of
from core.conversation.findings import Findings
from core.conversation.forms import holds_secret, spelt
from core.conversation.incidents import IncidentHandler
from core.conversation.knowledge import what_i_know, with_gap, with_sources
from core.conversation.linking import LinkHandler
from core.conversation.queries import QueryHandler
from core.conversation.runs import RunHandler
from core.conversation.understanding import Understanding, Understood
from core.errors import BotError, describe
from core.intents.registry import plan_for
from core.messages import Button, ButtonStyle, Reply, Turn, Via
from core.nlp.interpretation import Intent, Interpretation
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.ports.records import InboxEntry, Transaction
from core.query.translation import Language
from core.tracing import correlation


class TurnHandler:
    """Turns what people say into outcomes."""

    def __init__(
        self,
        desk: Desk,
        answers: Answers,
        executor: Executor,
        understanding: Understanding,
        *,
        runs: RunHandler,
        incidents: IncidentHandler,
        links: LinkHandler,
        about: AboutHandler,
        queries: QueryHandler,
        approvals: ApprovalHandler,
        alerts: AlertHandler,
        findings: Findings,
    ) -> None:
        self._desk = desk
        self._answers = answers
        self._executor = executor
        self._understanding = understanding
        self._runs = runs
        self._incidents = incidents
        self._links = links
        self._about = about
        self._queries = queries
        self._approvals = approvals
        self._alerts = alerts
        self._findings = findings

    async def handle(self, entry: InboxEntry, turn: Turn, actor: Actor, *, intended: Intent | None = None) -> Outcome:
        """The outcome of a turn by somebody who is allowed to talk to the bot at all. `intended`: what they said they meant."""
        if answered := await self._approvals.answer(entry, turn, actor):
            return answered
        if turn.via is Via.THREAD and turn.opens_with_other:
            # It was let in as what might be an answer; it is for somebody else.
            return Outcome("", lambda _tx: ())
        understood = await self._understanding.of(turn, actor, meant=intended)
        said, context = understood.said, understood.context
        meant = plan_for(turn, said, understood.known)
        if isinstance(meant, plan.Silence):
            # What was not for the bot moves no conversation with it on.
            understood = replace(understood, state=None)
        verdict = self._desk.judge(actor, permissions.needed(meant))
        if not verdict.allowed and not isinstance(meant, plan.Complete):
            return self._desk.refuse(entry, actor, "turn.refused", permissions.needed(meant), verdict, wanted(meant))
        if isinstance(meant, plan.Ask | plan.Explain | plan.Query):
            outcome = await self._answer(entry, turn, actor, said, meant, context)
        else:
            outcome = await self._carry_out(entry, turn, actor, said, meant, context)
        return self._unless_muted(turn, self._remembering(turn, understood, outcome))

    async def _answer(
        self,
        entry: InboxEntry,
        turn: Turn,
        actor: Actor,
        said: Interpretation,
        meant: plan.Ask | plan.Explain | plan.Query,
        context: Context,
    ) -> Outcome:
        """An answer from what is known, with what was taken over from where."""
        if isinstance(meant, plan.Query):
            return await self._query(entry, turn, actor, said, meant, context)
        if isinstance(meant, plan.Ask):
            reply = await self._executor.ask(meant, turn.traceparent)
        else:
            facts = await facts_of(self._desk, self._executor, self._findings, meant, context, turn.traceparent)
            if not self._desk.judge(actor, permissions.needed(plan.Status())).allowed:
                facts = replace(facts, runs=None, waiting=())
            measured = permissions.query(Language.PROMQL, meant.environment)
            if not self._desk.judge(actor, measured).allowed:
                facts = replace(facts, vitals=None)
            reply = what_i_know(facts, self._desk.clock.now())
        reply = with_sources(reply, await self._named(said), turn.person.account, self._desk.clock.now())
        reply = with_gap(reply, context.gap)

        def apply(tx: Transaction) -> Sequence[str]:
            lane = self._answers.put(tx, entry, reply)
            return [lane, *self._incidents.asked(tx, entry, actor, turn.text.strip() or "why?", reply.summary)]

        return Outcome(said.command, apply)

    async def _query(
        self,
        entry: InboxEntry,
        turn: Turn,
        actor: Actor,
        said: Interpretation,
        meant: plan.Query,
        context: Context,
    ) -> Outcome:
        answer = await self._queries.answer(meant, actor, turn.place)
        if meant.language is Language.SQL:
            # The bot's own records are asked without what was said of a system before.
            said = replace(said, carried=())
        named, now = await self._named(said), self._desk.clock.now()

        def apply(tx: Transaction) -> Sequence[str]:
            reply = with_sources(
                self._queries.reply(tx, entry, answer, actor, turn.place), named, turn.person.account, now
            )
            lane = self._answers.put(tx, entry, with_gap(reply, context.gap))
            return [lane, *self._incidents.asked(tx, entry, actor, turn.text.strip(), reply.summary)]

        return Outcome("query", apply)

    async def _named(self, said: Interpretation) -> Interpretation:
        """Slack's messages name no author: whose words are quoted is looked up."""
        named = []
        for carried in said.carried:
            if carried.source is None:
                named.append(carried)
                continue
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
                return self._runs.begin(entry, actor, meant.workflow, meant.parameters)
            case plan.Preview():
                return preview(self._desk, self._answers, entry, actor, meant)
            case plan.Change():
                return self._runs.change(entry, actor, meant)
            case plan.Steer():
                return self._runs.steer(entry, actor, meant)
            case plan.Link():
                return await self._links.link(entry, turn, actor, meant)
            case plan.Unlink():
                return self._links.unlink(entry, actor)
            case plan.SetChannel():
                return self._about.set_channel(entry, actor, meant)
            case plan.Choose():
                return self._choose(entry, said, meant, context)
            case plan.Clarify():
                return self._clarify(entry, meant)
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
                return self._runs.status(entry, meant.run_id)
            case plan.Say():
                reply = meant.reply
            case plan.Fill():
                reply = incident_cards.fill(meant.question, meant.label, meant.action)
            case plan.Help():
                return self._about.help(entry, actor)
            case plan.ShowChannel():
                return self._about.show_channel(entry)
            case plan.WhoAmI():
                reply = await self._about.whoami(turn)
            case plan.Status():
                reply = await self._runs.listed(meant)
            case plan.AskAgain():
                return await self._queries.asked_again(entry, turn.place, actor, meant.receipt)
            case plan.ListAlerts():
                return self._alerts.list(entry)
            case plan.Approvals():
                reply = await self._approvals.listed(turn, actor, everything=meant.everything)
            case plan.Decide():
                return await self._approvals.said(entry, actor, meant)
            case plan.Delegate():
                return await self._approvals.delegate(entry, turn, actor, meant)
            case plan.Ask() | plan.Explain() | plan.Query():
                raise ValueError(f"{meant} is answered elsewhere")
        return self._say(entry, said, reply, private=is_command(entry.item))

    def _say(self, entry: InboxEntry, said: Interpretation, reply: Reply, *, private: bool) -> Outcome:
        return Outcome(said.command, lambda tx: [self._answers.put(tx, entry, reply, private=private)])

    # --- questions of ours -----------------------------------------------------------------------------

    def _choose(self, entry: InboxEntry, said: Interpretation, meant: plan.Choose, context: Context) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            buttons = self._desk.say_buttons(tx, entry, meant.choices)
            reply = replies.choose(meant.question, buttons) if meant.question else replies.did_not_understand(buttons)
            reply = with_gap(reply, context.gap)
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome(said.command, apply)

    def _clarify(self, entry: InboxEntry, meant: plan.Clarify) -> Outcome:
        def apply(tx: Transaction) -> Sequence[str]:
            buttons = [
                self._desk.meaning_button(tx, entry, meant, intent, replies.meaning(intent))
                for intent in (*meant.meanings, Intent.UNKNOWN)
            ]
            return [self._answers.put(tx, entry, replies.did_you_mean(buttons), private=is_command(entry.item))]

        return Outcome("unsure", apply)

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
        definition = self._desk.catalogue.get(meant.workflow)
        if holds_secret(definition, meant.given):
            # A button would keep what was typed; the form asks for it again.
            asked = None

        def apply(tx: Transaction) -> Sequence[str]:
            if asked and asked.choices:
                answers = [(o.label, {**meant.given, asked.id: o.value}) for o in asked.choices[:5]]
                choices = [(label, spelt("run", meant.workflow, given)) for label, given in answers]
                reply = replies.choose(f"Which **{asked.id}**?", self._desk.say_buttons(tx, entry, choices))
            else:
                token = self._desk.ids.token()
                self._desk.forms.keep(meant.workflow, token, meant.given)
                button = Button("Fill in", f"form:{meant.form.name}:{token}", ButtonStyle.PRIMARY)
                reply = replies.missing(meant.workflow, meant.missing, button)
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("run", apply)

    # --- reads -----------------------------------------------------------------------------------------

    def _remembering(self, turn: Turn, understood: Understood, outcome: Outcome) -> Outcome:
        """The gateway remembers messages as they come in; what has no message, what the platform told, and what the conversation
        is about are kept here."""
        said = None if turn.message else said_in(turn)
        kept = [*understood.context.learned, *((said,) if said else ())]
        state = understood.state
        if not kept and state is None:
            return outcome

        def apply(tx: Transaction) -> Sequence[str]:
            for heard in kept:
                remember(tx, heard)
            if state is not None:
                dialogues.keep(tx, turn, state, self._desk.clock, last=understood.last)
            if understood.correction:
                tx.corrections.put(understood.correction)
            return outcome.apply(tx)

        return Outcome(outcome.label, apply)

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


def wanted(meant: plan.Plan) -> str:
    """What the person wanted, as it goes on after "I did not"."""
    match meant:
        case plan.Start() | plan.Complete():
            return f"start {meant.workflow}"
        case plan.Ask() | plan.Explain() | plan.Query():
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
