"""The thread of a conversation with the bot: what its turns were about, kept with its session."""

from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.conversation.threads import conversation_of
from core.messages import Incoming
from core.nlp.dialogue import Mention, Speaker, State
from core.nlp.interpretation import EntityType
from core.ports.clock import Clock
from core.ports.records import Session, Transaction

_KEY, _ASKER, _LAST = "dialogue", "asker", "last"
"""In `Session.pending`."""


@dataclass(frozen=True, slots=True)
class Last:
    """The person's last sentence, and what it was taken for: what "no, I meant …" corrects."""

    text: str
    intent: str
    confidence: float
    aggregation: str = ""
    """Of its metric: "same for staging" asks for the same percentile."""


def state_of(session: Session) -> State:
    """What the conversation was about so far; nothing when an older version kept it in another form."""
    try:
        return _adapter().validate_python(session.pending.get(_KEY, {}))
    except ValidationError:
        return State()


def asker_of(session: Session) -> str:
    """`str(Account)` of who spoke to the bot last in the conversation, or ""."""
    return str(session.pending.get(_ASKER, ""))


def last_of(session: Session) -> Last | None:
    """What the person said last in the conversation."""
    try:
        return Last(**session.pending[_LAST])
    except (KeyError, TypeError):
        # Nothing was said, or a version kept it in another form.
        return None


def keep(tx: Transaction, item: Incoming, state: State, clock: Clock, *, last: Last | None = None) -> None:
    """Remember this as what the conversation of the item was about. `last`: the sentence that led there."""
    session = tx.sessions.get(conversation_of(item))
    pending: dict[str, Any] = {
        **session.pending,
        _KEY: _adapter().dump_python(state, mode="json"),
        _ASKER: str(item.person.account),
    }
    if last:
        pending[_LAST] = asdict(last)
    tx.sessions.put(replace(session, pending=pending), now=clock.now())


def named(
    tx: Transaction,
    item: Incoming,
    clock: Clock,
    kind: EntityType,
    value: str,
    *,
    service: str = "",
    environment: str = "",
) -> None:
    """Remember an incident or a run that the bot's answer to the item names: "close it" and "is it through?" mean that.
    `service`, `environment`: what it is about and where it acts."""
    session = tx.sessions.get(conversation_of(item))
    state = state_of(session)
    state = state.remember((Mention(kind, value, state.turn, Speaker.BOT, service, environment),))
    pending = {**session.pending, _KEY: _adapter().dump_python(state, mode="json")}
    tx.sessions.put(replace(session, pending=pending), now=clock.now())


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)
