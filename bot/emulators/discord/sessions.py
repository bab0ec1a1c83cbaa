"""Gateway sessions: what a connection subscribed to, its numbered events, and which of them it may see."""

import json
from collections import deque
from collections.abc import Callable

from bot.emulators.common.clock import PlatformClock, Timer
from bot.emulators.common.faults import Deliveries
from bot.emulators.common.requests import Ack, AckLog
from bot.emulators.discord import acme, intents, limits
from bot.emulators.discord.ids import Ids
from bot.emulators.discord.model import Json

Send = Callable[[str], None]
Shard = tuple[int, int]
"""Number of the shard and how many there are."""


class Session:
    """One identified connection; it outlives its socket for a while, to be resumed."""

    def __init__(self, id_: str, wanted: int, shard: Shard) -> None:
        """`wanted`: intents."""
        self.id = id_
        self.intents = wanted
        self.shard = shard
        self.seq = 0
        self.send: Send | None = None
        """Writes to the present socket; None while there is none."""
        self.expiry: Timer | None = None
        self._kept: deque[tuple[int, str]] = deque(maxlen=limits.REPLAY)
        self._unacknowledged: deque[tuple[int, Ack]] = deque(maxlen=limits.REPLAY)

    def holds(self, *, direct: bool) -> bool:
        """Whether the shard is the one of the server, or with `direct` of direct messages."""
        number, count = self.shard
        return number == (0 if direct else (int(acme.GUILD) >> 22) % count)

    def dispatch(self, event: str, data: Json, ack: Ack | None = None) -> None:
        """Number an event, keep it for a RESUME, and send it when there is a socket."""
        self.seq += 1
        text = json.dumps({"op": 0, "t": event, "s": self.seq, "d": data})
        self._kept.append((self.seq, text))
        if ack is not None:
            self._unacknowledged.append((self.seq, ack))
        if self.send is not None:
            self.send(text)

    def acknowledge(self, seq: object, now: float) -> None:
        """A heartbeat or RESUME named the last event it saw."""
        if not isinstance(seq, int):
            return
        while self._unacknowledged and self._unacknowledged[0][0] <= seq:
            self._unacknowledged.popleft()[1].acked_at = now

    def can_replay(self, seq: int) -> bool:
        """Whether every event after `seq` is still kept."""
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        return oldest - 1 <= seq <= self.seq

    def replay(self, seq: int) -> None:
        """Send the events after `seq` again."""
        for number, text in self._kept:
            if number > seq and self.send is not None:
                self.send(text)


class Sessions:
    """All sessions, and the fan-out of events to them."""

    def __init__(self, clock: PlatformClock, acks: AckLog, deliveries: Deliveries) -> None:
        self._clock = clock
        self._acks = acks
        self._deliveries = deliveries
        self._open: dict[str, Session] = {}

    def open(self, wanted: int, shard: Shard) -> Session:
        """A new session with these intents."""
        session = Session(Ids.secret()[:32], wanted, shard)
        self._open[session.id] = session
        return session

    def find(self, id_: object) -> Session | None:
        """The session of that id, if it still lives."""
        return self._open.get(id_) if isinstance(id_, str) else None

    def detach(self, session: Session, *, forget: bool) -> None:
        """The socket is gone. `forget`: the client said goodbye, so that there is nothing to resume."""
        session.send = None
        if forget:
            self.forget(session)
        else:
            session.expiry = self._clock.call_later(limits.SESSION_LIFE, lambda: self.forget(session))

    def attach(self, session: Session, send: Send) -> None:
        """A socket took the session over."""
        if session.expiry is not None:
            session.expiry.cancel()
        session.send, session.expiry = send, None

    def forget(self, session: Session) -> None:
        """End a session."""
        self._open.pop(session.id, None)

    def forget_all(self) -> None:
        """End all sessions: none of them can be resumed."""
        self._open.clear()

    def dispatch(self, event: str, data: Json, *, direct: bool = False, acks: list[Ack] | None = None) -> None:
        """Send an event to every session that subscribed to it and whose shard is concerned. The client's heartbeats
        acknowledge it; with `acks` the caller does, whose list gets the deliveries."""
        self._deliveries.send(event, lambda: self._fan_out(event, data, direct=direct, acks=acks))

    def _fan_out(self, event: str, data: Json, *, direct: bool, acks: list[Ack] | None) -> None:
        need = intents.needed(event, direct=direct)
        for session in self._open.values():
            if session.holds(direct=direct) and (not need or session.intents & need):
                ack = self._acks.add(str(data.get("id", "")), event, self._clock.now())
                if acks is not None:
                    acks.append(ack)
                seen = visible(event, data, session.intents, direct=direct)
                session.dispatch(event, seen, ack if acks is None else None)


def visible(event: str, data: Json, wanted: int, *, direct: bool) -> Json:
    """The event as a session with these intents sees it: content only with MESSAGE_CONTENT, in direct messages, when the bot
    is mentioned, and in its own messages."""
    if event not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or direct or wanted & intents.MESSAGE_CONTENT:
        return data
    mine = data["author"]["id"] == acme.BOT_USER
    if mine or any(user["id"] == acme.BOT_USER for user in data["mentions"]):
        return data
    return {**data, "content": "", "embeds": [], "attachments": [], "components": []}
