"""Which conversation an item belongs to, and where its answer goes. Pure."""

from dataclasses import replace

from core.messages import Account, Click, Incoming, Joined, Marked, Place, Platform, Submission, Turn, Via


def conversation_of(item: Incoming) -> str:
    """A thread, a direct message, or else (channel, person): turns of one conversation are handled one after the other."""
    place = answer_place(item) if isinstance(item, Turn) else item.place
    if place.thread or place.direct:
        return str(place)
    return f"{place}/@{item.person.account.id}"


def overtakes(item: Incoming) -> bool:
    """Clicks, forms, joins, cancels and pauses do not wait for earlier turns of the conversation."""
    if isinstance(item, Turn):
        return item.text.lstrip().lower().startswith(("cancel", "pause"))
    return isinstance(item, Click | Submission | Joined | Marked)


def answer_place(turn: Turn) -> Place:
    """A mention in a channel is answered in a thread under it; everything else where it stands."""
    in_channel = not turn.place.thread and not turn.place.direct
    if in_channel and turn.message and turn.via in (Via.MENTION, Via.BANG):
        return replace(turn.place, thread=turn.message)
    return turn.place


def direct_place(account: Account) -> Place | None:
    """The direct message with an account; None where there is none (terminals)."""
    if account.platform not in (Platform.SLACK, Platform.DISCORD):
        return None
    return Place(account.platform, account.workspace, account.id, direct=True)


def needs_thread(turn: Turn) -> bool:
    """True when the answer's thread must be made first: on Discord a thread is a channel of its own."""
    return turn.place.platform is Platform.DISCORD and answer_place(turn) != turn.place
