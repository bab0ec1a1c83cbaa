"""A sentence made ready for searching: lower case, plain characters, cut into words; every offset stays that of the original."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from core.nlp.interpretation import EntityType

_WORD = re.compile(r"[^\W_]+")
_MARK_UP = re.compile(
    r"<(?:[@#!]|a?:|t:)[^<>]{0,80}>"  # mentions, channels, special mentions, Discord's emoji and times
    r"|(?<=\w)\|[^<>|]{1,200}(?=>)"  # the label of a Slack link
    r"|(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?!\w)"  # emoji
)
_QUOTED = re.compile(r"(?<!\w)(?:\"[^\"\n]{2,200}\"|'[^'\n]{2,200}')(?!\w)")
_SOUGHT_BEFORE = re.compile(
    r"(?:\b(?:(?P<strong>grep|grepping|contain|contains|containing|matching|mention|mentions|mentioning|phrase|string|substring|pattern|search|search for|searching for|find)"
    r"|for|with|about|like|say|says|saying|said|where|message|messages|lines?|text)|\|[=~]|!=)[ :=]{0,2}$"
)
_SOUGHT_WINDOW = 24
_ALERT_NAME = re.compile(
    r"(?<![\w./@-])(?:[a-z0-9]{1,20}[-_]){1,6}(?:high|low|critical|down|slow|burn|breach|breached|exceeded|warning|saturated|missing|failing|full|stuck|spike)(?![\w-])"
)
_ALERTING = re.compile(r"\b(?:alerts?|alarms?|fired?|fires|firing|paged|pages|page|paging|went off)\b")
_LOG_WORDS = re.compile(r"\b(?:logs?|lines?|errors?|exceptions?|traces?|spans?|entries|messages?|events?)\b")
_JOINTS = frozenset({" ", "-", "_", "/", "  ", "'"})
_PLAIN = {
    **dict.fromkeys("‘’‚‛′´`", "'"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "µ": "u",
    "μ": "u",
}


class Word(NamedTuple):
    """A run of letters and digits of the folded text."""

    text: str
    start: int
    end: int


class Found(NamedTuple):
    """A reading of a stretch of text that still competes with others."""

    type: EntityType
    start: int
    end: int
    value: str


class Sentence:
    """One text, folded once for all the families that search it."""

    def __init__(self, text: str) -> None:
        self.text = text
        folded = fold(text)
        folded = _MARK_UP.sub(_blank, folded) if "<" in folded or ":" in folded else folded
        if ("-" in folded or "_" in folded) and _ALERTING.search(folded):
            folded = _ALERT_NAME.sub(_blank, folded)
        self.folded = _without_sought(folded) if '"' in folded or "'" in folded else folded
        """Same length as the text; without mark-up, the phrases that are sought in logs, and names of alerts: what they say is not said here."""
        self.words = tuple(Word(match[0], match.start(), match.end()) for match in _WORD.finditer(self.folded))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word once: families look here before they search."""
        return frozenset(word.text for word in self.words)

    @cached_property
    def _joined(self) -> tuple[bool, ...]:
        pairs = zip(self.words, self.words[1:], strict=False)
        return (*(self.folded[a.end : b.start] in _JOINTS for a, b in pairs), False)

    def word(self, index: int) -> str:
        """The text of this word, or "" where there is none."""
        return self.words[index].text if 0 <= index < len(self.words) else ""

    def joined(self, index: int) -> bool:
        """Whether nothing but a space, a hyphen or the like stands between this word and the next."""
        return self._joined[index]

    def phrase(self, index: int, count: int, separator: str = " ") -> str:
        """So many words from this one on, or "" where punctuation stands between them or the text ends."""
        if index + count > len(self.words) or not all(self._joined[index : index + count - 1]):
            return ""
        return separator.join(word.text for word in self.words[index : index + count])

    def span(self, index: int, count: int) -> tuple[int, int]:
        """Where so many words from this one on begin and end."""
        return self.words[index].start, self.words[index + count - 1].end


class Phrases:
    """A table of phrases; the longest that begins at a word is found by lookups alone."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """`table`: phrase, words parted by single spaces → value."""
        self._table = dict(table)
        self._longest: dict[str, int] = {}
        for phrase in table:
            first, *others = phrase.split(" ")
            self._longest[first] = max(self._longest.get(first, 1), 1 + len(others))

    def find(self, sentence: Sentence) -> Iterator[tuple[int, int, str, str]]:
        """(index of the first word, number of words, phrase, value), left to right, none inside another."""
        if self._longest.keys().isdisjoint(sentence.vocabulary):
            return
        after = 0
        for index, word in enumerate(sentence.words):
            if index < after:
                continue
            for count in range(self._longest.get(word.text, 0), 0, -1):
                phrase = sentence.phrase(index, count)
                if phrase in self._table:
                    yield index, count, phrase, self._table[phrase]
                    after = index + count
                    break


def phrases(table: Mapping[str, str]) -> dict[str, str]:
    """Turn "value → phrases parted by |" round: one phrase → its value."""
    return {phrase.strip(): value for value, listed in table.items() for phrase in listed.split("|")}


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Lower case, without accents, with plain quotes, dashes, spaces and digits; character by character, so the length stays."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    plain = _PLAIN.get(character) or unicodedata.normalize("NFKD", character)[0]
    return plain.lower()[0]


def _without_sought(folded: str) -> str:
    """Quoted phrases that are to be found in logs say nothing of what is meant: find "checkout 500"."""
    of_logs = _LOG_WORDS.search(folded) is not None

    def blank_if_sought(quoted: re.Match[str]) -> str:
        marked = _SOUGHT_BEFORE.search(folded, max(0, quoted.start() - _SOUGHT_WINDOW), quoted.start())
        sought = marked and (marked["strong"] or (of_logs and " " in quoted[0]))
        return _blank(quoted) if sought else quoted[0]

    return _QUOTED.sub(blank_if_sought, folded)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
