"""How an answer to a turn goes out: the bot takes part in the thread from then on, and introduces itself once a channel."""

from core.conversation import channels, replies
from core.conversation.desk import Desk
from core.conversation.threads import answer_place, conversation_of
from core.messages import Reply, Turn, Via
from core.ports.records import InboxEntry, Session, Transaction


class Answers:
    """Puts answers into the outbox."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._introduced: set[str] = set()
        """Channels that know the bot, as far as this process has seen."""

    def put(self, tx: Transaction, entry: InboxEntry, reply: Reply, *, private: bool = False) -> str:
        """Answer, and take part in the thread from now on; the lane of the answer."""
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


def engage(desk: Desk, tx: Transaction, entry: InboxEntry) -> None:
    """Take part in the thread that the turn's answer stands in, so that what follows needs no mention."""
    turn = entry.item
    if isinstance(turn, Turn) and answer_place(turn).thread and turn.via in (Via.MENTION, Via.BANG):
        conversation = conversation_of(turn)
        if not tx.sessions.get(conversation).engaged:
            tx.sessions.put(Session(conversation, engaged=True), now=desk.clock.now())
