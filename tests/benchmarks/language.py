"""How long understanding takes: on the sentences of the evaluation sets, one after the other on one core."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bot.evaluation import sets
from core.errors import UserInputError
from core.incidents.severity import propose
from core.nlp import entities, interpreter
from core.nlp.classifier import classify
from core.query.languages import translate
from core.query.translation import Language, Question
from tests.benchmarks.figures import Figure, percentile

SETS = Path("tests/evaluation")
SHORT, LONG = 1_000, 10_000
"""Characters; the cost of a text grows as its length where their ratio is about 10."""
_ROUNDS = 3
_LOADS = 5
_LOAD = """
import time
import core.messages  # what every command of the bot needs
start = time.process_time()
from core.nlp.interpreter import understand
understand("p99 of checkout")
print(time.process_time() - start)
"""
_LINE = b'{"text": "p99 of checkout since lunch", "services": ["checkout"]}\n'
T = TypeVar("T")


async def language(folder: Path) -> dict[str, Figure]:
    """Intents, entities, severity, translation, loading, and cost against length."""
    sentences = sets.read(SETS / "intents_x.jsonl").intents
    reports = sets.read(SETS / "severity_x.jsonl").severities
    questions = [
        (Question(one.text, entities.find(one.text, **one.around), one.moment, one.services), one.language)
        for one in sets.read(SETS / "queries_dev_y.jsonl").queries
    ]
    figures = {
        "intent, p95": _p95(sentences, lambda one: classify(one.text)),
        "intent and entities, p95": _p95(sentences, lambda one: interpreter.understand(one.text, **one.around)),
        "severity, p95": _p95(reports, lambda one: propose(one.text)),
    }
    for wanted in Language:
        asked = [question for question, one in questions if one is wanted]
        figures[f"translation to {wanted}, p95"] = _p95(asked, lambda question, to=wanted: _translated(question, to))
    return {**figures, **_loading(folder), **_growth([one.text for one in sentences])}


def _p95(examples: Sequence[T], work: Callable[[T], object]) -> Figure:
    """Over the examples, each the best of several rounds: what else the machine does meanwhile is not meant."""
    rounds = [[_seconds(work, one) for one in examples] for _ in range(_ROUNDS)]
    return Figure(percentile([min(times) for times in zip(*rounds, strict=True)], 95), "ms")


def _seconds(work: Callable[[T], object], example: T) -> float:
    start = time.perf_counter()
    work(example)
    return time.perf_counter() - start


def _translated(question: Question, to: Language) -> None:
    try:
        translate(question, to)
    except UserInputError:
        return  # a refusal with its reason takes its time, too


def _loading(folder: Path) -> dict[str, Figure]:
    """The best of several new processes."""
    loads = [
        float(subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True).stdout)
        for _ in range(_LOADS)
    ]
    copilot = [Path(sys.executable).with_name("copilot"), "interpret", "--jsonl"]
    starts = [
        _seconds(lambda line: subprocess.run(copilot, cwd=folder, input=line, check=True, capture_output=True), _LINE)
        for _ in range(_LOADS)
    ]
    return {
        "loading of language with a first sentence, CPU": Figure(1000 * min(loads), "ms"),
        "copilot interpret, start to first answer": Figure(1000 * min(starts), "ms"),
    }


def _growth(texts: Sequence[str]) -> dict[str, Figure]:
    """What long messages cost: whole sentences of many people, one word over and over, no words at all, and names in quotes."""
    kinds = {
        "prose": " ".join(texts),
        "one word": "checkout " * LONG,
        "no words": "./:-_" * LONG,
        "quotes": 'errors of checkout with "timeout" ' * LONG,
    }
    understood = {f"understand {name}": _longer(text, interpreter.understand) for name, text in kinds.items()}
    translated = {
        f"translate {name} to {to}": _longer(text, lambda part, to=to: _translated(_question(part), to))
        for to in Language
        for name, text in kinds.items()
        if name in ("prose", "quotes")
    }
    return {f"{name}, {LONG:,} beside {SHORT:,} characters": one for name, one in {**understood, **translated}.items()}


def _longer(text: str, work: Callable[[str], object]) -> Figure:
    short, long = (min(_seconds(work, text[:size]) for _ in range(_ROUNDS)) for size in (SHORT, LONG))
    return Figure(1000 * long, "ms", 1000 * short, long / short)


def _question(text: str) -> Question:
    services = ("checkout", "payments")
    return Question(text, entities.find(text, services=services), datetime.now(UTC), services)
