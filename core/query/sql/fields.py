"""Single columns that a sentence asks for."""

import re
from functools import cache

from core.query.sql import phrases
from core.query.sql.model import Column, Condition, OneOf
from core.query.sql.subjects import RUNS, SUBJECTS, Subject
from core.query.wording import Wording

_LEAD = r"^[\W_]*(?:(?:please|pls|can you|show|list|give|get|print|tell|me|us|all|the|only|just|what is|what are|what['’]?s|whats|i need|need)\s+){0,6}"
_WHEN = re.compile(r"^\W*when (?:was|did|were|has|is)\b", re.IGNORECASE)
_HOW_SEVERE = re.compile(r"\bhow (?:severe|bad|serious|critical)\b", re.IGNORECASE)


def fields(wording: Wording, subject: Subject, where: tuple[Condition, ...]) -> tuple[str, ...]:
    """What is asked for of the rows, or nothing: "title and severity of …", "when was INC-4 opened"."""
    text = wording.text
    if match := _asked_for(subject.table).match(text):
        found = _field(subject.table).finditer(match[1])
        return tuple(dict.fromkeys(subject.fields[word[0].lower()] for word in found))
    if phrases.WHO.search(text) and subject is RUNS and phrases.is_one(text) and not phrases.MOST.search(text):
        return ("triggered_by",)  # "who started the last deploy"
    if not any(isinstance(one, OneOf) and one.expr == Column("id") and not one.negative for one in where):
        return ()
    if _WHEN.search(text) and subject.end:
        return (subject.end if subject.ending.search(text) else subject.begin,)
    if _HOW_SEVERE.search(text) and "severity" in subject.columns:
        return ("severity",)
    if phrases.WHO.search(text) and subject is RUNS:
        return ("triggered_by",)
    return ()


@cache
def _field(table: str) -> re.Pattern[str]:
    words = next(one for one in SUBJECTS if one.table == table).fields
    return re.compile(rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})\b", re.IGNORECASE)


@cache
def _asked_for(table: str) -> re.Pattern[str]:
    word = _field(table).pattern
    several = rf"{word}(?:(?:\s*,\s*(?:and )?|\s+and\s+|\s+with\s+(?:their\s+|its\s+)?|\s*\+\s*)(?:the )?{word}){{0,5}}"
    return re.compile(rf"{_LEAD}({several})\s+(?:of|for|from)\b(?! (?:each|every)\b)", re.IGNORECASE)
