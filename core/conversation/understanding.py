"""What a turn means: commands and unmistakable phrases by rules, everything else by the classifier, and what a sentence leaves
out from the conversation it belongs to, else from what was heard in the same place."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.actors import Actor
from core.context.carrying import carry, lacks
from core.context.gathering import Contexts
from core.context.window import Context
from core.conversation import dialogues
from core.conversation.desk import Desk
from core.conversation.threads import conversation_of
from core.intents.known import Known
from core.intents.queries import OF_USAGE
from core.intents.sentences import phrase_holds
from core.messages import Turn, Via
from core.nlp import dialogue, entities, rules
from core.nlp.classifier import classify
from core.nlp.interpretation import Carried, Command, EntityType, Intent, Interpretation
from core.planning.executor import Executor
from core.ports.records import Correction, Session, Transaction
from core.query.usage import subject as usage
from core.redaction import redact
from core.telemetry.discovery import Discovered

_NAMELESS = frozenset(
    {Command.HELP, Command.WHOAMI, Command.APPROVALS, Command.LINK, Command.UNLINK, Command.POSTMORTEM, Command.RESOLVE}
)
"""Commands that no name of a service changes."""
_NAMING = frozenset({Command.ASK, Command.WHY})
"""Verbs that a name of a service follows."""
_MEANT = re.compile(
    r"\s*(?:(?:no|nope|nah|nein|sorry)\b[\s,.!]*)?(?:i (?:meant|mean)|ich (?:meinte|meine)|quise decir|quiero decir)\b[\s,:]*",
    re.IGNORECASE,
)
_CLASSIFIED = 2_000
"""Characters of a sentence that are looked at for what it names."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A turn with everything that planning it takes."""

    said: Interpretation
    known: Known
    context: Context = field(default_factory=Context)
    state: dialogue.State | None = None
    """What the conversation is about from now on; None: as before."""
    last: dialogues.Last | None = None
    """The sentence itself, to be corrected by the next one."""
    correction: Correction | None = None
    """What the person has just said about an earlier sentence."""


_MISTAKEN = (Intent.WORKFLOW_STATUS, Intent.LOG_QUERY, Intent.UNKNOWN)
"""What questions about calls of language models are taken for."""


