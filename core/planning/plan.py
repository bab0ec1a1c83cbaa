"""What the bot means to do about a turn: a closed set of values that policy judges and the executor carries out."""

from dataclasses import dataclass, field
from typing import Any

from core.incidents.incident import Link as Linked
from core.incidents.incident import Report, Role
from core.incidents.lifecycle import Wanted
from core.messages import Account, Form, Reply
from core.nlp.interpretation import Intent
from core.query.translation import Language, Question
from core.workflow.steering import Steering


@dataclass(frozen=True, slots=True)
class Say:
    """Answer from memory, without a call."""

    reply: Reply
    private: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing: the message was not for us."""

    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about running systems, to be answered by read tools."""

    tool: str
    parameters: dict[str, Any]
    understood: str
    """The sentence as understood, shown with the answer."""


@dataclass(frozen=True, slots=True)
class Explain:
    """Say what is known about a service: facts from the records and read tools, never a cause."""

    service: str
    environment: str
    version: str = ""
    """One that was named where the question was asked."""


@dataclass(frozen=True, slots=True)
class Choose:
    """One short question with candidates as buttons; choosing one goes on as if its text had been typed."""

    question: str
    choices: tuple[tuple[str, str], ...]
    """(label, what choosing it says)."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask what a sentence means; the answer is remembered for this person."""

    text: str
    guessed: Intent
    confidence: float
    meanings: tuple[Intent, ...]
    """Likeliest first."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question that a query answers."""

    language: Language
    question: Question
    environment: str = ""
    """That was named, for policy."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start a run."""

    workflow: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """Show what a run would do, without starting one."""

    workflow: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Complete:
    """Ask for the missing parameters of a run by a form."""

    workflow: str
    given: dict[str, str]
    missing: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Change:
    """Change the parameters of a run that waits."""

    run_id: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Steer:
    """Pause, stop, go on with or undo a run."""

    run_id: str
    wanted: Steering
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Show runs: one by id, else the latest, filtered."""

    run_id: str = ""
    statuses: tuple[str, ...] = ()
    parameter: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask the same again that an answer was made of, over the same time."""

    receipt: str
    """Id."""


@dataclass(frozen=True, slots=True)
class ListAlerts:
    """Show which alerts fire."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """Show what waits for approval."""

    everything: bool = False
    """All that waits for others, too."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve or deny a request that was named."""

    approval_id: str
    approve: bool
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Delegate:
    """Let somebody decide approvals for a while; without anything said, show who does."""

    text: str = ""
    """Holds until when."""
    to: Account | None = None
    """An account that was spelt out; None: whoever is mentioned."""
    off: bool = False
    """Take back what was handed over."""


@dataclass(frozen=True, slots=True)
class SetChannel:
    """Change a setting of this channel."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ShowChannel:
    """Show the settings of this channel, with the form that changes them."""


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Show the person who they are to the bot."""


@dataclass(frozen=True, slots=True)
class Link:
    """Join two accounts of one person."""

    code: str = ""
    """That the other account was given; "" asks for one."""
    sure: bool = False
    """The person has seen whose account it is (a terminal has no buttons)."""


@dataclass(frozen=True, slots=True)
class Unlink:
    """End the links of this account."""


@dataclass(frozen=True, slots=True)
class Help:
    """Show what the bot can do here."""

    unknown: str = ""
    """The word that was no verb; the nearest verbs are shown."""
    nearest: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Fill:
    """Something must be said first: a button opens the form for it."""

    question: str
    label: str
    action: str
    """`form:<name>:<token>`"""


@dataclass(frozen=True, slots=True)
class Declare:
    """Open an incident."""

    report: Report


@dataclass(frozen=True, slots=True)
class ShowIncident:
    """Show one incident. An empty id, here and below, means the incident whose room this is."""

    incident_id: str = ""


@dataclass(frozen=True, slots=True)
class ListIncidents:
    """Show incidents, latest first."""

    open_only: bool = True
    service: str = ""


@dataclass(frozen=True, slots=True)
class ChangeIncident:
    """Change severity, status or title."""

    incident_id: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class UpdateIncident:
    """Tell everybody who follows an incident."""

    incident_id: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteIncident:
    """Put a note on the timeline."""

    incident_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TakeRole:
    """Take a role in an incident."""

    incident_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Attach:
    """Link something to an incident."""

    incident_id: str
    link: Linked


@dataclass(frozen=True, slots=True)
class ShowTimeline:
    """Show what happened in an incident."""

    incident_id: str = ""


@dataclass(frozen=True, slots=True)
class DraftPostmortem:
    """Write the draft of an incident's post-mortem."""

    incident_id: str = ""


IncidentRead = ShowIncident | ListIncidents | ShowTimeline | DraftPostmortem
IncidentWrite = Declare | ChangeIncident | UpdateIncident | NoteIncident | TakeRole | Attach

Plan = (
    IncidentRead
    | IncidentWrite
    | Fill
    | Say
    | Silence
    | Ask
    | Explain
    | Choose
    | Clarify
    | Query
    | Start
    | Preview
    | Complete
    | Change
    | Steer
    | Status
    | AskAgain
    | ListAlerts
    | Approvals
    | Decide
    | Delegate
    | SetChannel
    | ShowChannel
    | WhoAmI
    | Link
    | Unlink
    | Help
)
