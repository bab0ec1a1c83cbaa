"""Answers to questions that a query answers: translated, checked, run, looked at again from further off, edited and run again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.actors import Actor
from core.conversation import query_cards as cards
from core.conversation import replies
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome
from core.conversation.findings import Findings, Shown
from core.conversation.forms import DECLARE
from core.conversation.marks import Happened, happened
from core.errors import NotFoundError, UserInputError
from core.messages import Button, Place, Reply, Submission
from core.nlp.entities.times.clocks import zone_of
from core.nlp.interpretation import EntityType
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.ports.records import ActionToken, InboxEntry, Receipt, Transaction
from core.query import running
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.usage.explain import title
from core.query.usage.model import read as read_usage
from core.redaction import redact
from core.telemetry.looks import USUAL, Look, Turned
from core.telemetry.pages import Pages
from core.telemetry.ran import Ran, of_rows
from core.telemetry.usage import USUAL as USUAL_OF_USAGE

FORM = "query"
"""The form that edits a query. Its token leads to what the query was asked for; its field is filled from the message."""
LOOK = "look"
"""Kind of the actions that look at a query again: `look:<how>:<token>`."""
TRACE = "trace"
"""Kind of the actions that show one trace of those that were found: `trace:<token>:<id>`."""
_TOKEN = "query"  # noqa: S105 -- a purpose
_ROWS = 200
_SECONDS = 5.0
"""That a query over the bot's own records may take."""
_LABELS = {
    Turned.WIDER: "Wider",
    Turned.NARROWER: "Narrower",
    Turned.APART: "By instance",
    Turned.LAST_WEEK: "Beside last week",
}
_MOMENT = timedelta(seconds=1)
_DECLARE = Button("Declare incident …", f"form:{DECLARE.name}")
_SHOWN = (
    EntityType.METRIC,
    EntityType.SERVICE,
    EntityType.ENVIRONMENT,
    EntityType.TIME_RANGE,
    EntityType.NAMESPACE,
    EntityType.REGION,
    EntityType.HOST,
    EntityType.ENDPOINT,
    EntityType.HTTP_STATUS,
    EntityType.AGGREGATION,
    EntityType.THRESHOLD,
)
"""What was understood, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is about; an edit of its query and another look at it start from here."""

    language: Language
    understood: str
    look: Look
    """Of SQL only its query counts."""
    environment: str = ""

    def dump(self) -> dict[str, Any]:
        """For what the buttons lead to; a secret that was typed goes no further, and is masked here as in the answer."""
        return {
            "language": self.language.value,
            "understood": redact(self.understood),
            "environment": self.environment,
            "look": replace(self.look, query=redact(self.look.query)).dump(),
        }

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Asked":
        """Read back what `dump` wrote."""
        return cls(Language(data["language"]), data["understood"], Look.load(data["look"]), data["environment"])


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer but for its buttons, which are made in the transaction that puts it."""

    asked: Asked
    shown: Shown | None
    """None: not run."""
    explanation: str = ""
    refused: QueryRefused | None = None


class QueryHandler:
    """Turns questions, and queries that people edited, into answers."""

    def __init__(
        self, desk: Desk, answers: Answers, executor: Executor, findings: Findings, *, pages: Pages, incidents: bool
    ) -> None:
        """`findings`: runs what may be run; `executor`: tells what was deployed meanwhile; `pages`: where people go on with a query;
        `incidents`: whether they can be declared here."""
        self._desk = desk
        self._pages = pages
        self._incidents = incidents
        self._executor = executor
        self._answers = answers
        self._findings = findings

    async def answer(self, meant: plan.Query, actor: Actor, place: Place) -> Answer:
        """What a question comes to. Refusals are answers, too: they say what to do instead."""
        question = meant.question
        understood = " · ".join(_understood(question)) or " ".join(question.text.split())[:80]
        asked = Asked(meant.language, understood, Look("", USUAL), meant.environment)
        try:
            dialect = await self._dialect(meant.language)
            # In a thread: the first use of a language imports its parser, which takes up to a second.
            made = await self._findings.within(
                meant.language,
                lambda known: asyncio.to_thread(running.translate, meant.language, question, known, dialect),
            )
        except QueryRefused as refusal:
            return Answer(asked, None, refused=refusal)
        if meant.language is Language.USAGE:
            asked = replace(asked, understood=title(read_usage(made.query)))
        return await self._run(replace(asked, look=_look(made, question.now)), made, actor, place)

    async def edited(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A query that a person edited: checked and run like any other."""
        query = form.fields.get("query", "").strip()
        if not query:
            raise UserInputError("The query is empty.", hint="Press Edit again and write one.")
        asked = await self._asked(form.token)
        if asked is None:
            return self._expired(entry)
        asked = replace(asked, understood=f"edited by {actor.name}", look=replace(asked.look, query=query))
        return await self._again(entry, asked, actor, form.place)

    async def turned(self, entry: InboxEntry, place: Place, actor: Actor, rest: str) -> Outcome:
        """A button that shows the same over another time, apart, or beside last week."""
        how, _, token = rest.partition(":")
        asked = await self._asked(token)
        if asked is None or how not in list(Turned):
            return self._expired(entry)
        turned = Turned(how)
        look = asked.look.turned(turned)
        if turned is Turned.APART:
            look = replace(look, query=await self._findings.apart(look.query) or look.query)
        return await self._again(entry, replace(asked, look=look), actor, place)

    async def trace(self, entry: InboxEntry, actor: Actor, rest: str) -> Outcome:
        """A button that shows one trace of those that were found."""
        token, _, id_ = rest.partition(":")
        asked = await self._asked(token)
        if asked is None:
            return self._expired(entry)
        permission = permissions.query(Language.TRACEQL, asked.environment)
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "turn.refused", permission, verdict, "look at that trace")
        shown = await self._findings.trace(id_, zone_of(actor.timezone))
        if shown is None:
            return self._expired(entry)
        reply = cards.trace(shown)
        return Outcome("query", lambda tx: [self._answers.put(tx, entry, reply)])

    async def asked_again(self, entry: InboxEntry, place: Place, actor: Actor, receipt_id: str) -> Outcome:
        """The same query over the same time as for an earlier answer, and whether the same comes back."""

        def unit(tx: Transaction) -> Receipt | None:
            found = tx.receipts.get(receipt_id)
            mine = found is not None and found.asked_by in self._desk.accounts(tx, actor.account)
            return found if found and (mine or found.lane == place.lane) else None

        receipt = await self._desk.records.read(unit)
        if receipt is None:
            raise NotFoundError(
                f"I know no receipt {receipt_id}.",
                hint="It is asked again where it was given, or by whoever asked first; it may be too old.",
            )
        asked = Asked(
            Language(receipt.language),
            receipt.understood,
            Look(receipt.query, max(receipt.end - receipt.start, _MOMENT), receipt.end),
            receipt.environment,
        )
        return await self._again(entry, asked, actor, place, receipt=receipt)

    def reply(self, tx: Transaction, entry: InboxEntry, answer: Answer, actor: Actor, place: Place) -> Reply:
        """The answer with its buttons, and its receipt, which is kept."""
        token, asked = self._desk.ids.token(), answer.asked
        tx.tokens.put(ActionToken(token, _TOKEN, f"turn:{entry.id}", asked.dump()))
        edit = Button("Edit …", f"form:{FORM}:{token}")
        if answer.refused:
            return cards.refused(answer.refused, asked.look.query, asked.language, edit if asked.look.query else None)
        made = Translation(asked.language, asked.look.query, answer.explanation)
        if answer.shown is None:
            return cards.not_run(made, asked.understood, edit)
        shown = answer.shown
        turns = [Button(_LABELS[how], f"{LOOK}:{how}:{token}") for how in shown.turns]
        traces = [Button(label, f"{TRACE}:{token}:{id_}") for label, id_ in shown.traces.items()]
        pages = self._pages.of(asked.language, asked.look)
        declare = (_DECLARE,) if self._incidents and made.language is not Language.SQL else ()
        receipt = self._receipt(tx, asked, shown.ran, actor, place) if shown.ran else ""
        return cards.answered(made, asked.understood, shown, (*turns, *traces, edit, *declare), pages, receipt)

    def _receipt(self, tx: Transaction, asked: Asked, ran: Ran, actor: Actor, place: Place) -> str:
        """Kept; its id."""
        while tx.receipts.get(id_ := self._desk.ids.short("RCP")) is not None:
            pass
        kept = asked.dump()
        tx.receipts.put(
            Receipt(
                id_, actor.account, place.lane, asked.language.value, kept["look"]["query"], kept["understood"],
                ran.start, ran.end, ran.source, ran.rows, ran.digest, self._desk.clock.now(), asked.environment,
            )
        )  # fmt: skip
        return id_

    # --- running ---------------------------------------------------------------------------------------

    async def _again(
        self, entry: InboxEntry, asked: Asked, actor: Actor, place: Place, *, receipt: Receipt | None = None
    ) -> Outcome:
        permission = permissions.query(asked.language, asked.environment)
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "turn.refused", permission, verdict, "run that query")
        try:
            dialect = await self._dialect(asked.language)
            made = await asyncio.to_thread(running.read, asked.language, asked.look.query, dialect)
        except QueryRefused as refusal:
            answer = Answer(asked, None, refused=refusal)
        else:
            answer = await self._run(asked, made, actor, place, anew=receipt is not None)

        def apply(tx: Transaction) -> Sequence[str]:
            reply = self.reply(tx, entry, answer, actor, place)
            if receipt:
                reply = cards.compared(reply, receipt, answer.shown.ran if answer.shown else None)
            return [self._answers.put(tx, entry, reply)]

        return Outcome("query", apply)

    async def _run(self, asked: Asked, made: Translation, actor: Actor, place: Place, *, anew: bool = False) -> Answer:
        asked = replace(asked, look=replace(asked.look, query=made.query))
        zone = zone_of(actor.timezone)
        try:
            shown: Shown | None
            if made.language is Language.SQL:
                shown = await self._from_records(made, actor, place)
            else:
                events = await self._happened(asked, actor)
                shown = await self._findings.of(made.language, asked.look, asked.understood, zone, events, anew=anew)
        except QueryRefused as refusal:
            return Answer(asked, None, refused=refusal)
        return Answer(asked, shown, made.explanation)

    async def _happened(self, asked: Asked, actor: Actor) -> Sequence[Happened]:
        """To the services that the query names, in the time that it looks at."""
        if not self._findings.offered.meanwhile:
            return ()
        end = asked.look.end or self._desk.clock.now()
        runs = self._desk.judge(actor, permissions.needed(plan.Status())).allowed
        services, environment = running.about(asked.language, asked.look.query)
        start = end - asked.look.length
        return await happened(self._desk, self._executor, services, environment, start, end, runs=runs)

    async def _from_records(self, made: Translation, actor: Actor, place: Place) -> Shown:
        account, identity = actor.account, self._desk.identity

        def unit(tx: Transaction) -> Shown:
            mine = identity.accounts(account) | tx.people.linked(account)
            statement = running.statement(made, tx.lookups.dialect, tx.lookups.visible(mine, place))
            found = tx.lookups.run(statement, rows=_ROWS, seconds=_SECONDS)
            return Shown(cards.table(found), ran=of_rows(self._desk.clock.now(), found.rows))

        return await self._desk.records.read(unit)

    async def _asked(self, token: str) -> Asked | None:
        found = await self._desk.records.read(lambda tx: tx.tokens.get(token)) if token else None
        return Asked.load(found.data) if found and found.purpose == _TOKEN else None

    def _expired(self, entry: InboxEntry) -> Outcome:
        return Outcome("expired", lambda tx: [self._desk.put_reply(tx, entry, replies.expired_button(), private=True)])

    async def _dialect(self, language: Language) -> str:
        """What the records speak; "" for queries that never reach them."""
        return await self._desk.records.read(lambda tx: tx.lookups.dialect) if language is Language.SQL else ""


def _look(made: Translation, now: datetime) -> Look:
    """The window that the sentence names, else the usual one, or as far back as the query itself looks."""
    if made.start is None and made.language is Language.USAGE:
        return Look(made.query, USUAL_OF_USAGE)
    end = None if made.end is None or made.end >= now else made.end
    if made.start is None:
        reach = running.reach(made) if made.language in (Language.PROMQL, Language.LOGQL) else timedelta()
        return Look(made.query, max(USUAL, reach), end)
    return Look(made.query, max((end or now) - made.start, timedelta(seconds=1)), end)


def _understood(question: Question) -> list[str]:
    return [value for kind in _SHOWN for value in question.values(kind)]
