"""What the bot makes of an evaluation set, against what is expected: figures by name, and tables for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.evaluation import metrics, queries
from bot.evaluation.metrics import Bin, Counts, Label
from bot.evaluation.sets import Dialogue, EvaluationSet, Meant, Naming, Report, Translated
from core.incidents.incident import Severity
from core.incidents.severity import propose
from core.nlp import entities, interpreter
from core.nlp.dialogue.state import SLOTS
from core.nlp.interpretation import EntityType, Intent
from core.query.running import translate
from core.query.translation import QueryRefused, Question

_MOST_CONFUSIONS = 15
_WORST_FIRST = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Table:
    """Details of a section: a share has three decimals, a count none."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that a set judges."""

    title: str
    figures: dict[str, float]
    """By the names that floors use. Shares from 0 to 1; `severity.extremes` is a number of reports."""
    tables: tuple[Table, ...] = ()
    reliability: tuple[Bin, ...] = ()


def judge(examples: EvaluationSet) -> Iterator[Section]:
    """A section for each thing that the set has examples of."""
    if examples.intents:
        yield _intents(examples.intents)
    if examples.entities:
        yield _entities(examples.entities)
    if examples.dialogues:
        yield _dialogues(examples.dialogues)
    if examples.queries:
        yield _queries(examples.queries)
    if examples.severities:
        yield _severities(examples.severities)


def _intents(examples: Sequence[Meant]) -> Section:
    said = [interpreter.understand(one.text, **one.around) for one in examples]
    pairs = [(one.intent, found.intent) for one, found in zip(examples, said, strict=True)]
    bins = metrics.reliability(
        (found.confidence, one.intent is found.intent) for one, found in zip(examples, said, strict=True)
    )
    others = [found for expected, found in pairs if expected is not Intent.UNKNOWN]
    counts = metrics.by_label(pairs)
    figures = {
        "intent.accuracy": metrics.accuracy(pairs),
        "intent.macro_f1": metrics.macro_f1(pairs),
        "intent.calibration_error": metrics.calibration_error(bins),
        "intent.unknown_recall": counts.get(Intent.UNKNOWN, Counts()).recall,
        "intent.lost_to_unknown": metrics.share(others.count(Intent.UNKNOWN), len(others)),
    }
    confused = metrics.confusions(pairs)[:_MOST_CONFUSIONS]
    rows: tuple[tuple[str | float, ...], ...] = tuple((expected, found, count) for (expected, found), count in confused)
    sizes = tuple((f"{one.low:.1f} – {one.high:.1f}", one.count, one.confidence, one.accuracy) for one in bins)
    tables = (
        _by_label("By intent", {label: counts[label] for label in Intent if label in counts}),
        Table("Taken for another", ("is", "taken for", "times"), rows),
        Table("Confidence", ("between", "sentences", "mean confidence", "accuracy"), sizes),
    )
    return Section(f"Intents of {len(examples)} sentences", figures, tables, tuple(bins))


def _entities(examples: Sequence[Naming]) -> Section:
    by_type: dict[EntityType, Counts] = {}
    whole = 0
    for one in examples:
        found = [(entity.type, entity.value) for entity in entities.find(one.text, **one.around)]
        expected = [(entity.type, entity.value) for entity in one.entities]
        whole += metrics.overlap(expected, found).f1 == 1 or not (expected or found)
        for kind in {kind for kind, _ in (*expected, *found)}:
            counts = metrics.overlap(_of(kind, expected), _of(kind, found))
            by_type[kind] = by_type.get(kind, Counts()) + counts
    total = sum(by_type.values(), Counts())
    figures = {
        "entity.f1": total.f1,
        "entity.precision": total.precision,
        "entity.recall": total.recall,
        "entity.sentences": metrics.share(whole, len(examples)),
    }
    table = _by_label("By type", {kind: by_type[kind] for kind in EntityType if kind in by_type})
    return Section(f"Entities of {len(examples)} sentences, by type and normal form", figures, (table,))


def _of(kind: EntityType, named: Sequence[tuple[EntityType, str]]) -> list[str]:
    return [value for one, value in named if one is kind]


