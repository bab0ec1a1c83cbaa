"""What a sentence says of fields in words: "caller isn't cache.go", "currency is EUR or USD", "the url contains /cart"."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.query.wording import BLANK, Wording, word_set

Relating = Literal["=", "=~", "contains", "starts", "ends"]

_VALUE = r"(?:GET|POST|PUT|PATCH|DELETE|HEAD) /[^\s,;]{0,100}|\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|`[^`\n]{1,200}`|[^\s,;=<>\"'`()]{1,100}"
_NOT = r"(?:is|are|was|were|does|do|did)n['’]?t|(?:is|are|was|were|does|do|did) not|not|never"
_VERBS: tuple[tuple[Relating, str], ...] = (
    ("contains", r"contain(?:s|ing)?|includ(?:es?|ing)|mention(?:s|ing)?"),
    ("starts", r"(?:start|begin)(?:s|n?ing)? with"),
    ("ends", r"end(?:s|ing)? (?:with|in)"),
    ("=~", r"match(?:es|ing)?(?: the)?(?: regexp?| pattern)?|like|=~"),
    ("=", r"(?:is|are|was)(?: in| one of| any of)?|in(?= \()|one of|any of|equals?(?: to)?|equal to|being|set to"),
)
_RELATION = re.compile(
    r"(?<![\w./-])(?P<field>(?:user|http|db|status|span|error|trace|request|client|exception|root|tenant|log) (?:agent|message|name|url|method|statement|code|type|id|ip|route|kind|system|service)|[a-z_]\w{0,40}(?:\.\w{1,40}){0,5})"
    rf"\s(?:(?:that|which|field|value)\s)?(?:(?P<not>{_NOT})\s(?:be\s|in\s|one of\s|any of\s)?)?"
    rf"(?:(?:{'|'.join(f'(?P<v{i}>{verb})' for i, (_, verb) in enumerate(_VERBS))})\s(?:(?P<other>not|anything but|anything other than|other than)\s)?)?"
    rf"(?:the word |exactly |either |equal to )?(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_OR = re.compile(
    rf"(?:\s?,)?\s(?:or|nor|oder)\s(?:is\s)?(?P<value>{_VALUE})|,\s(?P<listed>[\w.-]{{1,60}})(?=(?:,\s[\w.-]{{1,60}}){{0,5}},?\s(?:or|nor)\s)",
    re.IGNORECASE,
)
"""The next of "a, b or c"."""
_VERB_BEHIND = re.compile(
    rf"\s(?:{_NOT}|{'|'.join(verb for _, verb in _VERBS)}|[<>=!]|over|under|above|below|slower|took)", re.IGNORECASE
)
_NO_VALUE = word_set(
    "the a an in on at of from for to by not no is are was were be been and or but with without that which who when where any all over under above below between at-least more less greater higher "
    "longer slower faster than least most it its there this last per failing failed slow down up too very anything other only also still now either neither nor exactly equal contains contain containing "
    "starting matching matches match like include including includes mentioning ending called named"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """`field` relates to one of `values`, or to none of them."""

    field: str
    """As written."""
    relating: Relating
    values: tuple[str, ...]
    negative: bool
    start: int
    end: int


def relations(wording: Wording, known: Callable[[str, str], bool]) -> Iterator[Relation]:
    """Relations of fields for which `known(field, text before it)` holds; each one is claimed as it is given."""
    text, at = wording.text, 0
    while match := _RELATION.search(text, at):
        at = match.end("field")
        verb = next((kind for i, (kind, _) in enumerate(_VERBS) if match[f"v{i}"]), None)
        if (
            (verb is None and not match["not"])
            or wording.claimed(*match.span())
            or wording.taken(*match.span("field"))
            or _quoted(wording, match.start())
            or not known(match["field"], text[max(0, match.start() - 20) : match.start()])
        ):
            continue
        values, end = _values(text, match)
        if not values:
            continue
        negative = bool(match["not"] or match["other"]) or wording.negated(match.start())
        wording.claim(match.start(), end)
        at = end
        yield Relation(match["field"], verb or "=", values, negative, match.start(), end)


def _values(text: str, match: re.Match[str]) -> tuple[tuple[str, ...], int]:
    """The value and those that "or" joins to it, with the place where they end."""
    values, end = [_bare(match["value"])], match.end()
    while following := _OR.match(text, end):
        value = _bare(following["value"] or following["listed"])
        if _is_grammar(value) or _VERB_BEHIND.match(text, following.end()):
            break  # "… or it took over 2s", "… or status is 500"
        values.append(value)
        end = following.end()
    kept = tuple(value for value in values if value and not _is_grammar(value) and BLANK not in value)
    return (kept if len(kept) == len(values) else ()), end


def _is_grammar(value: str) -> bool:
    """AT is a country, "at" is not."""
    return value.lower() in _NO_VALUE and not value.isupper()


def _bare(value: str) -> str:
    return value[1:-1] if value[0] in "\"'`" else value.rstrip(".?!:)")


def _quoted(wording: Wording, place: int) -> bool:
    return any(quote.start <= place < quote.end for quote in wording.quotes)
