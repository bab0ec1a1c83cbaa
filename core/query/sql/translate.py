"""Sentences to SQL over the bot's own records."""

import re

from core.nlp.interpretation import EntityType
from core.query.sql import compose, phrases, related
from core.query.sql.builder import write
from core.query.sql.clauses import opened
from core.query.sql.explain import explain
from core.query.sql.guard import check
from core.query.sql.schema import TABLES, Dialect
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, SUBJECTS, Subject
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.window import window
from core.query.wording import Wording

_DOING = re.compile(
    r"\b(?:did|has|have|who|what did|anything)\b.{0,40}\b(?:start(?:ed)?|launch(?:ed)?|kick(?:ed)?|deploy(?:ed)?|ship(?:ped)?|finish(?:ed)?)\b",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"\b(?:most|least|more) active\b", re.IGNORECASE)
_THINGS = {INCIDENTS: ("services?",), RUNS: ("users?", "persons?", "engineers?", "developers?", "teammates?")}
"""Whose records those are, where nothing else is said."""


def translate(question: Question, dialect: Dialect = Dialect.SQLITE) -> Translation:
    """The statement for what is asked, with bound parameters, and once more with literals to be shown.

    Raises:
        QueryRefused: the sentence speaks of none of the tables.
    """
    wording = opened(question)
    if pair := related.pair(wording):
        select = related.select(wording, pair)
    else:
        select = compose.select(wording, _subject(wording))
    written = write(select, dialect)
    tree = check(written.shown, dialect)
    named = window(question)
    return Translation(
        Language.SQL,
        written.shown,
        explain(tree),
        named.start if named else None,
        named.end if named else None,
        written.statement,
        written.parameters,
    )


def _subject(wording: Wording) -> Subject:
    """The table whose rows are named first; else the one that the sentence speaks of most."""
    named = {subject: match.start() for subject in SUBJECTS if (match := subject.noun_words.search(wording.plain))}
    if named:
        return min(named, key=named.__getitem__)
    if wording.named(EntityType.WORKFLOW) and not wording.named(EntityType.INCIDENT):
        return RUNS
    found = [[match.start() for match in subject.words.finditer(wording.plain)] for subject in SUBJECTS]
    if wording.named(EntityType.INCIDENT) or wording.named(EntityType.SEVERITY):
        found[SUBJECTS.index(INCIDENTS)].append(len(wording.plain))
    if (
        phrases.WHO.search(wording.plain)
        and not found[SUBJECTS.index(INCIDENTS)]
        and not found[SUBJECTS.index(MESSAGES)]
    ):
        return RUNS  # only runs have somebody
    if wording.named(EntityType.SERVICE) and not found[SUBJECTS.index(RUNS)] and not found[SUBJECTS.index(MESSAGES)]:
        return INCIDENTS
    best = max(range(len(SUBJECTS)), key=lambda number: (len(found[number]), -min(found[number], default=0)))
    if found[best]:
        return SUBJECTS[best]
    for subject in (INCIDENTS, RUNS):  # "anything still open?"
        if any(pattern.search(wording.plain) for pattern, _, _ in subject.statuses) and not _ACTIVE.search(
            wording.plain
        ):
            return subject
    for subject in (INCIDENTS, RUNS):  # "which service took the longest", "the most active user"
        if any(re.search(rf"\b{word}\b", wording.plain, re.IGNORECASE) for word in _THINGS[subject]):
            return subject
    if _DOING.search(wording.plain):  # "did pedro start anything today?"
        return RUNS
    raise QueryRefused("Which records do you mean?", hint=f"There are {', '.join(TABLES)}.")
