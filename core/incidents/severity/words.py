"""A report as folded words: what signals and the model look at."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

HEAD, TAIL = 1_500, 500
"""Characters looked at: who writes more says what is wrong at the beginning and what it comes to at the end."""
BREAK = "."
"""The word that stands for any punctuation: phrases and negations do not reach across it."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?:\s?%)?|[^\W\d_]+(?:['’][^\W\d_]+)*\d*|[.!?;:,()\n…–—]")
_MARK_UP = re.compile(r"<[@#!][^<>\s]{1,80}>|https?://[^\s|>]{1,400}|```|[*_~`]")
_POSSESSIVE = re.compile(r"['’][sS]$")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_NEGATED = {
    "can": "cant", "could": "cant", "do": "dont", "does": "doesnt", "did": "didnt", "is": "isnt", "are": "arent", "was": "wasnt",
    "were": "werent", "has": "hasnt", "have": "havent", "will": "wont", "would": "wont",
}  # fmt: skip
_SAME = {
    "cannot": "cant",
    "couldnt": "cant",
    "wouldnt": "wont",
    "noone": "nobody",
    "ppl": "people",
    "ppls": "people",
    "evry": "every",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word in lower case without accents and apostrophes ("can not" is "cant"), or `BREAK`; and where it stands."""

    text: str
    start: int
    end: int


def clip(text: str) -> str:
    """The part of a text that is looked at."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def words(text: str) -> list[Word]:
    """The words of a clipped text; spans are of that text."""
    plain = _MARK_UP.sub(lambda match: " " * len(match[0]), text)
    found: list[Word] = []
    for match in _TOKEN.finditer(plain):
        word = fold(match[0])
        if word == "not" and found and found[-1].text in _NEGATED:
            last = found.pop()
            found.append(Word(_NEGATED[last.text], last.start, match.end()))
        elif word:
            found.append(Word(word, *match.span()))
    return found


@lru_cache(maxsize=8_192)
def fold(token: str) -> str:
    """One word in the form that phrases are written in; numbers without separators of thousands; "" for none."""
    if token[0].isdigit():
        number = token.rstrip("% \t\n\r")
        number = re.sub(r"[.,]", "", number) if _GROUPED.fullmatch(number) else number.replace(",", ".")
        return number + ("%" if token.endswith("%") else "")
    if len(token) == 1 and not token.isalnum():
        return BREAK
    flat = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", token).casefold())
    word = "".join(letter for letter in flat if letter.isalnum())
    return _SAME.get(word, word)


def grams(report: Sequence[Word]) -> list[str]:
    """Words and neighbouring pairs within a clause, each once, in order of appearance."""
    texts = [word.text for word in report]
    pairs = (f"{left} {right}" for left, right in pairwise(texts) if BREAK not in (left, right))
    return list(dict.fromkeys([*(text for text in texts if text != BREAK), *pairs]))
