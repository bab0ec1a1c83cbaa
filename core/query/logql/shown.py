"""What is to be seen of each line where people name its fields: "show only method and path"."""

import re

from core.query.logql.model import LineFormat
from core.query.wording import Wording, word_set

_KNOWN = "message|msg|method|path|route|url|status|code|duration|latency|level|timestamp|ts|time|user|ip|host|caller|error|service|pod"
_FIELD = rf"(?:[a-z][a-z0-9]{{0,30}}(?:_[a-z0-9]{{1,30}}){{1,5}}|(?:{_KNOWN})\b)"
_FIELDS = rf"({_FIELD}(?:(?:, ?| & | \+ )(?:{_FIELD}|[a-z]\w{{1,30}}\b(?=,? and |, ))){{0,7}}(?:,? and (?:the )?[a-z]\w{{1,30}}\b)?)"
_SHOWN = re.compile(
    rf"\b(?:(?:show|print|display|output|give|see|want|need)(?: me)?(?: only| just)|(?:only|just) (?:show|print|display|output|give|keep)(?: me)?|(?:only|just)"
    rf"|line[_ ]format(?: it)?(?: to| as| with)?|(?:re)?format(?:ted)?(?: (?:it|them|each line|every line|lines|the lines))?(?: to| as| with| like)(?: just| only)?) (?:the )?{_FIELDS}(?: fields?)?(?! (?:level|only))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b(?!and\b|the\b)[a-z]\w+", re.IGNORECASE)
_KINDS = word_set("error level")


def shown(wording: Wording) -> LineFormat | None:
    """The line written anew; what names its fields is claimed."""
    for match in _SHOWN.finditer(wording.text):
        named = [word.lower() for word in _WORD.findall(match[1])]
        if not wording.claimed(*match.span()) and not (len(named) == 1 and named[0] in _KINDS):
            wording.claim(*match.span())
            return LineFormat(" ".join(f"{{{{.{name}}}}}" for name in named))
    return None