class Understanding:
    """Interprets turns."""

    def __init__(
        self, desk: Desk, executor: Executor, contexts: Contexts, discovered: Discovered, *, usage: bool = False
    ) -> None:
        """`discovered`: services that are seen at work. `usage`: whether it is known what language models are used for."""
        self._discovered = discovered
        self._usage = usage
        self._desk = desk
        self._executor = executor
        self._contexts = contexts
        self._loaded = False

    async def of(self, turn: Turn, actor: Actor, *, meant: Intent | None = None) -> Understood:
        """What a turn means. `meant`: the person has said which intent it has. The delivery service is asked for its names only
        where a sentence may hold one: commands work without it. What was said before is looked at only for sentences."""
        command = turn.via in (Via.COMMAND, Via.BANG) and meant is None
        workflows = self._desk.catalogue.names()
        said = rules.interpret(turn.text, command=command, workflows=workflows, looks=False)
        if said.unknown_verb or (said.explicit and said.command not in _NAMING):
            return Understood(said, Known(self._desk.catalogue))
        services = await self._services()
        known = Known(self._desk.catalogue, services, self._usage, self._desk.clock.now())
        if said.explicit and meant is None:
            said = rules.interpret(turn.text, command=command, services=services, workflows=workflows)
            return await self._with_context(turn, Understood(said, known))
        understood = await self._sentence(turn, actor, replace(said, explicit=False), known, meant)
        if understood.said.command in _NAMELESS:
            return understood
        return await self._with_context(turn, understood)

    async def _services(self) -> tuple[str, ...]:
        """Those that can be deployed first, then those that are only seen at work."""
        known, seen = await self._executor.services(), await self._discovered.services()
        return tuple(dict.fromkeys((*known, *seen)))

    async def _sentence(
        self, turn: Turn, actor: Actor, said: Interpretation, known: Known, meant: Intent | None
    ) -> Understood:
        def unit(tx: Transaction) -> tuple[Session, str]:
            before = "" if meant else tx.corrections.meant(actor.account, turn.text)
            return tx.sessions.get(conversation_of(turn)), before

        session, before = await self._desk.records.read(unit)
        text, corrects = turn.text, None
        if meant is None and (found := _MEANT.match(turn.text)):
            # "No, I meant the logs": what follows is the sentence, and says what the one before it was.
            text, corrects = turn.text[found.end() :], dialogues.last_of(session)
        state = dialogues.state_of(session)
        settled = meant or (Intent(before) if before else None)
        # What somebody else in the thread says may go on with a question, and be meant for whoever asked it.
        stranger = turn.via is Via.THREAD and dialogues.asker_of(session) != str(turn.person.account)
        # The first sentence loads the classifier, numpy with it: not while everybody waits.
        guess = classify(text) if self._loaded else await asyncio.to_thread(classify, text)
        self._loaded = True
        if self._usage and settled is None and guess.intent in _MISTAKEN and usage.calls(text):
            settled = Intent.TRACE_QUERY
        named = entities.find(
            text[:_CLASSIFIED],
            services=known.services,
            now=known.now,
            timezone=actor.timezone,
            workflows=known.catalogue.names(),
        )
        asked = state.asked
        state, resolved = dialogue.advance(
            state,
            text[:_CLASSIFIED],
            named,
            settled or guess.intent,
            confidence=1.0 if settled or stranger else guess.confidence,
            services=known.services,
        )
        # What goes on with the last question is as sure as that was: "last 6 hours instead".
        goes_on = not stranger and bool(resolved.carried) and resolved.intent is asked
        metric = next((one.value for one in resolved.entities if one.type is EntityType.METRIC), "")
        # What models are used for is one thing, whichever kind of question it looks most like.
        of_usage = self._usage and resolved.intent in OF_USAGE and usage.about(text, metric, known.services)
        sure = 1.0 if settled or goes_on or of_usage or resolved.intent is not guess.intent else guess.confidence
        phrased = rules.by_id(replace(said, entities=named)) if said.command is Command.UNKNOWN else said.command
        said = replace(
            said,
            rest=text,
            command=phrased if phrase_holds(phrased, resolved.intent, sure) else Command.UNKNOWN,
            intent=resolved.intent,
            confidence=sure,
            alternatives=tuple(intent for intent, _ in guess.alternatives if intent is not resolved.intent),
            entities=resolved.entities,
            carried=tuple(_carried(resolved, dialogues.last_of(session))),
        )
        return Understood(
            said,
            known,
            state=state,
            last=dialogues.Last(redact(text), said.intent, sure, said.first(EntityType.AGGREGATION)),
            correction=self._correction(actor, corrects, said.intent),
        )

    def _correction(self, actor: Actor, last: dialogues.Last | None, meant: Intent) -> Correction | None:
        if last is None or last.intent == meant:
            return None
        return Correction(actor.account, last.text, last.intent, last.confidence, meant, self._desk.clock.now())

    async def _with_context(self, turn: Turn, understood: Understood) -> Understood:
        """What is still left out, from what was heard in the place."""
        said = understood.said
        if not lacks(said):
            return understood
        context = await self._contexts.of(turn)
        return replace(understood, said=carry(said, context.messages, understood.known.services), context=context)


def _carried(resolved: dialogue.Resolved, last: dialogues.Last | None) -> Sequence[Carried]:
    """What the sentence leaves out; with the metric of the question before comes what was asked of it."""
    carried = [Carried(mention.type, mention.value) for mention in resolved.carried]
    kinds = {one.type for one in carried}
    named = any(entity.type is EntityType.AGGREGATION for entity in resolved.entities)
    if last and last.aggregation and EntityType.METRIC in kinds and not named:
        carried.append(Carried(EntityType.AGGREGATION, last.aggregation))
    return carried
