"""What people tell beside their question: "401s in auth, my test client is rejected and I do not understand why"."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql.codes import BARE_STATUS
from core.query.logql.kinds import KIND
from core.query.logql.named import NAMED_ID
from core.query.logql.said import SAID
from core.query.wording import Wording

_ENDS = re.compile(r"[,;.:!?…](?=\s|$)|\s[-–—]+\s|\b(?=because\b|cause\b|cuz\b|weil\b|porque\b)")
_TELLER = (
    r"i|we|he|she|they|it|one|someone|somebody|people|everyone|everybody|nobody|no one|ich|wir|er|sie|es|yo|ellos|nosotros"
    r"|(?:(?:a|an|the|one|some|our|my|many|several|two|this|that|der|die|ein|eine|el|la|los|un|una|vip|another|angry) ){0,2}"
    r"(?:users?|customers?|clients?|support|boss|teams?|qa|finance|sales|marketing|ops|cs|colleagues?|manager|partners?|vendors?|merchants?|guys?|folks|students?|teachers?|doctors?|nurses?|patients?|drivers?|couriers?|"
    r"players?|shops?|sellers?|buyers?|guests?|passengers?|agents?|owners?|admins?|devs?|tester?s?|ceo|cto|pm|po|kunden?|nutzer|chef|clientes?|usuarios?|jefe)"
    r"|(?:my|our|his|her|their|mein(?:e|en)?|unser(?:e|en)?|mi|nuestr[oa]) (?:[\w-]{2,20} ){1,3}?"
)
_TELLS = (
    r"(?:is|are|was|were|am|gets?|got|getting|keeps?|kept|can(?:no|['’]?)t|can not|cannot|could(?:n['’]?t)?|do(?:es)?(?:n['’]?t)?|did(?:n['’]?t)?|has|have|had|isn['’]?t|aren['’]?t|wasn['’]?t|won['’]?t|sa(?:y|ys|id)|complain\w*|claim\w*|report\w*|"
    r"thinks?|sees?|saw|hangs?|fail(?:s|ed)?|crash\w*|wonder\w*|suspects?|believe[sd]?|guess|hope|tried|tries|broke|lost|told|tells|asks|asked|wants to know|waits?|went|goes|receive[ds]?|feels?|looks?|seems?|sit|stopped|noticed|"
    r"swears?|insists?|understand|know|deployed|rolled|changed|upgraded|migrated|restarted|ist|sind|war|hat|haben|habe|wird|werden|bekomm(?:t|e|en)|verstehe|sag(?:t|en)|meld(?:et|en)|beschwer\w*|dicen?|tienen?|est[aá]n?|no pueden?|no entiendo|recibe[n]?|se queja[n]?|vermute|glaube|denke|creo|sospecho)"
)
_STORY = re.compile(
    rf"\s*(?:(?:and|but|so|because|cause|cuz|since|as|maybe|now|hi|hey|fyi|also|still|apparently|seems like|looks like|weil|porque|y|und|aber|pero) ){{0,3}}"
    rf"(?:(?:{_TELLER})(?:['’](?:m|s|re|ve) |\s(?:(?:just|still|really|all|also|always|only|now|sometimes|suddenly|here|there|on \w+|in \w+|from \w+|of \w+|\0+) ){{0,2}}{_TELLS}\b)|(?:my|our) (?:[\w-]{{2,20}} ){{1,3}}{_TELLS}\b"
    r"|(?:[\w-]{2,20} ){1,2}(?:says?|said|claims?|complain(?:s|ed)?|reports?|reported|thinks|swears|insists|told (?:me|us)|wonders|cannot|can['’]?t|can not)\b"
    r"|(?=user|customer|client|account)" + NAMED_ID.pattern.removeprefix(r"\b") + rf" {_TELLS}\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\s*(?:so |and |but |hey |hi )?(?:did|does|is|are|was|were|has|have|why|who|wer|qui[eé]n|what['’]?s|what is|warum|wieso|por qu[eé]|qu[eé] pasa|ist|hat)\s[^?]{3,80}\Z",
    re.IGNORECASE,
)
"""What somebody wonders about, before saying which lines tell it: "did bidder restart? lines with …"."""
_ASKS = re.compile(
    r"\b(?:need|want(?!s? to know)|wanna|would like|['’]d like|looking for|look for|looking at|show|give|find|fetch|list|count|how (?:many|much|often)|which|pull|grep|search\w*|brauche[n]?|m[öo]chte[n]?|suche|zeig\w*|quiero|queremos|necesit\w+|busc\w+|muestra|can (?:i|you|we) (?:get|have|see)|(?:i|we) see|what did)\b|\bwhat\b.{0,40}\blog\b",
    re.IGNORECASE,
)
_FOR_LINES = re.compile(
    r"\b(?:logs?|logged|lines?|entries|show|what did|find|pull|give|zeilen|l[ií]neas|registros)\b", re.IGNORECASE
)
_TICKET = re.compile(
    r"\s*(?:(?:re|about|support|customer|zendesk|jira|for|from) )?(?:tickets?|case|support case|jira) #?\d{2,9}\s*",
    re.IGNORECASE,
)
""" "Ticket 4411: …": what somebody works at."""
_BEARING = (EntityType.THRESHOLD, EntityType.HTTP_STATUS, EntityType.ENDPOINT, EntityType.INCIDENT)


def skip(wording: Wording) -> None:
    """Take the clauses that only tell what happened to somebody, where others say which lines are wanted. Ids in them stay."""
    clauses = list(_clauses(wording))
    if len(clauses) < 2:
        return
    told = [clause for clause in clauses if _told(wording, *clause)]
    others = [clause for clause in clauses if clause not in told]
    bearing = any(_bears(wording, *clause) for clause in others)
    asking = any(_FOR_LINES.search(wording.text, *clause) for clause in others)
    known = any(
        NAMED_ID.search(wording.rest, *clause) for clause in told if not _TICKET.fullmatch(wording.text, *clause)
    )
    for start, end in told:
        ids = [match.span() for match in NAMED_ID.finditer(wording.rest, start, end)]
        if _TICKET.fullmatch(wording.text, start, end):
            ids = []
        if not bearing and not (asking and known):
            continue
        for kept, following in [*ids, (end, end)]:
            wording.take(start, kept)
            start = following


def _clauses(wording: Wording) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _ENDS.finditer(wording.text):
        if not wording.taken(*match.span()):
            yield at, match.start()
            at = match.end()
    yield at, len(wording.text)


def _told(wording: Wording, start: int, end: int) -> bool:
    if any(start <= quote.start < end for quote in wording.quotes):
        return False
    if _TICKET.fullmatch(wording.text, start, end):
        return True
    if wording.text[end : end + 1] == "?" and _QUESTION.match(wording.text, start, end):
        return not _ASKS.search(wording.text, start, end) and not _FOR_LINES.search(wording.text, start, end)
    return bool(_STORY.match(wording.text, start, end)) and not _ASKS.search(wording.text, start, end)


def _bears(wording: Wording, start: int, end: int) -> bool:
    """Whether it says which lines are wanted."""
    if any(start <= quote.start < end for quote in wording.quotes):
        return True
    if any(start <= one.start < end and one.type in _BEARING for one in wording.entities):
        return True
    rest = wording.rest
    return any(pattern.search(rest, start, end) for pattern in (KIND, BARE_STATUS, NAMED_ID, SAID))
