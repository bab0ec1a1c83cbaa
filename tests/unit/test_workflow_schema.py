"""The JSON Schema of workflow files: it is current, takes what the readers take, and refuses what an editor can know to be wrong."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli.main import app
from core.errors import DefinitionError
from core.workflow.reading import parse
from core.workflow.schema import schema
from core.workflow.source import Faults, Section, compose, to_scalar
from tests.json_schema import Value, faults
from tests.unit.test_definition import FULL
from tests.unit.test_workflow_layout import EVERYTHING
from tests.workflow_world import WORKFLOW, World

PUBLISHED = Path(__file__).parents[2] / "docs" / "workflow.schema.json"
LIBRARY = sorted((entry.name, entry.read_text()) for entry in (resources.files("core.workflow") / "library").iterdir())
ALL_KEYS = """
name: keys
version: 1.0.0
title: Every key that there is
description: More words.
roles: [ops]
on_failure: fail
time_limit: 6h
channel: slack:T0123/C0456
concurrency: {limit: 2, key: "${{ parameters.service }}"}
schedules:
  - {cron: "0 3 * * *", timezone: Europe/Berlin, parameters: {service: a}, overlap: skip, catch_up: last}
triggers:
  - event: webhook.release
    match: event.branch == "main"
    parameters: {service: "${{ event.service }}"}
    at_most: {runs: 3, per: 1h}
parameters:
  service: {type: string, required: true, pattern: "[a-z]+", description: which}
  size: {type: choice, choices: [s, l], default: s}
  token: {secret: true}
steps:
  - id: act
    type: action
    title: Act
    tool: test.act
    with: {service: "${{ parameters.service }}"}
    retries: {count: 2, backoff: 1s, longest: 1m, jitter: 20, on: [TIMEOUT]}
    time_limit: 5m
    compensate: {tool: test.act, with: {service: x}}
    on_failure: continue
  - id: gate
    type: approval
    when: {parameter: size, in: [l]}
    roles: [approver]
    needed: 1
    environments: {production: {roles: [lead], needed: 2}}
    expires_after: 1d
    escalate_to: admin
    escalate_after: 6h
    self_approval: false
    channel: approvals
    people: ["@dana"]
    groups: [slack:T0123/group:S0456]
    not_by: []
    deny_reason: required
    quiet_hours: 22:00-07:00 Europe/Berlin
  - id: which
    type: condition
    needs: [gate]
    when: parameters.size == "l"
    if: 'true'
    then: [{id: a, type: wait, for: 1m}]
    else: [{id: b, type: wait, until: "22:00", timezone: Europe/Berlin}]
  - {id: told, type: wait, event: alert.fired, match: 'event.x == "y"', time_limit: 1h}
  - id: looks
    type: wait
    time_limit: 1h
    check: {tool: test.check, with: {service: x}, holds: outputs.url != "", every: 10s}
  - id: both
    type: parallel
    join: any
    branches: {x: [{id: c, type: wait, for: 1m}], y: [{id: d, type: wait, for: 1m}]}
  - {id: each, type: loop, over: [a, b], at_once: 2, steps: [{id: e, type: wait, for: 1m}]}
  - {id: inner, type: workflow, workflow: ship, with: {service: x}}
"""


def plain(node: yaml.Node) -> Value:
    """The value of a file as an editor sees it: YAML 1.2, where `on` is a word."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    return [plain(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else to_scalar(node)


def wrong(text: str, made: dict[str, Any] | None = None) -> list[str]:
    node = compose(text, Faults("w.yaml"))
    assert node is not None
    made = made or schema(World().tools)
    return list(faults(plain(node), made, made))


def test_what_is_published_is_what_the_command_prints() -> None:
    """`copilot check --schema > docs/workflow.schema.json` brings it up to date."""
    assert CliRunner().invoke(app, ["check", "--schema"]).stdout == PUBLISHED.read_text()


@pytest.mark.parametrize(("name", "text"), LIBRARY)
def test_the_library_fits_what_is_published(name: str, text: str) -> None:
    assert wrong(text, json.loads(PUBLISHED.read_text())) == [], name


@pytest.mark.parametrize("text", [WORKFLOW, FULL, EVERYTHING, ALL_KEYS], ids=["workflow", "full", "everything", "keys"])
def test_what_the_readers_take_fits(text: str) -> None:
    parse(text, "w.yaml", World().tools, {"ship": WORKFLOW})
    assert wrong(text) == []


