"""What is said to be a regular expression, or to stand at an end of lines."""

import re
from collections.abc import Iterator

from core.query.logql.model import LineFilter
from core.query.patterns import escaped, is_pattern
from core.query.wording import Wording

_PATTERN_BEFORE = re.compile(
    r"\b(?:(?:match(?:es|ing)?|with|for) )?(?:(?:the|a|this|an) )?(?:regexp?|regular expression|pattern)\s*(?:of|is|like|=|:)?\s*$",
    re.IGNORECASE,
)
_MATCHING_BEFORE = re.compile(r"\bmatch(?:es|ing)?\s*$", re.IGNORECASE)
_OPERATORS = re.compile(r"[*+?()|\[\]^$\\]")
_PATTERN = re.compile(
    r"\b(?:match(?:es|ing)? )?(?:the |an? )?(?:regexp?|regular expression)\s+(?:of |is |like )?([^\s,;\"'`“„]\S{0,100}(?: (?!(?:in|on|for|from|over|during|last|past|since|of|but|without|except|excluding)\b)\S{1,100}){0,10})",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"\b(?:match(?:es|ing)?|regexp?|pattern|grep) /([^/\n]{2,100})/(?=[\s,.?!]|$)", re.IGNORECASE)
_BRACKETS = re.compile(
    r"(?<![\w(|])((?:(?!(?:with|for|lines?|logs?|matching|and|or|in|of|the)\b)[a-z][\w-]{1,20} )?\([\w-]{2,30}(?:\|[\w-]{2,30}){1,6}\))(?![\w(|*+?])"
)
""" "jwt (expired|malformed)"."""
_BEFORE = 40
"""Characters before a quote in which its meaning stands."""


def patterns(wording: Wording) -> Iterator[LineFilter]:
    """What is said to be a regular expression, before anything else reads a name or a path in it."""
    for quote in wording.quotes:
        before = wording.text[max(0, quote.start - _BEFORE) : quote.start]
        said = _PATTERN_BEFORE.search(before) or (_MATCHING_BEFORE.search(before) and _OPERATORS.search(quote.text))
        if said and is_pattern(quote.text):
            wording.claim(quote.start - len(said[0]), quote.end)
            yield LineFilter("!~" if wording.negated(quote.start) else "|~", (quote.text,))
    for written in (_PATTERN, _SLASHED, _BRACKETS):
        yield from _unquoted(wording, written)


def _unquoted(wording: Wording, written: re.Pattern[str]) -> Iterator[LineFilter]:
    for match in written.finditer(wording.text):
        text = match[1].rstrip(".!,")
        quoted = any(quote.start < match.end() and match.start() < quote.end for quote in wording.quotes)
        if not quoted and not wording.claimed(*match.span()) and is_pattern(text):
            wording.claim(*match.span())
            yield LineFilter("!~" if wording.negated(match.start()) else "|~", (text,))


_AT_AN_END = re.compile(
    r"\b(?:lines?|logs?|entries|messages?|ones|everything|anything|l[ií]neas?|zeilen|todo)(?: (?!with\b|where\b|whose\b|having\b)[\w-]{1,24}){0,4}? "
    r"(?P<verb>(?P<begins>start(?:s|ing|ed)?|begin(?:s|ning)?|begann|empiez(?:a|an)|empezando|comienz(?:a|an)|beginn(?:t|en)|anfang(?:t|en)) (?:with|by|con|por|mit)"
    r"|(?:end(?:s|ing|ed)?|termin(?:a|an|ando)|acab(?:a|an)|end(?:et|en)) (?:with|in|con|en|mit|auf))"
    r" (?:the (?:word|text|string) )?(?:[\"'`“„](?P<quoted>[^\"'`“”„\n]{1,100})[\"'`“”]|(?P<text>[^\s\"'`]{2,60}))",
    re.IGNORECASE,
)
_MATCHED = re.compile(r"\bmatch(?:es|ing)? ((?=[^\s\"'`“„]{0,100}[*+()|\[\]^$\\])[^\s\"'`“„]{2,100})", re.IGNORECASE)


def ends(wording: Wording) -> Iterator[LineFilter]:
    """ "Lines that start with FATAL", "ending in }": where in a line the words stand."""
    for match in _AT_AN_END.finditer(wording.text):
        place = match.span("text") if match["text"] else match.span("quoted")
        if wording.claimed(*match.span()) or (wording.taken(*place) and not match["quoted"]):
            continue
        text = (match["text"] or match["quoted"]).rstrip(".,!?")
        if not text:
            continue
        negative = wording.negated(match.start("verb"))
        wording.claim(match.start("verb"), match.end())
        pattern = f"^{escaped(text)}" if match["begins"] else f"{escaped(text)}$"
        yield LineFilter("!~" if negative else "|~", (pattern,))


def matched(wording: Wording) -> Iterator[LineFilter]:
    """ "Matching bid-[a-f0-9]+" where no field was named before it."""
    yield from _unquoted(wording, _MATCHED)
