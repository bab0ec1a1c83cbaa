"""What waits for approval, decisions by name, and who decides for whom."""

from core.errors import UserInputError
from core.intents.known import Known
from core.messages import Account, Turn
from core.nlp.interpretation import Interpretation
from core.planning.plan import Approvals, Decide, Delegate, Plan

_ALL = frozenset({"all", "everything"})
_VERDICTS = frozenset({"approve", "deny"})
_OFF = frozenset({"off", "end", "stop", "nobody"})


def approvals(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """What waits for approval; after a verdict and the id of a request, that decision."""
    words = said.rest.split(maxsplit=2) if said.explicit else []
    if not words or words[0].lower() not in _VERDICTS:
        return Approvals(bool(words) and words[0].lower() in _ALL)
    if len(words) < 2 or not words[1].upper().startswith("APR-"):
        raise UserInputError(
            f"Say which request to {words[0].lower()}.", hint="For example: `approvals approve APR-7K3QX2 looks good`"
        )
    comment = words[2].strip() if len(words) > 2 else ""
    return Decide(words[1].upper(), words[0].lower() == "approve", comment)


def delegate(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Who decides for this person, until when."""
    words = said.rest.split()
    if words and words[0].lower() in _OFF:
        return Delegate(off=True)
    return Delegate(said.rest, _spelt_out(words[0]) if words else None)


def _spelt_out(word: str) -> Account | None:
    """An account as `whoami` shows it: terminals have no mentions."""
    try:
        return Account.parse(word)
    except ValueError:
        return None