def test_the_readers_know_no_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key that a reader asks for, of any section of a file that has them all, is in the schema."""
    asked: dict[str, set[str]] = {}
    close = Section.close

    def noted(section: Section) -> None:
        asked.setdefault(section.what, set()).update(section._known)  # noqa: SLF001  # which keys a reader asks for is nobody else's business
        close(section)

    monkeypatch.setattr(Section, "close", noted)
    parse(ALL_KEYS, "w.yaml", World().tools, {"ship": WORKFLOW})
    made = schema(World().tools)
    kinds = {step["id"]: step["type"] for step in yaml.safe_load(ALL_KEYS)["steps"]}
    checked = {"workflow": made["properties"]}
    checked |= {f"step {id_}": made["definitions"][kind]["properties"] for id_, kind in kinds.items()}
    checked |= {kind: made["definitions"][kind]["properties"] for kind in ("schedule", "trigger")}
    checked["workflow: parameters: service"] = made["definitions"]["parameter"]["properties"]
    checked["workflow: concurrency"] = made["properties"]["concurrency"]["properties"]
    checked["step act: retries"] = made["definitions"]["action"]["properties"]["retries"]["properties"]
    checked["step looks: check"] = made["definitions"]["wait"]["properties"]["check"]["properties"]
    for what, properties in checked.items():
        assert asked[what] <= properties.keys(), what


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: keys\n", ""),
        ("name: keys", "name: Keys"),
        ("version: 1.0.0", "version: '1.0'"),
        ("title: Every key that there is\n", ""),
        ("on_failure: fail\n", "on_failure: stop\n"),
        ("time_limit: 6h", "time_limit: 6 hours"),
        ("time_limit: 6h", 'time_limit: ""'),
        ("limit: 2", "limit: 0"),
        ("overlap: skip", "overlap: wait"),
        ("catch_up: last", "catch_up: some"),
        ("event: webhook.release", "event: webhook."),
        ("event: webhook.release", "event: alert.fried"),
        ("runs: 3", "runs: many"),
        ("{type: choice,", "{type: option,"),
        ("tool: test.act\n", "tool: test.acts\n"),
        ("    tool: test.act\n", ""),
        ('with: {service: "${{ parameters.service }}"}', "with: {servce: x}"),
        ('with: {service: "${{ parameters.service }}"}\n', "\n"),
        ("jitter: 20", "jitter: 200"),
        ("on: [TIMEOUT]", "on: [TIMEOUTS]"),
        ("type: approval", "type: approve"),
        ("deny_reason: required", "deny_reason: maybe"),
        ("self_approval: false", "self_approval: 3"),
        ("for: 1m}]\n    else", "for: 1m, event: alert.fired}]\n    else"),
        ("for: 1m}]\n    else", "title: x}]\n    else"),
        ("branches: {x: [{id: c, type: wait, for: 1m}], y: [", "branches: {y: ["),
        ("at_once: 2", "at_once: 51"),
        ("join: any", "join: most"),
        ("holds: outputs", "hold: outputs"),
        ("workflow: ship", "workflw: ship"),
    ],
)  # fmt: skip
def test_what_an_editor_can_know_to_be_wrong_is_refused(before: str, after: str) -> None:
    broken = ALL_KEYS.replace(before, after, 1)
    assert broken != ALL_KEYS
    assert wrong(broken)


def test_a_check_tells_what_a_workflow_may_do_and_when(tmp_path: Path) -> None:
    text = WORKFLOW.replace("test.", "delivery.").replace("delivery.check", "delivery.undrain")
    text = text.replace("delivery.act", "delivery.undrain").replace("with: {service", "with: {host")
    file = tmp_path / "ship.yaml"
    file.write_text(
        text.replace("parameters:\n", 'schedules:\n  - {cron: "0 3 * * *", parameters: {service: a}}\nparameters:\n', 1)
    )
    result = CliRunner().invoke(app, ["check", str(file)])
    assert "ship 1.0.0: Ship it\n  3 steps, risk write\n  gate: 2 of approver\n" in result.stdout, result.output
    assert "0 3 * * *" in result.stdout


def test_a_check_names_file_line_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "ship.yaml"
    file.write_text("name: ship\nversion: 1\ntitle: S\nsteps: []\n")
    broken = CliRunner().invoke(app, ["check", str(tmp_path)]).exception
    assert isinstance(broken, DefinitionError)
    assert f"{file}:2: " in broken.message
