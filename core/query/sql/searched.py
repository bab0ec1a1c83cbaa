"""Words that a title or a message must hold, or must not."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import Entity, EntityType
from core.query.sql.model import Call, Column, Compare, Condition, Either, Value
from core.query.sql.subjects import MESSAGES, Subject
from core.query.wording import Phrase, Wording

_COLUMN = r"(?:title|titles|name|names|subject|content|contents|text|body|message)"
_SOME = r"[^\0,;?!.\n]"
_BEHIND = re.compile(
    r"\b(?:about|mention(?:s|ing|ed)?|contain(?:s|ing|ed)?|(?:with|without|say\w*|has|have) the (?:word|text|phrase)s?|titled|called|regarding"
    rf"|related to|(?:{_COLUMN}) (?:includes?|has|with|like|matches)|includ(?:es?|ing)(?= (?:the )?(?:word|text|phrase))|matching"
    r"|talk(?:s|ing|ed)? about|say(?:s|ing)?|said|wrote|ask(?:s|ed|ing)? about|complain(?:s|ed|ing)? (?:about|of))\s+"
    rf"(?:the (?:word|text|phrase)s? |that |something about |anything about |about )?({_SOME}{{2,80}})",
    re.IGNORECASE,
)
"""What follows is searched for."""
_BEFORE = re.compile(
    rf"(?:\b(?:neither|with neither|with|without|having|has|have|had|contain\w*|mention\w*|no|not|the word)|w/o|w/)\s+(?:the (?:word|text|phrase) )?({_SOME}{{2,60}}?)\s+in\s+(?:the |its |their )?{_COLUMN}\b",
    re.IGNORECASE,
)
"""What stands before "in the title"."""
_IN_TITLE = re.compile(
    rf"\b(?:with|having|has|have|contain\w*|mention\w*)\s+(?:the (?:word|text|phrase) )?{_SOME}{{2,60}}?\s+in\s+(?:the |its |their )?(?:title|name|subject)s?\b|\b(?:title|name|subject)s?\s+(?:contain\w*|mention\w*|includ\w+|like|matching|has|have|with|says?)\s+(?:the (?:word|text|phrase) )?[\w.-]{{2,40}}(?:,? (?:or|and|/) [\w.-]{{2,40}})?",
    re.IGNORECASE,
)
_SIGNS = {"question mark": "?", "exclamation mark": "!", "link": "http", "url": "http", "links": "http", "urls": "http"}
_SIGN = re.compile(
    rf"\b(?:with|without|containing|contain|having|has|have|includ\w+|end\w* (?:with|in)) (?:an? |any )?({'|'.join(_SIGNS)})\b",
    re.IGNORECASE,
)
_EDGE = re.compile(
    rf"\b(start|begin|end)(?:s|ning|ing)?\s+with\s+(?:the (?:word|text|phrase) )?({_SOME}{{1,80}})", re.IGNORECASE
)
_BUT_NOT = re.compile(rf"\b(?:but|and) not (?:the word )?({_SOME}{{2,80}})", re.IGNORECASE)
"""Goes on with what is searched for."""
_END = re.compile(
    r"\s+(?:in|from|on|over|during|since|last|past|today|yesterday|lately|recently|again|yet|so far|ever|at all|please|pls|count|grouped|sorted|newest|oldest|latest|between|by|per|for|grouped|this|with|and|but|that|which|within|before|after)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_NO_WORD = re.compile(
    r"(?:in|on|at|by|from|to|since|today|yesterday|last|this|during|the most|so|it|their|its|severity|status|service|anything|something)\b",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(r"\s+(?:or|oder|nor)\s+", re.IGNORECASE)
_OR = re.compile(r"\s*,?\s*(?:or|oder|nor|o|/|\|)\s*", re.IGNORECASE)
_PLURAL = re.compile(r"[A-Za-z]{3,}[^aious\W\d]s")
_NO_PLURALS = frozenset(
    {"kubernetes", "postgres", "always", "sometimes", "https", "aws", "series", "news", "queries", "retries"}
)
_SPECIAL = re.compile(r"([\\%_])")
_NAMES = frozenset(
    {EntityType.INCIDENT, EntityType.SERVICE, EntityType.SEVERITY, EntityType.WORKFLOW, EntityType.VERSION}
)
_AROUND = ("%", "%")


def release(wording: Wording, subject: Subject) -> None:
    """ "With fraud or kyc in the title": words, though services are called so."""
    if subject is MESSAGES or not subject.end:
        return
    for match in _IN_TITLE.finditer(wording.text):
        for entity in wording.entities:
            if entity.type is EntityType.SERVICE and match.start() <= entity.start and entity.end <= match.end():
                wording.release(entity)


def conditions(wording: Wording, subject: Subject, *, names: bool) -> Iterator[Condition]:
    """On the column that is searched: one for each place that names words; alternatives together. `names`: what is known by
    name is searched for, too."""
    said = list(_said(wording, names=names))
    for alternatives, start, edges in said:
        if _said_shorter(alternatives, said):
            continue
        negative = wording.negated(start)
        made = tuple(like(subject.text, words, edges, negative=negative) for words in alternatives)
        if negative or len(made) == 1:
            yield from made
        else:
            yield Either(made)


def _said_shorter(alternatives: tuple[str, ...], said: list[tuple[tuple[str, ...], int, tuple[str, str]]]) -> bool:
    """ "About refunds? anything containing refund": the same once more, and shorter."""
    others = [words for words, _, edges in said if words != alternatives and edges == _AROUND and len(words) == 1]
    return len(alternatives) == 1 and any(
        one[0].lower() in alternatives[0].lower() and len(alternatives[0]) - len(one[0]) <= 3 for one in others
    )


def _said(wording: Wording, *, names: bool) -> Iterator[tuple[tuple[str, ...], int, tuple[str, str]]]:
    """Alternatives, where they stand, and what may stand around them; what was read is taken."""
    for quotes in _joined(wording):
        yield tuple(one.text for one in quotes), quotes[0].start, _edges(wording, quotes[0].start)
    for match in wording.find(_SIGN):
        yield (_SIGNS[match[1].lower()],), match.start(), _AROUND
    known = tuple(
        one for one in wording.entities if names and one.type in _NAMES and not MESSAGES.words.fullmatch(one.text)
    )
    text = _readable(wording, known)
    read = bytearray(len(text))
    for pattern in (_BEFORE, _EDGE, _BEHIND, _BUT_NOT):
        for match in pattern.finditer(text) if pattern is not _BUT_NOT or any(read) else ():
            place = match.lastindex or 1
            words = match[place] if pattern is _BEFORE else _END.sub("", match[place]).strip(" :'\"")
            end = match.start(place) + len(words)
            if words and not _NO_WORD.match(words) and read.find(1, match.start(), end) < 0:
                read[match.start() : end] = b"\1" * (end - match.start())
                yield _alternatives(words), match.start(place), _percent(match[1]) if pattern is _EDGE else _AROUND
    for entity in known:
        if read.find(1, entity.start, entity.end) < 0:
            yield (entity.text,), entity.start, _AROUND
    for start in (place for place, mark in enumerate(read) if mark):
        wording.take(start, start + 1)


def _joined(wording: Wording) -> Iterator[list[Phrase]]:
    """Quoted texts, those together that are alternatives: "a" or "b"."""
    found: list[Phrase] = []
    for quote in wording.quotes:
        if found and not _OR.fullmatch(wording.text, found[-1].end, quote.start):
            yield found
            found = []
        found.append(quote)
    if found:
        yield found


def _readable(wording: Wording, known: tuple[Entity, ...]) -> str:
    """What is left of the text, with these names in it."""
    made = list(wording.rest)
    for entity in known:
        made[entity.start : entity.end] = entity.text
    return "".join(made)


def _alternatives(words: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in _ALTERNATIVES.split(words) if word)


def _singular(words: str) -> str:
    """Who looks for "chargebacks" wants the one chargeback as well."""
    return words[:-1] if _PLURAL.fullmatch(words) and words.lower() not in _NO_PLURALS else words


def _edges(wording: Wording, start: int) -> tuple[str, str]:
    """Of quoted text: whether "starts with" stands before it."""
    found = re.search(
        r"\b(start|begin|end)(?:s|ning|ing)?\s+with\s*$", wording.text[max(0, start - 20) : start], re.IGNORECASE
    )
    return _percent(found[1]) if found else _AROUND


def _percent(verb: str) -> tuple[str, str]:
    return ("%", "") if verb.lower() == "end" else ("", "%")


def like(column: str, words: str, edges: tuple[str, str] = _AROUND, *, negative: bool) -> Compare:
    """The column holds these words."""
    pattern = edges[0] + _SPECIAL.sub(r"\\\1", words.lower()) + edges[1]
    return Compare("NOT LIKE" if negative else "LIKE", Call("LOWER", (Column(column),)), Value(column, pattern))
