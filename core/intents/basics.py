"""Help, who am I, channel settings, and what to do with a sentence that nothing fits."""

import re

from core.conversation import replies
from core.conversation.channels import MUTED
from core.errors import UserInputError
from core.intents.known import Known
from core.intents.queries import own_records
from core.intents.verbs import BY_NAME
from core.messages import Turn, Via
from core.nlp.entities import nearest
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import (
    AskAgain,
    Choose,
    Help,
    Link,
    ListAlerts,
    ListIncidents,
    Plan,
    Say,
    SetChannel,
    ShowChannel,
    ShowIncident,
    Silence,
    Unlink,
    WhoAmI,
)

_RECEIPT = re.compile(r"RCP-[0-9A-Z]{6}")
_THANKS = re.compile(r"\b(thanks?|thx|thank you|ty|cheers|danke|gracias|merci)\b", re.IGNORECASE)


_ABOUT_THE_BOT = re.compile(
    r"\b(you|your|help|commands?|copilot|bot|hi|hello|hey|hola|hallo|moin|morning|tu|puedes|du|kannst)\b", re.IGNORECASE
)
_INCIDENTS = re.compile(r"\bincidents?\b|\bvorf[aä]lle?\b|\bincidentes?\b", re.IGNORECASE)


def alerts(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Show which alerts fire."""
    return ListAlerts()


def receipt(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Ask the same again that an answer was made of."""
    id_ = said.rest.strip().strip("`.,").upper()
    if not _RECEIPT.fullmatch(id_):
        raise UserInputError("Which receipt?", hint="Its id stands beneath the answer: receipt RCP-7K3QX2.")
    return AskAgain(id_)


def help_(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Show what the bot can do."""
    return Help()


def whoami(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Show the person who they are."""
    return WhoAmI()


def link(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Join two accounts of one person: without a code, ask for one."""
    words = said.rest.split()
    return Link(words[0] if words else "", sure=words[1:] == ["yes"])


def unlink(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """End the links of this account."""
    return Unlink()


def mute(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Be quiet in this channel."""
    return SetChannel(MUTED, "yes")


def unmute(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Listen in this channel again."""
    return SetChannel(MUTED, None)


def settings(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Show the settings of this channel."""
    return ShowChannel()


def general(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Thanks, greetings, and questions that prose would answer: an incident that is asked about is shown, thanks get a word back,
    everything else what the bot can do."""
    if incident := said.first(EntityType.INCIDENT):
        return ShowIncident(incident)
    if counted := own_records(turn, said, known):
        return counted
    if _INCIDENTS.search(said.rest):
        return ListIncidents()
    if _THANKS.search(said.rest):
        return Say(replies.line("You are welcome."))
    return Help() if _ABOUT_THE_BOT.search(said.rest) else Say(replies.no_prose())


def no_test_bench(_turn: Turn, _said: Interpretation, _known: Known) -> Plan:
    """Tests are driven once a test bench is connected."""
    return Say(replies.no_test_bench())


def unknown(turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """An unknown verb gets the nearest ones; an unclear sentence gets examples; talk among people gets silence."""
    if said.unknown_verb:
        return Help(said.unknown_verb, nearest(said.unknown_verb, BY_NAME))
    if turn.via is Via.THREAD:
        return Silence("talk in a thread that asks nothing of the bot")
    return Choose(
        "",
        (
            ("What is running?", "status"),
            ("What waits for approval?", "approvals"),
            ("What can you do?", "help"),
        ),
    )
