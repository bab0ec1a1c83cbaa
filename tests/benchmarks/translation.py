"""What turning a sentence into a query costs, by language, and how the cost grows with the sentence."""

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.query.logql.translate import translate as to_logql
from core.query.sql.translate import translate as to_sql
from core.query.traceql.translate import translate as to_traceql
from core.query.translation import QueryRefused, Question, Translation
from tests.benchmarks.figures import Figure, percentile
from tests.evaluation.questions import load

_LANGUAGES: dict[str, Callable[[Question], Translation]] = {"logql": to_logql, "traceql": to_traceql, "sql": to_sql}
_LONG = ("not errors in auth by pod ", "'a' \"b\" ", "user 12 a=1 ", "x", "incident within an hour over 5s ")
"""Texts that are hard on patterns, repeated up to 10,000 characters."""


async def languages(_: Path) -> dict[str, Figure]:
    """Each sentence of the development sets, after one round to warm up; and 10,000 characters beside 2,500."""
    figures: dict[str, Figure] = {}
    for name, translate in _LANGUAGES.items():
        questions = [question for question, _ in load(f"{name}_dev.jsonl")]
        _costs(translate, questions)
        costs = _costs(translate, questions)
        for percent in (50, 95):
            figures[f"sentence to {name}, p{percent}"] = Figure(percentile(costs, percent), "ms")
        long, short = max((_growth(translate, text) for text in _LONG), key=lambda pair: pair[0] / pair[1])
        # Linear is 4, a square would be 16.
        figures[f"10,000 characters to {name}"] = Figure(long * 1000, "ms", short * 1000, long / short)
    return figures


def _growth(translate: Callable[[Question], Translation], text: str) -> tuple[float, float]:
    now = next(load("sql_dev.jsonl"))[0].now
    costs = []
    for length in (10_000, 2_500):
        asked = Question((text * (10_000 // len(text) + 1))[:length], (), now, ("auth",))
        costs.append(min(_costs(translate, [asked] * 3)))
    return costs[0], costs[1]


def _costs(translate: Callable[[Question], Translation], questions: Sequence[Question]) -> list[float]:
    costs = []
    for question in questions:
        start = time.perf_counter()
        with contextlib.suppress(QueryRefused):
            translate(question)
        costs.append(time.perf_counter() - start)
    return costs
