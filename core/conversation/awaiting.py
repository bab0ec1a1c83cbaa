"""What a conversation waits for: questions of ours that somebody may answer there."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.messages import Place
from core.ports.records import Transaction


def wait_here(tx: Transaction, place: Place, awaited: tuple[str, tuple[Any, ...]], *, now: datetime) -> None:
    """From now on what is said in this thread or direct message may be the answer; a channel belongs to everybody, and waits for
    nothing. Said twice it is one question. `awaited`: as in `Delivery.awaits`."""
    if not (place.thread or place.direct):
        return
    key, entry = awaited
    session = tx.sessions.get(str(place))
    waiting = [list(one) for one in session.pending.get(key, ())]
    if list(entry) not in waiting:
        waiting.append(list(entry))
    tx.sessions.put(replace(session, engaged=True, pending={**session.pending, key: waiting}), now=now)
