"""Of which kinds of spans in a sentence something is said."""

import re
from collections.abc import Iterable

from core.query.traceql import names
from core.query.traceql.model import Expression, Intrinsic, Keyword, Operation
from core.query.traceql.said import Said
from core.query.traceql.structure import BOTH, Structure
from core.query.wording import Wording

_JOINT = re.compile(
    r"\b(?:and|while|but|then|und|though|although|whereas|where|whose|yet|with|without|because|caused|due|wegen|since|when|if|weil|wenn|porque|cuando|aber|pero|y|that|which|who|calls?|calling|called|into|below|under|underneath|beneath|deeper|downstream|has|have|having|is|sits?|hits?|hitting|queries|talks?)\b|,|->|→|>>",
    re.IGNORECASE,
)
_JOINT_BEFORE = re.compile(
    r"\b(?:and|while|but|then|und|though|although|whereas|yet|because|caused|due|wegen|aber|weil|porque|pero|calls?|calling|called|into|below|under|underneath|beneath|deeper|downstream)\b|,|->|→|>>",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"(?:\b(?:an?|the|any|some|each|every|one|another|two|three|four|five|ten|several|many|multiple|ein(?:e[nmr]?)?|una?|el|la)|\d) \Z",
    re.IGNORECASE,
)
_OF = re.compile(r"\s(?:spans?\s|calls?\s)?(?:in|on|of|from|at|for|by|within|inside)\s(?:the\s|an?\s)?", re.IGNORECASE)
_DONE = re.compile(
    r"\s(?:calls?|requests?|quer(?:y|ies)|spans?|invocations?|attempts?|hops?)\s(?:to|into|against|towards?|of|from|in|on|by|at)\s(?:the )?",
    re.IGNORECASE,
)
_ONWARD = re.compile(r"\s(?:on)?(?:to|into|towards?|against)\s(?:the )?", re.IGNORECASE)
""" "Failing calls to payments": those failed, not who made them."""
_BRACKET = re.compile(r"(?:\s(?:on|at|of|in|from|for))?\s\(\s?(?:the )?", re.IGNORECASE)
""" "5xx (gateway)"."""
_INSIDE = re.compile(
    r"\s(?:spans?\s)?(?:(?:somewhere|anywhere|way|far|further|deep|deeper|down|lower|below|underneath|beneath|downstream|directly|down the (?:line|road|chain|tree|stack)|irgendwo|weiter|unten|darunter|abajo)\s){0,4}(?:in|within|inside|on|bei|en)\s(?:the\s|an?\s)?",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"\b(?:but|while|whilst|whereas|though|although|yet|after|before|aber|obwohl|pero|mientras)\b", re.IGNORECASE
)
_ITSELF = re.compile(r"\b(?:itself|themselves|selbst|mism[oa])\b", re.IGNORECASE)


def owners(wording: Wording, made: Structure, said: Iterable[Said]) -> dict[int, list[Said]]:
    """What is said of which part: of the last one below, or of the one before it where a clause ends there.

    Spans of a client are the caller's, and what both did, both did.
    """
    order = made.order
    places = sorted((start, end, number) for number, part in enumerate(made.parts) for start, end in part.places)
    owned: dict[int, list[Said]] = {}
    both = BOTH.search(wording.plain)
    for one in said:
        anew = places[-1][2] in [number for *_, number in places[:-1]]
        if both and one.start > places[-1][1] and not anew:
            for number in order:
                owned.setdefault(number, []).append(one)
            continue
        touching = _touching(wording, made, places, one)
        if touching is not None:
            owned.setdefault(touching, []).append(one)
            continue
        caller = made.links and _kind(one.condition) in ("client", "producer")
        owner = order[0] if caller else _owner(wording, places, one, order[-1], linked=bool(made.links))
        owned.setdefault(owner, []).append(one)
    return owned


def _touching(wording: Wording, made: Structure, places: list[tuple[int, int, int]], one: Said) -> int | None:
    """The thing right before or behind what is said: "kafka producer spans"."""
    for start, end, number in places:
        named = any(isinstance(key, Operation) and key.left == names.SERVICE for key in made.parts[number].keys)
        low, high = (one.end, start) if start >= one.end else (end, one.start)
        if not named and _kind(one.condition) and low <= high and not wording.text[low:high].strip():
            return number
    return None


def _kind(condition: Expression) -> str:
    match condition:
        case Operation(op="=", left=Intrinsic(name="kind"), right=Keyword(text=text)):
            return text
        case _:
            return ""


def _owner(wording: Wording, places: list[tuple[int, int, int]], one: Said, last: int, *, linked: bool) -> int:
    before = [place for place in places if place[1] <= one.start]
    after = [place for place in places if place[0] >= one.end]
    if after:
        start, _, following = after[0]
        touches = before and not wording.text[before[-1][1] : one.start].strip()
        adjective = start - one.end == 1 and (not touches or _ARTICLE.search(wording.text, 0, one.start))
        if adjective or _BRACKET.fullmatch(wording.text, one.end, start):
            return following  # "a failed payments child"
        if linked and _DONE.fullmatch(wording.text, one.end, start):
            onward = len(after) > 1 and _ONWARD.fullmatch(wording.text, after[0][1], after[1][0])
            return after[1][2] if onward else following
        if not touches and (_INSIDE if linked else _OF).fullmatch(wording.text, one.end, start):
            return following  # "an error in shipping"
    if not before:
        return last
    _, end, nearest = before[-1]
    if any(number == nearest for *_, number in before[:-1]):
        return nearest  # named anew
    text = wording.text
    if not after and len(before) > 1 and _CONTRAST.search(text, before[-2][1], before[-1][0]) and one.start - end < 3:
        return nearest  # "cart failed but its parent orders did not"
    if _ITSELF.search(text, end, one.start):
        return nearest
    if after and _JOINT.search(text, one.end, after[0][0]) and not _JOINT_BEFORE.search(text, end, one.start):
        return nearest
    return last
