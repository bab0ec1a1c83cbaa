"""Whose lines are meant where names of services are words, too, and where they stand in what lines say."""

import re

from core.nlp.interpretation import Entity, EntityType
from core.query.logql.said import CONTAINS
from core.query.wording import Wording

_IN_A_LIST = re.compile(
    rf"\b(?:{CONTAINS}|matching|regarding|about|with (?:the )?(?:word|text|string|phrase)s?|grep(?:ping)? for|(?:having|with|ha(?:s|ve)|hold(?:s|ing)?|con|mit) both)\s(?:both |either |the (?:word|text|string) )?"
    rf"(?:(?!(?:in|on|from|of|for|at|by|de|en|von|by|from)\b)[\w./:-]{{2,30}}(?: (?!(?:in|on|from|of|for|at|by|and|or|de|en|von)\b)[\w./:-]{{2,30}}){{0,2}}(?:,? (?:and|or|y|o|und|oder) |, )){{0,3}}\Z",
    re.IGNORECASE,
)
_UNSAID = re.compile(rf"\b(?:{CONTAINS})\b[^,.;\n]{{0,60}}?\b(?:but|and|pero|aber) (?:not|no|nicht) \Z", re.IGNORECASE)
_IN_A_NAME = re.compile(r"_\w")
_LONGEST_PHRASE = 120
_EVERYWHERE = re.compile(
    r"\b(?:(?:all|any|every|each|whatever|which|what|no matter (?:the|which|what)|across|top \d*|per|by|[uú]ltimos|todos los|alle|jede[rn]?|welche[rn]?|qu[eé]|cada|je|pro) (?:the |our |of )?(?:\w+ )?(?:services?|apps?|servicios?|dienste?|logs)|anywhere|everywhere|services)\b",
    re.IGNORECASE,
)
"""Then a word is no more than a word, though a service has its name."""
_VERB = re.compile(r"(?:search|report|check|order|review|store|book|auth)(?:s|ing)?", re.IGNORECASE)
"""What may be something that somebody does."""
_BEHIND_VERB = re.compile(r"\s(?:for|the|a|an|that|all|me|in|\"|')", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"(?:,| and| or| y| und|,? ?&)? \Z")


def services(wording: Wording) -> None:
    """Where another service's lines are searched, "mentioning orders" is what they say."""
    for entity in wording.named(EntityType.SERVICE):
        named = "_" in entity.text and "_" not in entity.value and entity.text.replace("_", "-") != entity.value
        if named or _IN_A_NAME.match(wording.text, entity.end):
            wording.release(entity)  # "charger_id" names no charger-gw
    for entity in wording.named(EntityType.ENVIRONMENT):
        if _UNSAID.search(wording.text, max(0, entity.start - _LONGEST_PHRASE), entity.start):
            wording.release(entity)  # "containing apns but not sandbox"
    found = wording.named(EntityType.SERVICE)
    inside = [one for one in found if _IN_A_LIST.search(wording.text, max(0, one.start - _LONGEST_PHRASE), one.start)]
    if len({one.value for one in found if one not in inside}):
        for entity in inside:
            wording.release(entity)
    _overlooked(wording)


def _overlooked(wording: Wording) -> None:
    """Take a name of the catalogue for a service's where nothing else names one, or beside others: "edge 4xx per minute"."""
    names = {name.lower(): name for name in wording.question.services if name.isalpha()}
    others = wording.named(EntityType.SERVICE)
    if not names or (not others and _EVERYWHERE.search(wording.plain)):
        return
    word = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    found: list[Entity] = []
    for match in re.finditer(rf"(?<![\w/.@=-])({word})(?![\w/=@-]|\.\w)", wording.text, re.IGNORECASE):
        start, end = match.span()
        if wording.taken(start, end) or (_VERB.fullmatch(match[1]) and _BEHIND_VERB.match(wording.text, end)):
            continue
        beside = any(
            _NEIGHBOUR.fullmatch(wording.text[min(end, other.end) : max(start, other.start)])
            for other in (*others, *found)
        )
        if beside or not (others or found):
            found.append(Entity(EntityType.SERVICE, match[1], names[match[1].lower()], start, end))
    for entity in found:
        wording.take(entity.start, entity.end)
    wording.entities = tuple(sorted((*wording.entities, *found), key=lambda entity: entity.start))
