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
    permission: str = "help"
    """The verb of the permissions that it takes."""
    private: bool = False
    """The answer to the command is for the person alone; what follows from it is shown where it belongs."""
    group: str = ""
    """Where a platform offers a menu of commands: the one of `GROUPS` that it is under, for a menu has at most 25 entries."""
    listed: bool = True
    """False: in no such menu, which is full; it is said with a mention there."""


GROUPS = {"runs": "more about runs: look ahead, pause, go on, undo, and who approves"}
"""What stands above verbs of a group."""

_INCIDENT = Argument("incident", "an id, such as INC-42; in its room it can be left out")

VERBS = (
    Verb("help", "what I can do, and for you here", private=True),
    Verb(
        "ask",
        "a question in plain words",
        (Argument("question", "for example: which version of checkout is in production?", required=True),),
        "ask which version of checkout is in production?",
        permission="ask",
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
        permission="run",
    ),
    Verb(
        "plan",
        "what a run would do, step by step; nothing is started",
        (
            Argument("workflow", "which workflow", required=True, completes=Completes.WORKFLOW),
            Argument("parameters", "name=value, several with spaces between", completes=Completes.PARAMETERS),
        ),
        "plan deploy service=checkout environment=production",
        permission="status",
        private=True,
        group="runs",
    ),
    Verb(
        "status",
        "where runs stand; with a run id, its card",
        (Argument("run", "a run id, such as RUN-7K3QX2", completes=Completes.RUN),),
        "status RUN-7K3QX2",
        private=True,
        permission="status",
    ),
    Verb(
        "approvals",
        "what waits for your approval, and for others'",
        (Argument("which", "all; or approve APR-… with a comment, deny APR-… with a reason"),),
        "approvals all",
        private=True,
        permission="status",
    ),
    Verb(
        "receipt",
        "ask again what an answer was made of, over the same time",
        (Argument("id", "stands beneath the answer"),),
        "receipt RCP-7K3QX2",
        permission="ask",
        listed=False,
    ),
    Verb("alerts", "which alerts fire, and who looks after them", private=True, permission="incident", listed=False),
    Verb(
        "delegate",
        "let somebody decide approvals for you, for a while",
        (Argument("person", "@somebody; off takes it back"), Argument("until", "until friday, for 3 days")),
        "delegate @lee until friday",
        private=True,
        permission="status",
        group="runs",
    ),
    Verb(
        "change",
        "change a run that waits for approval; approvals given so far become void",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("parameters", "name=value", required=True, completes=Completes.PARAMETERS),
        ),
        "change RUN-7K3QX2 version=2.4.1",
        permission="run",
    ),
    Verb(
        "cancel",
        "stop a run",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("reason", "why; goes on the record"),
        ),
        "cancel RUN-7K3QX2 wrong version",
        permission="status",
    ),
    Verb(
        "pause",
        "begin no further step of a run; what is under way goes on to its end",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("reason", "why; goes on the record"),
        ),
        "pause RUN-7K3QX2 the vendor is on the phone",
        permission="status",
        group="runs",
    ),
    Verb(
        "resume",
        "go on with a paused run",
        (Argument("run", "a run id", required=True, completes=Completes.RUN),),
        "resume RUN-7K3QX2",
        permission="status",
        group="runs",
    ),
    Verb(
        "retry",
        "go on with a run that failed or was stopped, from the step that failed",
        (Argument("run", "a run id", required=True, completes=Completes.RUN),),
        "retry RUN-7K3QX2",
        permission="status",
        group="runs",
    ),
    Verb(
        "skip",
        "go on with a run that failed, without the step that failed",
        (Argument("run", "a run id", required=True, completes=Completes.RUN),),
        "skip RUN-7K3QX2",
        permission="status",
        group="runs",
    ),
    Verb(
        "rollback",
        "undo what a run has done, in reverse order",
        (
            Argument("run", "a run id", required=True, completes=Completes.RUN),
            Argument("reason", "why; goes on the record"),
        ),
        "rollback RUN-7K3QX2 orders fail",
        permission="status",
        group="runs",
    ),
    Verb(
        "declare",
        "declare an incident",
        (
            Argument("title", "what is wrong; severity=sev1 service=checkout private=yes may follow"),
            Argument("options", "severity=sev1 service=checkout private=yes"),
        ),
        "declare checkout fails in Europe severity=sev1",
        private=True,
        permission="incident",
    ),
    Verb(
        "incidents",
        "what is open; `all` for closed ones too",
        (Argument("which", "all, or a service"),),
        private=True,
        permission="incident",
    ),
    Verb(
        "incident",
        "show an incident, or change it",
        (_INCIDENT, Argument("changes", "severity=sev2 status=identified title=…")),
        "incident INC-42 severity=sev2 status=identified",
        private=True,
        permission="incident",
    ),
    Verb(
        "update",
        "tell everybody who follows an incident",
        (Argument("text", "what they should know; begin with INC-42 outside of its room"),),
        "update INC-42 we are rolling back",
        private=True,
        permission="incident",
    ),
    Verb(
        "note",
        "put a note on an incident's timeline",
        (Argument("text", "what to note"),),
        private=True,
        permission="incident",
    ),
    Verb(
        "role",
        "take a role: commander, communications, scribe",
        (Argument("role", "which; INC-42 may follow"),),
        "role commander",
        private=True,
        permission="incident",
    ),
    Verb(
        "attach",
        "link a run, a query or an address to an incident",
        (Argument("what", "RUN-…, an address, or a query"),),
        private=True,
        permission="incident",
    ),
    Verb(
        "resolve",
        "close an incident and say how it ended",
        (Argument("summary", "how it ended"),),
        "resolve rolled back to 2.3",
        private=True,
        permission="incident",
    ),
    Verb("timeline", "what happened in an incident", (_INCIDENT,), private=True, permission="incident"),
    Verb("postmortem", "draft the post-mortem of an incident", (_INCIDENT,), private=True, permission="incident"),
    Verb("mute", "I stay silent in this channel unless mentioned by a command", permission="settings"),
    Verb("unmute", "I listen in this channel again", permission="settings"),
    Verb("settings", "what this channel wants of me, and how to change it", private=True, permission="settings"),
    Verb(
        "link",
        "make your accounts on several platforms one person; gives a code to say from the other account",
        (Argument("code", "the code that you got on the other platform"),),
        "link 7K3QX-2M9PW",
        private=True,
    ),
    Verb("unlink", "make this account a person of its own again", private=True),
    Verb("whoami", "who you are to me, and what you may do", private=True),
)

BY_NAME = {verb.name: verb for verb in VERBS}
