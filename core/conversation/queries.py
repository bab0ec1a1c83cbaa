"""Answers to questions that a query answers: translated, checked, run, and open to be edited and run again."""

from dataclasses import replace
from datetime import datetime

import structlog

from core.actors import Actor
from core.conversation import query_cards as cards
from core.conversation import replies
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome, is_command
from core.errors import UserInputError
from core.messages import Account, Place, Submission
from core.nlp.interpretation import EntityType, Interpretation
from core.planning import permissions, plan
from core.ports.records import InboxEntry, Transaction
from core.ports.telemetry import Metrics
from core.query.translation import Language, QueryRefused, Translation

log = structlog.get_logger()

FORM = "query"
"""The form that edits a query; its token leads to what the query was asked for."""
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


class QueryHandler:
    """Turns questions, and queries that people edited, into answers."""

    def __init__(self, desk: Desk, answers: Answers, metrics: Metrics | None) -> None:
        """`metrics`: None where no backend is configured; queries are shown then, and not run."""
        self._desk = desk
        self._answers = answers
        self._metrics = metrics

    async def answer(self, meant: plan.Query, said: Interpretation, account: Account, place: Place) -> "Answer":
        """What a question comes to. Refusals are answers, too: they say what to do instead."""
        understood = " · ".join(_understood(meant.question)) or meant.question.text[:80]
        try:
            made = await self._translated(meant)
            return await self._run(made, understood, account, place)
        except QueryRefused:
            return Answer(meant.language, "", understood, lambda edit: cards.refused(error, "", meant.language, None))

    async def submission(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A query that a person edited: checked and run like any other."""
        token = await self._desk.records.read(lambda tx: tx.tokens.get(form.token))
        if token is None or token.purpose != _TOKEN:
            reply = replies.expired_button()
            return Outcome("expired", lambda tx: [self._desk.put_reply(tx, entry, reply, private=True)])
        language = Language(token.data["language"])
        query = form.fields.get("query", "").strip()
        if not query:
            raise UserInputError("The query is empty.", hint="Press Edit again and write one.")
        permission = permissions.query(language, token.data["environment"])
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "turn.refused", permission, verdict, "run that query")
        window = token.data["window"]
        start, end = (datetime.fromisoformat(window[0]), datetime.fromisoformat(window[1])) if window else (None, None)
        understood = f"edited by {actor.name}"
        try:
            made = Translation(language, query, _explained(language, query), start, end)
            answer = await self._run(made, understood, actor.account, form.place)
        except QueryRefused as refusal:
            error = refusal
            answer = Answer(language, query, understood, lambda edit: cards.refused(error, query, language, edit))
        answer = replace(answer, environment=token.data["environment"], start=start, end=end)
        return Outcome("query", lambda tx: [self.put(tx, entry, answer)])

    def put(self, tx: Transaction, entry: InboxEntry, answer: "Answer", finish: "Finish" = lambda reply: reply) -> str:
        """Put the answer with its Edit button into the outbox; its lane."""
        reply = answer.reply(self._edit_button(tx, entry, answer))
        return self._answers.put(tx, entry, finish(reply), private=is_command(entry.item) and not _public(entry))

    # --- parts -----------------------------------------------------------------------------------------

    async def _translated(self, meant: plan.Query) -> Translation:
        match meant.language:
            case Language.PROMQL:
                from core.query import promql

                backend = await self._metrics.backend() if self._metrics else None
                return promql.translate(meant.question, backend)
            case Language.LOGQL:
                from core.query import logql

                return logql.translate(meant.question)
            case Language.TRACEQL:
                from core.query import traceql

                return traceql.translate(meant.question)
            case Language.SQL:
                from core.query import sql

                return sql.translate(meant.question)
