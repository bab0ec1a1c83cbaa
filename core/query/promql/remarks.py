"""Takes the remarks out of a question: what somebody tells before they ask names no metric that they ask for."""

import re
from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.promql import phrases
from core.query.promql.words import tokens
from core.query.translation import Question

_TELLS = re.compile(
    r"\b(?:users?|customers?|clients?|people|ppl|folks|players|support|marketing|sales|boss|somebody|someone|everyone|they|we|i|it|someone|finance|management|kunden|nutzer|leute|clientes|usuarios)"
    r"(?: \w{1,10}){0,2} (?:say|says|said|tell|tells|told|report|reports|reported|complain\w*|can['’]?t|cannot|could(?:n['’]?t)|see|sees|saw|get|gets|got|keep|keeps|think|thinks|suspect\w*|feel\w*|notice\w*|claim\w*|want|wants|deployed|shipped|rolled|changed|restarted|scaled|moved|enabled|merged|bumped|sagen|melden|klagen|dicen|are seeing|are getting|are complaining|had|have|has)\b"
    r"|\b(?:looks?|feels?|seems?|smells?|acts?|acting|sounds?) (?:like |a bit |kinda |really |very |so |quite |too )?(?:off|bad|weird|odd|strange|slow|sluggish|wrong|high|broken|fishy|funny|unhealthy|stuck|an?|the)\b"
    r"|\b(?:is|are) (?:leaking|acting up|crawling|melting|flapping|struggling|misbehaving|dying|on fire)\b"
    r"|^\W*(?:after|since|because|before|following|now that|as|given|for|nach|seit|weil|para|tras)\b"
    r"|\bfor (?:the|our|my|a) (?:\w+['’]?s? ){0,3}(?:report|review|meeting|postmortem|post-mortem|deck|slides?|audit|planning|dashboard|runbook)\b",
    re.IGNORECASE,
)
"""What makes a clause a remark: somebody says or does something, something looks odd, the reason why one asks."""
_ASKS = re.compile(
    r"(?:(?P<stop>[,;:.!?…]|\s[-–—]|\))\s*(?:(?:so|and|but|ok|okay|hey|please|pls|now|also|then|und|y|kindly) ){0,2}|\b(?=(?:i|we) (?:would |['’]d )?(?:need|want|like|love) (?:to (?:know|see)|the|a)\b)|\b(?=(?:can|could|would) (?:you|someone|i)\b|tell me\b))"
    r"(?=(?P<asking>what(?:['’]?s)?|which|how|who|show|give|get|gimme|plot|graph|chart|list|count|find|tell|is|are|was|were|did|does|do|has|have|can|could|i|we|need|check|any|compare|display|wie|was|welche[rs]?|zeig|gib|cu[aá]l|qu[eé]|cu[aá]nt[oa]s?|muestra|dame|quel(?:le)?|combien|montre|share|percentage|p\d\d|error rate|latency|rps)\b)",
    re.IGNORECASE,
)


def without_remarks(question: Question) -> Question:
    """The question with blanks for the words of the remarks before it; values of labels and times in them stay."""
    text = question.text[:2_000]
    for match in reversed([*_ASKS.finditer(text)]):
        place = match.start("asking")
        before = text[: match.start()]
        if not _TELLS.search(before) or not _names_metric(question, place):
            continue
        named = {entity.type for entity in question.entities if entity.start >= place}
        kept = [e for e in question.entities if e.start >= place or e.type in _PLACES - named]
        blanked = "".join(
            character if at >= place or any(e.start <= at < e.end for e in kept) or at == match.start("stop") else " "
            for at, character in enumerate(question.text)
        )
        return replace(question, text=blanked, entities=tuple(kept))
    return question


_PLACES = frozenset(
    {
        EntityType.SERVICE,
        EntityType.ENVIRONMENT,
        EntityType.NAMESPACE,
        EntityType.REGION,
        EntityType.HOST,
        EntityType.ENDPOINT,
        EntityType.VERSION,
        EntityType.TIME_RANGE,
    }
)
"""What a remark says of these holds for the question, too, unless that names its own."""


def _names_metric(question: Question, start: int) -> bool:
    """Whether what is asked from here on says what is measured."""
    if any(
        e.type is EntityType.AGGREGATION and e.value.startswith("p") and e.start >= start for e in question.entities
    ):
        return True
    words = [one for one in tokens(question, phrases.SPELLINGS, phrases.vocabulary()) if one.start >= start]
    return any(True for _ in phrases.subjects().find(words, loosely=True))
