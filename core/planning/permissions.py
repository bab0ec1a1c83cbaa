"""Which permission each plan needs. Pure."""

from collections.abc import Callable, Iterable, Sequence

from core.planning.plan import (
    Approvals,
    Ask,
    AskAgain,
    Attach,
    Change,
    ChangeIncident,
    Choose,
    Clarify,
    Complete,
    Decide,
    Declare,
    Delegate,
    DraftPostmortem,
    Explain,
    Fill,
    Help,
    Link,
    ListAlerts,
    ListIncidents,
    NoteIncident,
    Plan,
    Preview,
    Query,
    Say,
    SetChannel,
    ShowChannel,
    ShowIncident,
    ShowTimeline,
    Silence,
    Start,
    Status,
    Steer,
    TakeRole,
    Unlink,
    UpdateIncident,
    WhoAmI,
)
from core.query.translation import Language
from core.workflow.definition import Definition, ParameterType


def needed(plan: Plan) -> str:
    """`verb:target:environment`, shorter where there is no target. Changing and steering are judged on the run itself."""
    match plan:
        case AskAgain():
            return "help"  # what is asked again is judged as a query
        case Say() | Silence() | Choose() | Clarify() | Help() | WhoAmI() | Link() | Unlink() | Fill():
            return "help"
        case Ask():
            environment = plan.parameters.get("environment")
            return f"ask:{plan.tool}:{environment}" if environment else f"ask:{plan.tool}"
        case Query():
            return query(plan.language, plan.environment)
        case Explain():
            return f"ask:delivery.status:{plan.environment}"
        case Status() | Preview() | Approvals() | Decide() | Delegate() | Change() | Steer():
            return "status"
        case Complete():
            return start(plan.workflow, plan.given.get("environment", ""))
        case Start():
            return start(plan.workflow, plan.parameters.get("environment", ""))
        case Declare():
            return "incident:declare"
        case ChangeIncident() | UpdateIncident() | NoteIncident() | TakeRole() | Attach():
            return "incident:update"
        case ShowIncident() | ListAlerts() | ListIncidents() | ShowTimeline() | DraftPostmortem():
            return "incident:read"
        case SetChannel():
            return f"settings:{plan.name}"
        case ShowChannel():
            return "help"


def query(language: Language, environment: str) -> str:
    """To run a query about an environment; "" where none is named."""
    return f"ask:{language}:{environment}" if environment else f"ask:{language}"


def silence(environment: str) -> str:
    """To keep alerts silent; "" where they name no environment."""
    return f"silence:alerts:{environment}" if environment else "silence:alerts"


def start(workflow: str, environment: str) -> str:
    """To start (and change) runs of a workflow in an environment."""
    return f"run:{workflow}:{environment}" if environment else f"run:{workflow}"


def stop(workflow: str, environment: str) -> str:
    """To stop somebody else's run."""
    return f"cancel:{workflow}:{environment}" if environment else f"cancel:{workflow}"


def every_start(definition: Definition) -> tuple[str, ...]:
    """All permissions that would each let a person start this workflow somewhere."""
    environment = definition.parameter("environment")
    if environment is None or environment.type is not ParameterType.CHOICE:
        return (start(definition.name, ""),)
    return tuple(start(definition.name, choice) for choice in environment.choices)


def by_environment(
    definitions: Iterable[Definition], general: Sequence[str], may: Callable[[str], bool]
) -> dict[str, list[str]]:
    """What a person may do: "" → the permission patterns held, then each environment → the permissions to start there. `may`:
    whether a permission is held."""
    found: dict[str, list[str]] = {"": list(general)}
    for definition in definitions:
        for permission in every_start(definition):
            environment = permission.split(":")[2] if permission.count(":") > 1 else ""
            if environment and may(permission):
                found.setdefault(environment, []).append(permission)
    return found
