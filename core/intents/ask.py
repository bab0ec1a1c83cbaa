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
        where = said.first(EntityType.ENVIRONMENT) or ENVIRONMENT
        return which_service(known, f"ask which version of {{}} is in {where}?")
    environment = said.first(EntityType.ENVIRONMENT) or ENVIRONMENT
    return Ask(
        "delivery.status",
        {"service": service, "environment": environment},
        f"version · {service} · {environment}",
    )


def which_service(known: Known, sentence: str) -> Choose:
    """One question with candidates; choosing one says the sentence with its name in place of {}."""
    choices = tuple((name, sentence.format(name)) for name in known.services[:_MOST_BUTTONS])
    return Choose("Which service do you mean?", choices)
