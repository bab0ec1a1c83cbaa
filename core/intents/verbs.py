"""The verbs that people type after `/copilot`, `@copilot` or `!`. Help, completion and both platforms' commands come from this list."""

from dataclasses import dataclass
from enum import StrEnum


class Completes(StrEnum):
    """What an argument can be completed from."""

    NOTHING = ""
    WORKFLOW = "workflow"
    RUN = "run"
    PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb; written in order after it."""

    name: str
    summary: str
    required: bool = False
    completes: Completes = Completes.NOTHING


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to ask for by name."""

    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    example: str = ""


VERBS = (
    Verb("help", "what I can do, and for you here"),
    Verb(
        "ask",
        "a question in plain words",
        (Argument("question", "for example: which version of checkout is in production?", required=True),),
        "ask which version of checkout is in production?",
    ),
    Verb(
        "why",
        "what I know about a service: its version, latest runs, what waits; in a thread about the service named there",
        (Argument("service", "which service, and where: checkout in staging"),),
        "why checkout",
    ),
    Verb(
        "run",
        "start a workflow",
        (
            Argument("workflow", "which workflow", required=True, completes=Completes.WORKFLOW),
            Argument("parameters", "name=value, several with spaces between", completes=Completes.PARAMETERS),
        ),
        "run deploy service=checkout environment=production",
    ),
    Verb(
        "status",
        "where runs stand; with a run id, its card",
        (Argument("run", "a run id, such as RUN-7K3QX2", completes=Completes.RUN),),
        "status RUN-7K3QX2",
    ),
    Verb("approvals", "what waits for an approval"),
    Verb(
        "change",
        "change a run that waits for approval; approvals given so far become void",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("parameters", "name=value", required=True, completes=Completes.PARAMETERS),
        ),
        "change RUN-7K3QX2 version=2.4.1",
    ),
    Verb(
        "cancel",
        "stop a run",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("reason", "why; goes on the record"),
        ),
        "cancel RUN-7K3QX2 wrong version",
    ),
    Verb("mute", "I stay silent in this channel unless mentioned by a command"),
    Verb("unmute", "I listen in this channel again"),
    Verb("whoami", "who you are to me, and what you may do"),
)

BY_NAME = {verb.name: verb for verb in VERBS}
