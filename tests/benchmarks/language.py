"""How long understanding takes: on the sentences of the evaluation sets, one after the other on one core."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bot.evaluation import sets
from core.incidents.severity import propose
from core.nlp import interpreter
from core.nlp.classifier import classify
from tests.benchmarks.figures import Figure, percentile

SETS = Path("tests/evaluation")
SHORT, LONG = 1_000, 10_000
"""Characters."""
_ROUNDS = 3
"""The best one counts: what else the machine does meanwhile is not meant."""
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
    """Intents, entities, severity, loading, and long messages beside short ones."""
    sentences = sets.read(SETS / "intents_x.jsonl").intents
    reports = sets.read(SETS / "severity_x.jsonl").severities
    long = {
        "prose": " ".join(one.text for one in sentences),
        "one word": "checkout ",
        "no words": "./:-_",
        "numbers": "10:30 5% v1.2 ",
    }
    return {
        "intent, p95": at_best(sentences, lambda one: classify(one.text)),
        "intent and entities, p95": at_best(sentences, lambda one: interpreter.understand(one.text, **one.around)),
        "severity, p95": at_best(reports, lambda one: propose(one.text)),
        **_loading(folder),
        **{f"a long text of {name}": growth(text, str, interpreter.understand) for name, text in long.items()},
    }


def at_best(examples: Sequence[T], work: Callable[[T], object]) -> Figure:
    """The 95th percentile over the examples."""
    rounds = [[_seconds(work, one) for one in examples] for _ in range(_ROUNDS)]
    return Figure(percentile([min(times) for times in zip(*rounds, strict=True)], 95), "ms")


def growth(text: str, prepare: Callable[[str], T], work: Callable[[T], object]) -> Figure:
    """What 10,000 characters of a text cost beside 1,000 of them: about ten times as much, or less, where cost is linear."""
    whole = text * (LONG // len(text) + 1)
    costs = []
    for size in (SHORT, LONG):
        example = prepare(whole[:size])
        costs.append(1000 * min(_seconds(work, example) for _ in range(_ROUNDS)))
    return Figure(costs[1], "ms", costs[0], costs[1] / costs[0])


def _seconds(work: Callable[[T], object], example: T) -> float:
    start = time.perf_counter()
    work(example)
    return time.perf_counter() - start


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
