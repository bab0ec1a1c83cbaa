"""The severity model: what it was made from. How good it is on strangers, `tests/evaluation` tells."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.incidents.severity.model import ARTEFACT, CLASSES
from training import severity as training

EVALUATION = sorted((Path(__file__).parents[1] / "evaluation").glob("severity_*.jsonl"))
HANDS = sorted(training.REPORTS.glob("*.jsonl"))


def reports(path: Path) -> list[tuple[str, str]]:
    """Text and severity of each line."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [(line["text"], line["severity"]) for line in lines]


def test_the_artefact_was_made_from_these_reports_and_this_code() -> None:
    with np.load(ARTEFACT, allow_pickle=False) as arrays:
        made_from = arrays["sources"].tobytes().decode()
    assert made_from == training.sources(), "run `python -m training.severity` and commit the artefact"


def test_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    few = training.hands()["orders"][::4]
    digests = {training.save(training.train(few), tmp_path / f"{n}.npz") for n in range(2)}
    assert len(digests) == 1


@pytest.mark.parametrize("path", HANDS, ids=lambda path: path.stem)
def test_a_hand_grades_by_the_rubric_and_repeats_nothing(path: Path) -> None:
    graded = reports(path)
    assert {severity for _, severity in graded} == set(CLASSES)
    assert max(Counter(text.casefold() for text, _ in graded).values()) == 1


def test_nothing_is_learnt_from_evaluation_sets() -> None:
    learnt = {text.casefold() for path in HANDS for text, _ in reports(path)}
    assert learnt.isdisjoint(text.casefold() for path in EVALUATION for text, _ in reports(path))
