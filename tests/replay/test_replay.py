"""Recorded histories must fold, now and in every later version: runs outlive the code that began them.

Each file holds a history as stored and what it adds up to. Files are never changed; a new kind of event gets a new file, by a
scenario in `scenarios.py`.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.ports.records import StoredEvent
from core.workflow.digests import digest
from core.workflow.engine import decide
from core.workflow.events import KINDS
from core.workflow.history import fold
from core.workflow.views import views
from tests.replay.scenarios import HERE, SCENARIOS, recorded

RECORDED = sorted(HERE.glob("*.json"))


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


def test_every_kind_of_event_is_in_a_recorded_history() -> None:
    """When one is missing: add it to a scenario of its own, and run `python -m tests.replay.scenarios`."""
    assert {event.kind for path in RECORDED for event in load(path)[0]} == KINDS


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_still_ends_as_it_did_when_it_was_recorded(name: str) -> None:
    assert (await recorded(SCENARIOS[name]))["expected"]["status"] == load(HERE / f"{name}.json")[1]["status"]
