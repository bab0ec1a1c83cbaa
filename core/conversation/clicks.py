"""Clicks and forms: what an opaque id stands for is looked up, the right to do it is checked at the click."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.actors import Actor
from core.conversation import cards, channels, replies
from core.conversation.alerts import ALERT, AlertHandler
from core.conversation.approvals import VERDICTS, ApprovalHandler
from core.conversation.desk import MEAN, SAY, Desk, Outcome
from core.conversation.incidents import IncidentHandler
from core.conversation.linking import STEPS, LinkHandler
from core.conversation.queries import FORM, LOOK, TRACE, QueryHandler
from core.conversation.runs import RunHandler
from core.conversation.turns import TurnHandler
from core.errors import UserInputError
from core.messages import Click, Delivery, Submission, Turn, Via
from core.nlp.interpretation import Intent
from core.planning.plan import Steer
from core.ports.records import ActionToken, Correction, InboxEntry, Transaction
from core.workflow.approvals import Verdict
from core.workflow.steering import Steering
from core.workflow.upkeep import APPROVE, ASK_AGAIN, DENY, QUESTION

_HandlesRequest = Callable[[InboxEntry, Actor, ActionToken, dict[str, str]], Awaitable[Outcome]]
"""Takes what was filled in beside the token of the request."""


class ClickHandler:
    """Turns clicks and submissions into outcomes."""

    def __init__(
        self,
        desk: Desk,
        turns: TurnHandler,
        runs: RunHandler,
        incidents: IncidentHandler,
        links: LinkHandler,
        queries: QueryHandler,
        approvals: ApprovalHandler,
        alerts: AlertHandler,
    ) -> None:
        self._desk = desk
        self._approvals = approvals
        self._alerts = alerts
        self._of_requests: dict[str, tuple[str, _HandlesRequest]] = {
            "approve": (APPROVE, self._approve),
            "deny": (DENY, self._deny),
            "question": (APPROVE, self._question),
            "delegate": (APPROVE, self._delegate),
        }
        self._queries = queries
        self._turns = turns
        self._runs = runs
        self._incidents = incidents
        self._links = links
        self._forms: dict[str, Callable[[InboxEntry, Submission, Actor], Awaitable[Outcome]]] = {
            **dict.fromkeys(self._of_requests, self._with_token),
            **dict.fromkeys(Steering, self._steer),
            "ask": self._ask,
            "run": self._choose_workflow,
            "settings": self._settings,
            FORM: queries.edited,
        }

    async def click(self, entry: InboxEntry, click: Click, actor: Actor) -> Outcome:
        """A button or menu was used."""
        kind, _, rest = click.action.partition(":")
        if kind == "form":
            # The form could not be opened in time, or is no more.
            return self._again(entry, click.action)
        if kind == cards.GRAPH:
            return await self._runs.graph(entry, actor, rest)
        if kind == cards.LOG:
            return await self._runs.log(entry, actor, rest)
        if kind == ALERT:
            return await self._alerts.click(entry, click, actor, rest, self._say)
        if kind == LOOK:
            return await self._queries.turned(entry, click.place, actor, rest)
        if kind == TRACE:
            return await self._queries.trace(entry, actor, rest)
        token = await self._token(rest) if kind == "do" else None
        if token is None:
            return self._expired(entry)
        if token.purpose in VERDICTS:
            return await self._approvals.decide(entry, actor, token, VERDICTS[token.purpose])
        if token.purpose in STEPS:
            return self._links.click(entry, actor, token)
        if token.purpose == QUESTION:
            return self._runs.answer(entry, actor, token)
        if token.purpose == ASK_AGAIN:
            return self._approvals.ask_again(entry, actor, token)
        if token.purpose == SAY:
            return await self._say(entry, click, actor, token.data["text"])
        if token.purpose == MEAN:
            return await self._meant(entry, click, actor, token)
        return self._incidents.click(entry, click, actor, token) or self._expired(entry)

    async def submission(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A form was sent."""
        kind, _, workflow = form.form.partition(".")
        if kind == "run" and workflow:
            return self._runs.start(
                entry, actor, workflow, {name: value for name, value in form.fields.items() if value}
            )
        if self._incidents.knows_form(form.form):
            return await self._incidents.submission(entry, form, actor)
        handler = self._forms.get(form.form)
        return await handler(entry, form, actor) if handler else self._expired(entry)

    async def _token(self, token: str) -> ActionToken | None:
        return await self._desk.records.read(lambda tx: tx.tokens.get(token)) if token else None

    async def _say(self, entry: InboxEntry, item: Click | Submission, actor: Actor, text: str) -> Outcome:
        """As if this person had typed the sentence here."""
        turn = _turn(item, text)
        return await self._turns.handle(replace(entry, item=turn), turn, actor)

    async def _meant(self, entry: InboxEntry, click: Click, actor: Actor, token: ActionToken) -> Outcome:
        """The person says what a sentence means: it is remembered, and the sentence goes on with that."""
        data = token.data
        correction = Correction(
            actor.account, data["text"], data["guessed"], data["confidence"], data["meant"], self._desk.clock.now()
        )
        turn = replace(_turn(click, data["text"]), via=Via.MENTION)
        outcome = await self._turns.handle(replace(entry, item=turn), turn, actor, intended=Intent(data["meant"]))

        def apply(tx: Transaction) -> Sequence[str]:
            tx.corrections.put(correction)
            return outcome.apply(tx)

        return Outcome(outcome.label, apply)

    async def _with_token(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A form that a button of a request opened."""
        purpose, handle = self._of_requests[form.form]
        token = await self._token(form.token)
        if token is None or token.purpose != purpose:
            return self._expired(entry)
        return await handle(entry, actor, token, {name: value.strip() for name, value in form.fields.items()})

    async def _approve(self, entry: InboxEntry, actor: Actor, token: ActionToken, fields: dict[str, str]) -> Outcome:
        return await self._approvals.decide(entry, actor, token, Verdict.APPROVE, fields.get("comment", ""))

    async def _deny(self, entry: InboxEntry, actor: Actor, token: ActionToken, fields: dict[str, str]) -> Outcome:
        return await self._approvals.decide(entry, actor, token, Verdict.DENY, fields.get("reason", ""))

    async def _question(self, entry: InboxEntry, actor: Actor, token: ActionToken, fields: dict[str, str]) -> Outcome:
        return await self._approvals.question(entry, actor, token, fields.get("question", ""))

    async def _delegate(self, entry: InboxEntry, actor: Actor, token: ActionToken, fields: dict[str, str]) -> Outcome:
        return await self._approvals.hand_over(entry, actor, token, fields.get("person", ""))

    async def _steer(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        return self._runs.steer(
            entry, actor, Steer(form.token, Steering(form.form), form.fields.get("reason", "").strip())
        )

    async def _ask(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        return await self._say(entry, form, actor, f"ask {form.fields.get('question', '')}")

    async def _choose_workflow(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        workflow = form.fields.get("workflow", "").strip()
        if not workflow:
            raise UserInputError("No workflow was chosen.", hint="Choose one from the menu.")
        return await self._say(entry, form, actor, f"run {workflow} {form.fields.get('parameters', '')}".strip())

    async def _settings(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        desk, lane = self._desk, form.place.lane
        verdict = desk.judge(actor, "settings:channel")
        if not verdict.allowed:
            return desk.refuse(entry, actor, "channel.set", "settings:channel", verdict, "change this channel")

        def apply(tx: Transaction) -> Sequence[str]:
            told: list[tuple[str, str]] = []
            for name, value in channels.wanted(form.fields).items():
                before = tx.channels.set(lane, name, value)
                if before == value:
                    continue
                row = desk.audit_row(form, actor, "channel.set", f"{lane} {name}", "done")
                tx.audit.add(replace(row, before=before, after=value))
                setting = channels.BY_NAME[name]
                told.append((setting.label, channels.meaning(setting, value or "")))
            if not told:
                return [desk.put_reply(tx, entry, replies.line("Nothing was changed."), private=True)]
            public = Delivery(f"settings:{entry.id}", replace(form.place, thread=None), replies.channel_changed(told))
            lanes = [tx.outbox.put(desk.ids.token(), public, now=desk.clock.now())]
            return [*lanes, desk.put_reply(tx, entry, replies.line("Saved."), private=True)]

        return Outcome("settings", apply)

    def _expired(self, entry: InboxEntry) -> Outcome:
        return Outcome("expired", lambda tx: [self._desk.put_reply(tx, entry, replies.expired_button(), private=True)])

    def _again(self, entry: InboxEntry, action: str) -> Outcome:
        reply = replies.open_again("Open again", action)
        return Outcome("form", lambda tx: [self._desk.put_reply(tx, entry, reply, private=True)])


def _turn(item: Click | Submission, text: str) -> Turn:
    """The sentence as if it had been typed as a command where the button is."""
    return Turn(
        item.claim,
        item.place,
        item.person,
        text,
        item.sent_at,
        Via.COMMAND,
        handle=item.handle,
        traceparent=item.traceparent,
    )