def _dialogues(examples: Sequence[Dialogue]) -> Section:
    intents: list[tuple[Intent, Intent]] = []
    slots: list[_Slot] = []
    turns = whole = 0
    for dialogue in examples:
        said = [(turn.text, turn.reply or "") for turn in dialogue.turns]
        for turn, found in zip(dialogue.turns, interpreter.resolve(said, **dialogue.around), strict=True):
            named = {(entity.type, entity.value) for entity in found.entities}
            pairs = [(kind, turn.resolved.get(kind) or "", found.slots.get(kind, "")) for kind in SLOTS]
            slots += (
                _Slot(kind, value, got, carried=bool(value) and (kind, value) not in named)
                for kind, value, got in pairs
                if value or got
            )
            intents.append((turn.intent, found.intent))
            turns += 1
            whole += all(value == got for _, value, got in pairs)
    carried = [slot for slot in slots if slot.carried]
    figures = {
        "dialogue.intent": metrics.accuracy(intents),
        "dialogue.slots": _right(slots),
        "dialogue.carried": _right(carried),
        "dialogue.turns": metrics.share(whole, turns),
    }
    rows = [(kind, [s for s in slots if s.kind is kind], [s for s in carried if s.kind is kind]) for kind in SLOTS]
    table = Table(
        "By slot",
        ("slot", "values", "right", "carried", "right", "given though none"),
        tuple(
            (kind, len(every), _right(every), len(some), _right(some), sum(not slot.expected for slot in every))
            for kind, every, some in rows
        ),
    )
    return Section(f"Slots of {turns} turns in {len(examples)} conversations", figures, (table,))


@dataclass(frozen=True, slots=True)
class _Slot:
    """A slot of a turn that has a value, or was given one. Carried: the message itself does not say the expected value."""

    kind: EntityType
    expected: str
    found: str
    carried: bool


def _right(slots: Sequence[_Slot]) -> float:
    return metrics.share(sum(slot.expected == slot.found for slot in slots), len(slots))


def _queries(examples: Sequence[Translated]) -> Section:
    judged = [(one.language, _judged(one)) for one in examples]
    figures = {f"query.{name}": value for name, value in _shares([mark for _, mark in judged]).items()}
    rows: list[tuple[str | float, ...]] = []
    for language in dict.fromkeys(language for language, _ in judged):
        marks = [mark for one, mark in judged if one is language]
        shares = _shares(marks)
        figures[f"query.exact.{language}"] = shares["exact"]
        rows.append((language, len(marks), *shares.values()))
    table = Table("By language", ("language", "questions", "exact", "parsable", "refused"), tuple(rows))
    return Section(f"Queries for {len(examples)} questions", figures, (table,))


@dataclass(frozen=True, slots=True)
class _Mark:
    """Of one translation; None where the question was refused, so that there is no query."""

    parsable: bool | None
    exact: bool


def _judged(one: Translated) -> _Mark:
    question = Question(one.text, entities.find(one.text, **one.around), one.moment, one.services)
    try:
        query = translate(one.language, question).query
    except QueryRefused:
        return _Mark(None, exact=False)
    try:
        return _Mark(parsable=True, exact=queries.same(one.query, query, one))
    except QueryRefused:
        return _Mark(parsable=False, exact=False)


def _shares(marks: Sequence[_Mark]) -> dict[str, float]:
    made = [mark for mark in marks if mark.parsable is not None]
    return {
        "exact": metrics.share(sum(mark.exact for mark in marks), len(marks)),
        "parsable": metrics.share(sum(bool(mark.parsable) for mark in made), len(made)),
        "refused": metrics.share(len(marks) - len(made), len(marks)),
    }


def _severities(examples: Sequence[Report]) -> Section:
    pairs = [(one.severity, propose(one.text).severity) for one in examples]
    steps = metrics.distances(pairs, _WORST_FIRST)
    figures = {
        "severity.accuracy": metrics.accuracy(pairs),
        "severity.macro_f1": metrics.macro_f1(pairs),
        "severity.under_rated": metrics.share(sum(n for step, n in steps.items() if step > 0), len(pairs)),
        "severity.over_rated": metrics.share(sum(n for step, n in steps.items() if step < 0), len(pairs)),
        "severity.extremes": float(sum(n for step, n in steps.items() if abs(step) == len(_WORST_FIRST) - 1)),
    }
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (expected, *(pairs.count((expected, found)) for found in _WORST_FIRST)) for expected in _WORST_FIRST
    )
    table = Table("Proposed", ("is", *_WORST_FIRST), rows)
    return Section(f"Severity of {len(examples)} reports", figures, (table,))


def _by_label(title: str, counts: Mapping[Label, Counts]) -> Table:
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (str(label), one.expected, one.recall, one.precision, one.f1) for label, one in counts.items()
    )
    return Table(title, ("", "expected", "recall", "precision", "F1"), rows)
