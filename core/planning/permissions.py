"""Which permission each plan needs. Pure."""

from core.planning.plan import (
    Approvals,
    Ask,
    Cancel,
    Change,
    Choose,
    Complete,
    Explain,
    Help,
    Plan,
    Say,
    SetChannel,
    Silence,
    Start,
    Status,
    WhoAmI,
)
from core.workflow.definition import Definition, ParameterType


def needed(plan: Plan) -> str:
    """`verb:target:environment`, shorter where there is no target. Changing and stopping are judged on the run itself."""
    match plan:
        case Say() | Silence() | Choose() | Help() | WhoAmI():
            return "help"
        case Ask():
            environment = plan.parameters.get("environment")
            return f"ask:{plan.tool}:{environment}" if environment else f"ask:{plan.tool}"
        case Explain():
            return f"ask:delivery.status:{plan.environment}"
        case Status() | Approvals() | Change() | Cancel():
            return "status"
        case Complete():
            return start(plan.workflow, plan.given.get("environment", ""))
        case Start():
            return start(plan.workflow, plan.parameters.get("environment", ""))
        case SetChannel():
            return f"settings:{plan.name}"


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
