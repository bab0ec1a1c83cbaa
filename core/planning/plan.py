"""What the bot means to do about a turn: a closed set of values that policy judges and the executor carries out."""

from dataclasses import dataclass, field
from typing import Any

from core.messages import Form, Reply


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
class Start:
    """Start a run."""

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
class Cancel:
    """Stop a run."""

    run_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """Show runs: one by id, else the latest, filtered."""

    run_id: str = ""
    statuses: tuple[str, ...] = ()
    parameter: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """Show what waits for approval."""


@dataclass(frozen=True, slots=True)
class SetChannel:
    """Change a setting of this channel."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Show the person who they are to the bot."""


@dataclass(frozen=True, slots=True)
class Help:
    """Show what the bot can do here."""

    unknown: str = ""
    """The word that was no verb; the nearest verbs are shown."""
    nearest: tuple[str, ...] = field(default=())


Plan = (
    Say
    | Silence
    | Ask
    | Explain
    | Choose
    | Start
    | Complete
    | Change
    | Cancel
    | Status
    | Approvals
    | SetChannel
    | WhoAmI
    | Help
)
