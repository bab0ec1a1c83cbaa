"""Ids and addresses: of some things they are fields of a line, of others words in it."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql.model import Address, LineFilter, Matcher
from core.query.wording import Wording, word_set

NAMED_ID = re.compile(
    r"\b(user|usuario|benutzer|nutzer|customer|cliente|kunde|cuenta|konto|client|order|account|request|req|trace|session|job|tenant|device|invoice|payment|transaction|txn|tx|message|msg|correlation|span|thread|build|cart|merchant|org|ticket|device|sensor|camera|vehicle|driver|courier|meter|shipment|parcel|booking|batch|document|doc|file|case|upload|subscription)"
    r"(?:s)?[ _-]?(?:ids?|number|no\.?|uuid|#)?\s?[:#=]?\s?#?((?=[\w.-]{0,80}\d)[\w-]{2,80}(?:\.[\w-]{1,40})?)(?![\w/])",
    re.IGNORECASE,
)
_ENGLISH = {
    "usuario": "user",
    "benutzer": "user",
    "nutzer": "user",
    "cliente": "customer",
    "kunde": "customer",
    "cuenta": "account",
    "konto": "account",
}
_ANY_ID = re.compile(
    r"(?<![\w.])([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){0,4}_id) (?:is |of |equals |with )?((?=[\w-]{0,60}\d)[\w-]{2,80})(?![\w/])",
    re.ASCII,
)
_WHOSE = word_set("user customer account tenant")
"""Ids by which lines are told apart, so that they are fields; other things are named in the text of lines, too."""
_AS_FIELD = re.compile(r"[a-z]{1,20}_id\b", re.IGNORECASE)
_BEFORE = 40
"""Characters before a quote in which its meaning stands."""


def ids(wording: Wording, *, parsed: bool) -> Iterator[Matcher]:
    """Ids that are fields: "user_id 7731", and "user 7731" where lines are known to have fields."""
    for match in wording.find(_ANY_ID):
        yield Matcher(match[1], "!=" if wording.negated(match.start()) else "=", match[2])
    for match in NAMED_ID.finditer(wording.rest):
        field = _ENGLISH.get(match[1].lower(), match[1].lower())
        written = _AS_FIELD.match(match[0]) or field in _WHOSE
        if (written or parsed) and not wording.taken(*match.span()):
            wording.take(*match.span())
            yield Matcher(f"{field}_id", "!=" if wording.negated(match.start()) else "=", match[2])


_HOST_BEFORE = re.compile(
    r"\b(?:hosts?|instances?|nodes?|servers?|machines?|box(?:es)?)(?: named| called| ip)? \Z", re.IGNORECASE
)
_STATUS = re.compile(r"[1-5](?:\d\d|xx)s?|\d{1,4}(?:s|m|min|h|d|w)", re.IGNORECASE)
_THING_BEFORE = re.compile(
    r"\b(?:device|sensor|camera|vehicle|driver|courier|meter|order|shipment|parcel|booking|batch|ticket|job|cart|session|request|message|file|doc|document|user|customer|invoice)s? (?:ids? |number |no\.? |called |named )?\Z",
    re.IGNORECASE,
)
"""What has a name of the form of a host's: "device dev-7731"."""
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_OF_FIELD = re.compile(r"\b(?:where|with|and|whose) \w{0,20}(?:ip|addr|address) (?:is|equals|=) \Z", re.IGNORECASE)
_BLOCK = re.compile(r"/\d{1,2}\b")


def addresses(wording: Wording) -> Iterator[LineFilter]:
    """ "From 10.2.3.4" is what a line says, unless it is a host's; a block of addresses is matched as one."""
    for entity in wording.named(EntityType.HOST):
        before = wording.text[max(0, entity.start - _BEFORE) : entity.start]
        if _STATUS.fullmatch(entity.text):
            wording.release(entity)  # "tile-server 404s" names no server, nor does "ad-server 1h"
            continue
        if _THING_BEFORE.search(before):
            wording.claim(entity.start, entity.end)
            yield LineFilter("!=" if wording.negated(entity.start) else "|=", (entity.text,))
            continue
        if _OF_FIELD.search(before):
            wording.release(entity)  # "where ip is 10.2.3.4"
            continue
        if _ADDRESS.fullmatch(entity.value) and not _HOST_BEFORE.search(before):
            block = _BLOCK.match(wording.text, entity.end)
            wording.claim(entity.start, block.end() if block else entity.end)
            value = Address(entity.value + block[0]) if block else entity.value
            yield LineFilter("!=" if wording.negated(entity.start) else "|=", (value,))
