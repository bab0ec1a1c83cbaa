"""What happens outside of runs, and may start one or wake one that waits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.messages import Place
from core.workflow.source import NAME, near
from core.workflow.steps.common import Scalar

ALERT_FIRED = "alert.fired"
ALERT_RESOLVED = "alert.resolved"
INCIDENT_OPENED = "incident.opened"
"""Of incidents that everybody may know of: a private one tells nobody."""
INCIDENT_RESOLVED = "incident.resolved"
"""It is over; `event.status` is resolved, or cancelled for a false alarm."""
TEST_REGRESSED = "test.regressed"
KINDS = (ALERT_FIRED, ALERT_RESOLVED, INCIDENT_OPENED, INCIDENT_RESOLVED, TEST_REGRESSED)
WEBHOOK = "webhook."
"""What the kind of an event begins with that came over HTTP; the name of the hook follows."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event."""

    kind: str
    id: str
    """Of the event among those of its kind: the same one, told again, is of no consequence."""
    fields: Mapping[str, Scalar]
    """What definitions may ask for as `event.NAME`."""
    text: str
    """What happened, in a line for people."""
    at: datetime
    place: Place | None = field(default=None, kw_only=True)
    """Where it happened: cards stand there, unless a definition or the settings name a channel."""


def unknown(kind: str) -> str:
    """Why there is no such event, "" when there is."""
    if kind in KINDS or re.fullmatch(re.escape(WEBHOOK) + NAME, kind):
        return ""
    return f"{kind!r} is none of {', '.join(KINDS)}, {WEBHOOK}NAME{near(kind, KINDS)}"
