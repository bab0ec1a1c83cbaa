"""Incidents as values."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.actors import By
from core.messages import Account, Place

_ADDRESS = re.compile(r"https?://[^\s<>|)\]]{1,2000}")
_TITLE = 120
"""Characters of an alert's first line that name it."""


class Severity(StrEnum):
    """How bad it is: judged by the impact, never by the adjectives."""

    SEV1 = "sev1"
    """Full outage, data loss, security breach, all customers."""
    SEV2 = "sev2"
    """Major degradation, or a key feature down for many."""
    SEV3 = "sev3"
    """Partial or minor degradation; a workaround exists."""
    SEV4 = "sev4"
    """Cosmetic, low impact."""


def severity_of(text: str) -> Severity | None:
    """`sev2`, `P1`, `critical` → the severity; None for anything else."""
    return _SEVERITIES.get(text.strip().lower())


_SEVERITIES = {
    "critical": Severity.SEV1, "high": Severity.SEV2, "medium": Severity.SEV3, "low": Severity.SEV4,
    **{f"{prefix}{n}": Severity(f"sev{n}") for n in range(1, 5) for prefix in ("sev", "sev-", "sev ", "p")},
}  # fmt: skip


class Status(StrEnum):
    """Where an incident stands. `core.incidents.lifecycle` says what may follow what."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    """A false alarm or a duplicate."""


CLOSED = frozenset({Status.RESOLVED, Status.CANCELLED})


class Role(StrEnum):
    """What one person takes care of in an incident."""

    COMMANDER = "commander"
    """Decides."""
    COMMUNICATIONS = "communications"
    """Writes the updates."""
    SCRIBE = "scribe"
    """Keeps the timeline."""


class EntryKind(StrEnum):
    """What an entry of the timeline tells of."""

    DECLARED = "declared"
    SEVERITY = "severity"
    STATUS = "status"
    TITLE = "title"
    ROLE = "role"
    NOTE = "note"
    MESSAGE = "message"
    """A message that somebody marked with a reaction or a pin."""
    UPDATE = "update"
    ROOM = "room"
    RUN = "run"
    QUERY = "query"
    LINK = "link"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    """When it happened; of a marked message, when it was written."""
    kind: EntryKind
    text: str
    """In plain words, as typed where a person typed it."""
    by: By | None = None
    """None when the bot or time did it."""
    source: str = ""
    """Natural key of what it was made from (a message, a run's event): the same source enters once. "" enters always."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something that belongs to an incident."""

    kind: str
    """run, query, alert, link"""
    target: str
    """A run id, an address, the query itself, or the message that brought an alert; once an incident."""
    title: str = ""

    @classmethod
    def alert(cls, text: str, reference: str) -> "Link":
        """An alert as a program posted it. Its target is the first address in the text, which leads to where the alert lives;
        without one, `reference`, which names the message."""
        address = _ADDRESS.search(text)
        return cls("alert", address[0] if address else reference, text.partition("\n")[0][:_TITLE])


@dataclass(frozen=True, slots=True)
class Report:
    """What a person says when declaring an incident."""

    title: str
    severity: Severity = Severity.SEV3
    service: str = ""
    details: str = ""
    private: bool = False
    dedup_key: str = ""
    """The same key while an incident with it is open gives that incident instead of a second one."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """What is known to be true of the room, so that bringing it up to date repeats nothing."""

    topic: str = ""
    invited: tuple[Account, ...] = ()
    pinned: str = ""
    """Id of the pinned message."""
    trouble: str = ""
    """Why there is no room of its own, for people; "" while there is one or it is being made."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands."""

    id: str
    """INC-42: people say it aloud."""
    title: str
    severity: Severity
    status: Status
    declared_by: By
    declared_at: datetime
    updated_at: datetime
    place: Place
    """Where it was declared; its first card stands there."""
    service: str = ""
    details: str = ""
    private: bool = False
    """Seen by its members alone."""
    dedup_key: str = ""
    room: Place | None = None
    room_state: RoomState = RoomState()
    roles: dict[Role, By] = field(default_factory=dict)
    members: tuple[Account, ...] = ()
    """Who declared it, holds a role in it or was invited; who may see a private one."""
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """Purpose → opaque id of the buttons and menus on its card."""
    last_update_at: datetime | None = None
    """When the last update for everybody was written."""
    updates: int = 0
    """How many were."""
    ended_at: datetime | None = None
    resolution: str = ""
    version: int = 1
    """Counts changes: the fence of `Incidents.save`."""

    @property
    def open(self) -> bool:
        """Whether somebody has to work on it."""
        return self.status not in CLOSED

    def seen_by(self, accounts: frozenset[Account], here: Place | None = None) -> bool:
        """Whether the person with these accounts may see it. Whoever speaks in its room was let in there."""
        return not self.private or not accounts.isdisjoint(self.members) or (here is not None and self.is_room(here))

    def is_room(self, here: Place) -> bool:
        """Whether a place is the room, or a thread of it."""
        if self.room is None:
            return False
        return here == self.room or (self.room.thread is None and here.lane == self.room.lane)
