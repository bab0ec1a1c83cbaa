"""What the message of a status or an exception says: "with a status message that has connection refused in it"."""

import re
from collections.abc import Iterator

from core.query.patterns import escaped, is_pattern
from core.query.traceql.model import Attribute, Intrinsic, Operation, Text
from core.query.traceql.said import Said
from core.query.wording import Wording

_STATUS = Intrinsic("statusMessage")
_STATEMENT = Attribute("span", "db.statement")
_EXCEPTION = Attribute("event", "exception.message")
_MESSAGE = r"(?P<kind>status|error|err|failure|exception|span)?[ _.]?(?:messages?|msgs?|descriptions?)"
_VALUE = r"(?:\"(?P<quoted>[^\"\n]{1,200})\"|'(?P<single>[^'\n]{1,200})'|`(?P<ticked>[^`\n]{1,200})`|(?P<plain>[\w'./:-]{1,60}(?: (?!(?:in|on|from|over|under|above|below|slower|longer|faster|taking|that|which|and|or|but|during|since|for|last|today|yesterday|where|with|somewhere|anywhere|inside|within)\b)[\w'./:-]{1,60}){0,6}))"
_OF = re.compile(
    rf"\b{_MESSAGE}\s(?:(?:that|which|field|text)\s)?(?P<not>(?:does|do|is|are)(?: not|n['’]t)\s|not\s|without\s)?(?:(?P<in>(?:is |are )?like|contain\w*|includ\w+|mention\w*|say\w*|read\w*|ha[sv]\w*|with|about|of|talk\w* about|enth[aä]lt|contiene|que contiene)|(?P<start>(?:start|begin)\w* with)|(?P<end>end\w* (?:with|in))|(?P<match>match\w*)|(?P<is>is|are|was|equals?(?: to)?|=|:))\s(?:(?:exactly|just|literally|equal to) )?(?:the (?:words?|text|phrase|string) |something like )?{_VALUE}",
    re.IGNORECASE,
)
_IN = re.compile(
    rf"(?:\b(?:with|w/|contain(?:s|ing)?|hav(?:e|ing)|has|mention(?:s|ing)?|say(?:s|ing)?|includ(?:es|ing)|where|and|or|got)\s(?:the (?:words?|text|phrase|string) )?|(?=[\"'`])){_VALUE} (?:is )?(?:somewhere |anywhere )?(?:in|inside|within|as) (?:the |their |its |a |an )?{_MESSAGE}\b",
    re.IGNORECASE,
)
_SQL = re.compile(
    r"(?i:\b(?:(?:db[ ._]?|sql )?statements?|db\.statement|sql|query text)\s(?:(?:that|which)\s)?(?P<not>(?:does|do)(?: not|n['’]t)\s|not\s)?(?:(?P<in>contain\w*|includ\w+|mention\w*|like)|(?P<start>(?:start|begin)\w* with))\s)(?:\"(?P<quoted>[^\"\n]{1,200})\"|'(?P<single>[^'\n]{1,200})'|`(?P<ticked>[^`\n]{1,200})`|(?P<plain>[A-Z][A-Z_*]{1,40}(?: (?!(?:in|on|from|over|under|above|below|slower|longer|faster|and|or|that|which|taking|for|with|where)\b)[\w*.=]{1,40}){0,5}))"
)
"""SQL in capitals: "statement contains SELECT FOR UPDATE"."""
_WITH = re.compile(
    rf"\b(?:with|w/|has|having|whose|mit)\s(?:an? |the )?{_MESSAGE}:?\s(?!(?:that|which|contain\w*|includ\w*|mention\w*|say\w*|like|is|are|was|start\w*|begin\w*|end\w*|match\w*|in|on|from|of|over|and|or|set|missing|not|does\w*|field)\b){_VALUE}",
    re.IGNORECASE,
)
""" "With message connection reset"."""
_BELONGS = re.compile(r"\s(?:somewhere )?(?:in|inside) (?:it|there|them)\b", re.IGNORECASE)


def messages(wording: Wording) -> Iterator[Said]:
    """Conditions on messages; what they quote is claimed."""
    for pattern in (_OF, _IN, _SQL, _WITH):
        for match in pattern.finditer(wording.text):
            if wording.claimed(*match.span()):
                continue
            plain = match["plain"] and match["plain"].rstrip(".:'")
            value = (match["quoted"] or match["single"] or match["ticked"] or plain or "").strip("%")
            if not value or value.lower() in _NO_VALUES:
                continue
            negative = wording.negated(match.start()) or bool("not" in match.groupdict() and match["not"])
            end = match.end()
            if behind := _BELONGS.match(wording.text, end):
                end = behind.end()
            said = Said(_condition(match, value, negative=negative), match.start(), end)
            wording.claim(said.start, said.end)
            yield said


_NO_VALUES = frozenset({"errors", "error", "a", "an", "the", "set", "empty", "any", "no", "it", "them", "null", "nil"})


def _condition(match: re.Match[str], value: str, *, negative: bool) -> Operation:
    exception = (match.groupdict().get("kind") or "").lower() == "exception"
    field = _STATEMENT if match.re is _SQL else _EXCEPTION if exception else _STATUS
    how = next((name for name in ("start", "end", "match", "is") if match.groupdict().get(name)), "in")
    if how == "is":
        return Operation("!=" if negative else "=", field, Text(value))
    if how == "match" and is_pattern(value):
        pattern = value
    else:
        form = {"start": "{}.*", "end": ".*{}"}.get(how, ".*{}.*")
        pattern = form.replace("{}", escaped(value))
    return Operation("!~" if negative else "=~", field, Text(pattern))
