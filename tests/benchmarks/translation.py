"""What turning a sentence into a query costs, by language, and how the cost grows with the sentence."""

from datetime import UTC, datetime
from pathlib import Path

from bot.evaluation import sets
from core.nlp import entities
from core.query.running import translate
from core.query.translation import Language, QueryRefused, Question
from tests.benchmarks.figures import Figure
from tests.benchmarks.language import SETS, at_best, growth

_HARD = (
    "not errors in auth by pod ",
    "'a' \"b\" ",
    "user 12 a=1 ",
    "x",
    "incident within an hour over 5s ",
    'errors of auth with "timeout" ',
)
"""Texts that are hard on patterns, over and over."""


async def translation(_: Path) -> dict[str, Figure]:
    """The sentences of the evaluation sets, each with its entities found before; and long texts beside short ones, the worst."""
    figures: dict[str, Figure] = {}
    rows = sets.read(SETS / "queries_dev_v.jsonl").queries
    for to in Language:
        questions = [
            Question(one.text, entities.find(one.text, **one.around), one.moment, one.services)
            for one in rows
            if one.language is to
        ]
        figures[f"translation to {to}, p95"] = at_best(questions, lambda question, to=to: _translated(question, to))
        grown = (growth(text, _question, lambda question, to=to: _translated(question, to)) for text in _HARD)
        figures[f"translation of a long text to {to}"] = max(grown, key=lambda figure: figure.ratio or 0)
    return figures


def _translated(question: Question, to: Language) -> None:
    try:
        translate(to, question)
    except QueryRefused:
        return  # a refusal with its reason takes its time, too


def _question(text: str) -> Question:
    services = ("auth", "payments")
    return Question(text, entities.find(text, services=services), datetime.now(UTC), services)
