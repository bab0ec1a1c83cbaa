""" "Why?", "what changed?", "is it ok?": what is known about a service, said as facts."""

from core.errors import UnavailableError
from core.intents.ask import ENVIRONMENT, which_service
from core.intents.known import Known
from core.messages import Turn, Via
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import Explain, Plan, Silence


def why(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """What is known about the service that the sentence or the thread names."""
    if turn.via is Via.THREAD and not said.named(EntityType.SERVICE):
        # In a thread people ask one another "why?" all the time.
        return Silence("a question that may be for somebody else")
    service = said.first(EntityType.SERVICE)
    if service:
        environment = said.first(EntityType.ENVIRONMENT) or ENVIRONMENT
        return Explain(service, environment, said.first(EntityType.VERSION))
    if not known.services:
        raise UnavailableError(
            "I cannot ask the delivery service which services there are, so I do not know which one you mean.",
            hint="Try again in a moment.",
        )
    where = said.first(EntityType.ENVIRONMENT)
    return which_service(known, "why {}" + (f" in {where}" if where else ""))
