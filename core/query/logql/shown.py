"""What is to be seen of each line where people name its fields: "show only method and path"."""

import re

from core.query.logql.model import LineFormat
from core.query.wording import Wording, word_set

_KNOWN = "message|msg|method|path|route|url|status|code|duration|latency|level|timestamp|ts|time|user|ip|host|caller|error|service|pod"
_FIELD = rf"(?:[a-z][a-z0-9]{{0,30}}(?:_[a-z0-9]{{1,30}}){{1,5}}|(?:{_KNOWN})\b)"
_NEXT = r"(?:,? (?:and|und|y) (?:the )?|, ?| ?& | ?\+ |/)"
_FIELDS = rf"(?P<fields>(?:{_FIELD}(?:(?:{_NEXT}|(?= (?:{_KNOWN})\b) )(?:{_FIELD}|[a-z]\w{{1,30}}\b(?=,? and |, )|(?<=and )[a-z]\w{{1,30}}\b|(?<=and the )[a-z]\w{{1,30}}\b)){{0,7}})|[a-z]\w{{1,30}}(?:{_NEXT}[a-z]\w{{1,30}}){{0,7}}(?= (?:fields?|columns?|keys?|felder|campos)\b))"
_SHOWN = re.compile(
    rf"\b(?:(?:show|print|display|output|give|see|want|need|zeig|muestra)(?: me| mir)?(?: only| just| nur| solo| sólo)|(?:only|just) (?:show|print|display|output|give|keep)(?: me)?|(?:only|just|nur|solo|sólo)|(?<=: )(?:print|display|output|show)(?: me)?"
    rf"|(?P<plain>show|print|display|list|output)(?: me)?|line[_ ]format(?: it)?(?: to| as| with)?|(?:re)?format(?:ted)?(?: (?:it|them|each line|every line|lines|the lines))?(?: to| as| with| like)(?: just| only)?) (?:the )?{_FIELDS}(?: (?:fields?|columns?|keys?|felder|campos))?(?! (?:level|only))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b(?!and\b|the\b|und\b)[a-z]\w+", re.IGNORECASE)
_PARTS = word_set(
    "method path route url status duration latency timestamp ts time msg message caller level ip host pod"
)
_KINDS = word_set("error level")


def shown(wording: Wording) -> LineFormat | None:
    """The line written anew; what names its fields is claimed."""
    for match in _SHOWN.finditer(wording.text):
        named = [word.lower() for word in _WORD.findall(match["fields"])]
        if match["plain"] and (
            len(named) < 2 or not all("_" in name or name in _PARTS for name in named)
        ):  # one may be a value
            continue
        if not wording.claimed(*match.span()) and not (len(named) == 1 and named[0] in _KINDS):
            wording.claim(*match.span())
            return LineFormat(" ".join(f"{{{{.{name}}}}}" for name in named))
    return None
