"""Answers to questions that a query answers: translated, checked, run, and open to be edited and run again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import Actor
from core.conversation import query_cards as cards
from core.conversation import replies
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome
from core.errors import UserInputError
from core.messages import Account, Block, Button, Place, Reply, Submission
from core.nlp.interpretation import EntityType
from core.planning import permissions, plan
from core.ports.records import ActionToken, InboxEntry, Transaction
from core.ports.telemetry import Metrics
from core.query import running
from core.query.translation import Language, QueryRefused, Question, Translation

FORM = "query"
"""The form that edits a query. Its token leads to what the query was asked for; its field is filled from the message."""
_TOKEN = "query"  # noqa: S105 -- a purpose
_ROWS = 200
_SECONDS = 5.0
"""That a query over the bot's own records may take."""
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
    """What an answer is about, and what an edit of its query starts from."""

    language: Language
    understood: str
    environment: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer but for its Edit button, which is made in the transaction that puts it."""

    asked: Asked
    query: str
    """Empty where a sentence led to none."""
    found: Sequence[Block] | None
    """None: not run."""
    explanation: str = ""
    refused: QueryRefused | None = None

    def reply(self, edit: Button) -> Reply:
        """As it is shown."""
        if self.refused:
            return cards.refused(self.refused, self.query, self.asked.language, edit if self.query else None)
        made = Translation(self.asked.language, self.query, self.explanation)
        if self.found is None:
            return cards.not_run(made, self.asked.understood, edit)
        return cards.answered(made, self.asked.understood, self.found, edit)


class QueryHandler:
    """Turns questions, and queries that people edited, into answers."""

    def __init__(self, desk: Desk, answers: Answers, metrics: Metrics | None) -> None:
        """`metrics`: None where no backend is configured; queries are shown then, and not run."""
        self._desk = desk
        self._answers = answers
        self._metrics = metrics

    async def answer(self, meant: plan.Query, account: Account, place: Place) -> Answer:
        """What a question comes to. Refusals are answers, too: they say what to do instead."""
        understood = " · ".join(_understood(meant.question)) or " ".join(meant.question.text.split())[:80]
        asked = Asked(meant.language, understood, meant.environment)
        try:
            backend = await self._metrics.backend() if self._metrics and meant.language is Language.PROMQL else None
            # In a thread: the first use of a language imports its parser, which takes up to a second.
            made = await asyncio.to_thread(
                running.translate, meant.language, meant.question, backend, await self._dialect(meant.language)
            )
        except QueryRefused as refusal:
            return Answer(asked, "", None, refused=refusal)
        asked = Asked(meant.language, understood, meant.environment, made.start, made.end)
        return await self._run(asked, made, account, place)

    async def edited(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A query that a person edited: checked and run like any other."""
        token = await self._desk.records.read(lambda tx: tx.tokens.get(form.token))
        if token is None or token.purpose != _TOKEN:
            expired = replies.expired_button()
            return Outcome("expired", lambda tx: [self._desk.put_reply(tx, entry, expired, private=True)])
        asked, query = _asked(token.data, f"edited by {actor.name}"), form.fields.get("query", "").strip()
        if not query:
            raise UserInputError("The query is empty.", hint="Press Edit again and write one.")
        permission = permissions.query(asked.language, asked.environment)
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "turn.refused", permission, verdict, "run that query")
        try:
            made = await asyncio.to_thread(running.read, asked.language, query, await self._dialect(asked.language))
        except QueryRefused as refusal:
            answer = Answer(asked, query, None, refused=refusal)
        else:
            answer = await self._run(asked, made, actor.account, form.place)
        return Outcome("query", lambda tx: [self._answers.put(tx, entry, self.reply(tx, entry, answer))])

    def reply(self, tx: Transaction, entry: InboxEntry, answer: Answer) -> Reply:
        """The answer with its Edit button."""
        token, asked = self._desk.ids.token(), answer.asked
        data = {
            "language": asked.language.value,
            "environment": asked.environment,
            "window": [asked.start.isoformat(), asked.end.isoformat()] if asked.start and asked.end else [],
        }
        tx.tokens.put(ActionToken(token, _TOKEN, f"turn:{entry.id}", data))
        return answer.reply(Button("Edit …", f"form:{FORM}:{token}"))

    # --- running ---------------------------------------------------------------------------------------

    async def _run(self, asked: Asked, made: Translation, account: Account, place: Place) -> Answer:
        found: Sequence[Block] | None = None
        try:
            if made.language is Language.SQL:
                found = await self._from_records(made, account, place)
            elif made.language is Language.PROMQL and self._metrics:
                found = await self._from_metrics(self._metrics, asked, made)
        except QueryRefused as refusal:
            return Answer(asked, made.query, None, refused=refusal)
        return Answer(asked, made.query, found, made.explanation)

    async def _from_metrics(self, metrics: Metrics, asked: Asked, made: Translation) -> Sequence[Block]:
        end = asked.end or self._desk.clock.now()
        window = end - asked.start if asked.start else timedelta()
        backend = await metrics.backend(running.names(made.query))
        checked = running.check(made.query, window=window, backend=backend)
        if asked.start:
            found = await metrics.over(checked.query, asked.start, end, checked.step)
        else:
            found = await metrics.at(checked.query, end)
        return cards.measured(found, end)

    async def _from_records(self, made: Translation, account: Account, place: Place) -> Sequence[Block]:
        identity = self._desk.identity

        def unit(tx: Transaction) -> Sequence[Block]:
            mine = identity.accounts(account) | tx.people.linked(account)
            statement = running.statement(made, tx.lookups.dialect, tx.lookups.visible(mine, place))
            return cards.table(tx.lookups.run(statement, rows=_ROWS, seconds=_SECONDS))

        return await self._desk.records.read(unit)

    async def _dialect(self, language: Language) -> str:
        """What the records speak; "" for queries that never reach them."""
        return await self._desk.records.read(lambda tx: tx.lookups.dialect) if language is Language.SQL else ""


def _asked(data: Mapping[str, object], understood: str) -> Asked:
    window = data["window"]
    start, end = map(datetime.fromisoformat, window) if isinstance(window, list) and window else (None, None)
    return Asked(Language(str(data["language"])), understood, str(data["environment"]), start, end)


def _understood(question: Question) -> list[str]:
    return [value for kind in _SHOWN for value in question.values(kind)]
