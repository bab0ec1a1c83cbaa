"""What lines must not hold: "except kube-probe", "without the balancer"."""

import re
from collections.abc import Iterator

from core.query.logql import asking
from core.query.logql.model import LineFilter
from core.query.logql.said import NO_TEXT
from core.query.wording import BLANK, Wording

_BEFORE = 40
"""Characters before a quote in which its meaning stands."""
_EXCLUDES = re.compile(
    r"\b(?:without|w/o(?:ut)?|except(?:ing)?(?: for)?|exclud(?:e|es|ing)|ignor(?:e|es|ing)|leav(?:e|ing)|filter(?:ing)?|nothing|other than|apart from|aside from|besides|minus|neither|nor|no|(?:but|and) not|out|but|skip(?:ping)?|hid(?:e|ing)|omit(?:ting)?"
    r"|drop|strip|discard|remove|suppress|get rid of|kill|ditch|mute|lose|nix|scrap|ohne|sin|au(?:ss|ß)er|excepto)\s*\Z",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"\s*(?:(?:those|ones|lines|the|that|are|is) )?(?:contain|mention|about|match|includ|saying|with\b|having|regarding|related)|\s*(?:the )?[\w-]{2,30}(?: [\w-]{2,30})? (?:ones|lines|stuff|messages|noise)\b",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"^(?:(?:without|w/o|no|not|nor|ohne|sin|excluding|except|kein|keine|the|a|an|any|all|those|these|this|that|noisy|annoying|boring|useless|stupid|chatty|usual|bloody|ones?|lines?|logs?|entries|messages?|stuff|anything|everything|with|which|containing|contains?|mention(?:ing|s)?|match(?:ing|es)?|about|from|including|having|saying|regarding|of|for|to|are|is|word|text|string|phrase|in|show|me|like|its|our|los|las|el|la|lo|del|de|que|con|l[ií]neas|registros|die|der|das|den|dem|von|vom|aus|mit|zeilen|stuff|coming|caused by|due to|at)\s+)+"
    r"|(?:\s+(?:lines?|logs?|entries|messages?|noise|stuff|ones?|requests?|calls?|spam|in|from|on|of|the|them|it|out|please|pls|there|traffic|chatter|warnings?|errors?))+$"
    r"|^(?:the|any|all|lines?|logs?|ones?|in|from|please|pls|them|it|those|that)$",
    re.IGNORECASE,
)
_PARTS = re.compile(r",\s*|\s+(?:or|nor|and|und|oder|neither)\s+|\s*[&/]\s+")
_LONGEST_NAME = 3
"""Words of a name that lines must not hold."""


def unwanted(wording: Wording) -> Iterator[LineFilter]:
    """What is still left of "except kube-probe", "without the balancer": words that lines must not hold."""
    rest = wording.rest
    for start, end in wording.exclusions():
        if not _EXCLUDES.search(wording.text, max(0, start - _BEFORE), start) and not _SAYING.match(rest, start):
            continue
        for part in _PARTS.split(rest[start:end]):
            text = _FILLERS.sub("", part.strip(" .:'’")).strip(" .:'’")
            words = text.lower().split()
            if (
                words
                and len(words) <= _LONGEST_NAME
                and BLANK not in text
                and not NO_TEXT.intersection(words)
                and len(text) > 1
            ):
                yield LineFilter("!=", (asking.singular(text),))
