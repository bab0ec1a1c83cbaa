"""Questions about running systems that read tools answer."""

from core.intents.known import Known
from core.messages import Turn
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import Ask, Choose, Plan

ENVIRONMENT = "production"
"""What people mean who name no environment; always shown with the answer."""
_MOST_BUTTONS = 5


def ask(_turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Which version of a service runs where."""
    service = said.first(EntityType.SERVICE)
    if not service:
        return _which_service(known)
    environment = said.first(EntityType.ENVIRONMENT) or ENVIRONMENT
    return Ask(
        "delivery.status",
        {"service": service, "environment": environment},
        f"version · {service} · {environment}",
    )


def _which_service(known: Known) -> Plan:
    choices = tuple((name, f"ask which version of {name} is in production?") for name in known.services[:_MOST_BUTTONS])
    return Choose("Which service do you mean?", choices)
