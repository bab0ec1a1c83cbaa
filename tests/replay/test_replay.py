"""Recorded histories must fold, now and in every later version: runs outlive the code that began them.

Each file holds a history as stored and what it adds up to. Files are never changed; a new kind of event gets a new file.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.ports.records import StoredEvent
from core.workflow.digests import digest
from core.workflow.engine import decide
from core.workflow.history import fold
from core.workflow.views import views

RECORDED = sorted(Path(__file__).parent.glob("*.json"))


def load(path: Path) -> tuple[list[StoredEvent], dict[str, Any]]:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    events = [
        StoredEvent(e["version"], e["kind"], datetime.fromisoformat(e["at"]), e["data"], e["traceparent"])
        for e in recorded["history"]
    ]
    return events, recorded["expected"]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_history_adds_up_to_what_it_did(path: Path) -> None:
    history, expected = load(path)
    run = fold(history)
    run_view, approval_views = views(run)
    assert run_view.status == expected["status"]
    assert {record.id: record.state.value for record in run.steps.values()} == expected["steps"]
    assert [(a.id, a.status, a.given) for a in approval_views] == [tuple(a) for a in expected["approvals"]]
    assert [type(command).__name__ for command in decide(run)] == expected["next"]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_plan_still_has_its_digest(path: Path) -> None:
    run = fold(load(path)[0])
    assert digest(run.definition, run.parameters) == run.digest


def test_every_file_is_a_history() -> None:
    assert {path.stem for path in RECORDED} >= {
        "approved", "asked_again", "cancelled", "changed", "denied", "failed", "interrupted", "waiting_for_repeat"
    }  # fmt: skip
