"""Sentences to SQL over the bot's own records."""

from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.sql import asked, filters, related, shapes
from core.query.sql.builder import write
from core.query.sql.explain import explain
from core.query.sql.guard import check
from core.query.sql.schema import TABLES, Dialect
from core.query.sql.subjects import INCIDENTS, RUNS, SUBJECTS, Subject
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.window import window
from core.query.wording import Wording

_NO_NAMES = frozenset({"per", "by", "for", "each", "every", "of", "during", "while"})
"""Follow "run" without being a workflow's name."""
_READ_HERE = (EntityType.METRIC, EntityType.AGGREGATION, EntityType.ENVIRONMENT)


def translate(question: Question, dialect: Dialect = Dialect.SQLITE) -> Translation:
    """The statement for what is asked, with bound parameters, and once more with literals to be shown.

    Raises:
        QueryRefused: the sentence speaks of none of the tables.
    """
    named_so = tuple(
        one for one in question.entities if one.type is not EntityType.WORKFLOW or one.value not in _NO_NAMES
    )
    wording = Wording(replace(question, entities=named_so), ignore=_READ_HERE)
    if pair := related.pair(wording):
        select = related.select(wording, pair)
    else:
        subject = _subject(wording)
        grouped = asked.grouping(wording, subject)
        where = filters.find(wording, subject)
        select = shapes.shape(wording, asked.read(wording, subject, where, grouped))
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
    best = max(range(len(SUBJECTS)), key=lambda number: (len(found[number]), -min(found[number], default=0)))
    if found[best]:
        return SUBJECTS[best]
    for subject in (INCIDENTS, RUNS):  # "anything still open?"
        if any(pattern.search(wording.plain) for pattern, _, _ in subject.statuses):
            return subject
    raise QueryRefused("Which records do you mean?", hint=f"There are {', '.join(TABLES)}.")
