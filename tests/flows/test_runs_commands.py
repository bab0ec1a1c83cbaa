"""`copilot runs`, as a person or a program runs it, on records that a bot has left."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from bot.cli.main import app
from core.errors import BotError, ConflictError, Failure, NotFoundError, UserInputError
from core.ports.records import Transaction
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.run import Run
from core.workflow.signals import Means, Origin, append, load
from storage.engine import open_records
from storage.tables import runs
from storage.unit import SqlTransaction
from tests.contract.builders import NOW
from tests.fake_records import FakeIds
from tests.flows.process import write_settings
from tests.workflow_world import ALICE, PLACE, REQUESTER, World

READER = CliRunner()
FAILED, WAITING = "RUN-000001", "RUN-000002"


def origin(minutes: float) -> Origin:
    return Origin(NOW + timedelta(minutes=minutes), PLACE, "trace-1")


def fill(tx: Transaction) -> None:
    """A run that failed at its last step, and one that waits for approvals."""
    world, means = World(), Means(FakeIds())

    def begun(minutes: float, **parameters: str) -> Run:
        done = service.start(tx, means, world.definition, parameters, REQUESTER, origin=origin(minutes))
        assert isinstance(done, service.Done)
        return append(tx, means, done.run, [], origin=origin(minutes + 1), item="w1")

    broken = begun(0, service="checkout", environment="staging", note="none")
    events = [ev.StepCompleted("check"), ev.StepStarted("act", 1, "k/1", "w1")]
    broken = append(tx, means, broken, events, origin=origin(2))
    failure = ev.StepFailed("act", Failure("DEPENDENCY_FAILURE", "The service said [no]."))
    append(tx, means, broken, [failure], origin=origin(3))
    begun_later = begun(60, service="billing", environment="production", note="none")
    waits = append(tx, means, begun_later, [ev.StepCompleted("check")], origin=origin(62))
    service.decide_approval(tx, means, next(iter(waits.approvals)), ALICE, Verdict.APPROVE, origin=origin(63))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings whose database has two runs."""
    work(tmp_path, fill)
    return write_settings(tmp_path / "copilot.toml", {"database_url": f"sqlite:///{tmp_path / 'records.db'}"})


def work(folder: Path, unit: Callable[[SqlTransaction], object]) -> None:
    async def write() -> None:
        async with open_records(f"sqlite:///{folder / 'records.db'}") as records:
            await records.write(unit)

    asyncio.run(write())


def run(config: Path, *arguments: str | Path) -> Result:
    result = READER.invoke(app, ["runs", *map(str, arguments), "--config", str(config)])
    if isinstance(result.exception, BotError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), [WAITING, FAILED]),
        (("--status", "failed"), [FAILED]),
        (("--status", "failed", "--status", "waiting"), [WAITING, FAILED]),
        (("--workflow", "ship", "--limit", "1"), [WAITING]),
        (("--workflow", "shop"), []),
        (("--since", (NOW + timedelta(minutes=30)).isoformat()), [WAITING]),
    ],
)
def test_runs_are_listed_by_status_workflow_and_time(
    config: Path, filters: tuple[str, ...], expected: list[str]
) -> None:
    assert [row["id"] for row in rows(run(config, "list", *filters, "--json"))] == expected
    shown = run(config, "list", *filters).stdout
    assert all((id_ in shown) == (id_ in expected) for id_ in (FAILED, WAITING))


def test_a_status_that_there_is_not_is_told_with_those_there_are(config: Path) -> None:
    with pytest.raises(UserInputError) as caught:
        run(config, "list", "--status", "faild")
    assert "did you mean failed?" in caught.value.hint


def test_a_run_is_shown_with_its_steps_approvals_and_failure(config: Path) -> None:
    shown = run(config, "show", FAILED.lower()).stdout
    assert "Ship it (ship 1.0.0): failed" in shown
    assert "Failed: The service said [no]." in shown
    assert "APR-" in run(config, "show", WAITING).stdout
    (row,) = rows(run(config, "show", FAILED, "--json"))
    assert row["failure"] == "The service said [no]."
    assert {step["id"]: step["state"] for step in row["steps"]} == {  # type: ignore[attr-defined]
        "check": "done", "gate": "skipped", "act": "failed"
    }  # fmt: skip


def test_a_replay_tells_what_each_event_did_and_that_the_lists_agree(config: Path) -> None:
    result = run(config, "replay", WAITING)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [str(number) for number in range(1, len(lines) - 1)]
    assert "approval.requested" in lines[4]
    assert "gate waiting" in lines[4]
    assert "run waiting" in lines[4]
    assert lines[-1] == "Lists and cards say what the history adds up to."


def test_a_replay_stops_where_it_is_told_to(config: Path) -> None:
    lines = run(config, "replay", WAITING, "--until", "2").stdout.splitlines()
    assert len(lines) == 4
    assert lines[-1] == "3 more events follow."


def test_a_replay_finds_a_list_that_says_something_else(config: Path) -> None:
    work(config.parent, lambda tx: tx.connection.execute(sa.update(runs).values(status="completed")))
    result = run(config, "replay", WAITING)
    assert result.exit_code == 1
    assert f"DIFFERENT: {WAITING} status is 'completed'; by the history it is 'waiting'." in result.stdout


def test_all_runs_are_exported_with_histories_that_fold(config: Path) -> None:
    output = config.parent / "runs.jsonl"
    assert "2 runs exported." in run(config, "export", "--all", "-o", output).stderr
    exported = [json.loads(line) for line in output.read_text().splitlines()]
    assert [one["run"]["id"] for one in exported] == [WAITING, FAILED]
    assert [event["version"] for event in exported[0]["history"]] == [1, 2, 3, 4, 5]
    assert [one["given"] for one in exported[0]["approvals"]] == [1]
    (alone,) = rows(run(config, "export", FAILED))
    assert alone == exported[1]


@pytest.mark.parametrize("arguments", [(), (FAILED, "--all")])
def test_an_export_wants_one_run_or_all(config: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UserInputError):
        run(config, "export", *arguments)


@pytest.mark.parametrize(
    ("verb", "run_id", "status", "action"),
    [
        ("pause", WAITING, "paused", "run.pause"),
        ("cancel", WAITING, "cancelled", "run.cancel"),
        ("retry", FAILED, "running", "run.reopen"),
        ("skip", FAILED, "completed", "run.reopen"),
    ],
)
def test_a_run_is_steered_on_behalf_of_the_operator(
    config: Path, verb: str, run_id: str, status: str, action: str
) -> None:
    assert f"It is {status}." in run(config, verb, run_id.lower(), "--reason", "the boss said so").stdout

    def check(tx: SqlTransaction) -> None:
        after = load(tx, run_id)
        assert after is not None
        assert after.status.value == status
        row = tx.audit.find(action=action, limit=1)[0]
        assert row.actor.startswith("console:local/")
        assert (row.target, row.outcome, row.reason) == (run_id, "done", "the boss said so")
        assert tx.outbox.lanes(now=NOW + timedelta(days=999), limit=9), "the card in the channel follows"

    work(config.parent, check)


def test_a_paused_run_goes_on(config: Path) -> None:
    run(config, "pause", WAITING)
    assert "goes on. It is waiting." in run(config, "resume", WAITING).stdout


def test_what_cannot_be_done_is_told_with_the_reason(config: Path) -> None:
    with pytest.raises(ConflictError, match="failed, was stopped or ran out of time"):
        run(config, "retry", WAITING)
    with pytest.raises(ConflictError, match="not paused"):
        run(config, "resume", WAITING)
    with pytest.raises(ConflictError, match="undone"):
        run(config, "rollback", FAILED)
    for verb in ("show", "replay", "export", "pause"):
        with pytest.raises(NotFoundError):
            run(config, verb, "RUN-ZZZZZZ")


@pytest.mark.parametrize(
    ("name", "title"), [("deploy", "Deploy a service"), (WAITING, f"Ship it ({WAITING}): waiting")]
)
def test_a_workflow_and_a_run_are_drawn(config: Path, name: str, title: str) -> None:
    for kind, begins in ((".svg", b"<?xml"), (".png", b"\x89PNG")):
        output = config.parent / f"graph{kind}"
        result = READER.invoke(app, ["graph", name, "-o", str(output), "--config", str(config)])
        assert title in result.stdout
        assert output.read_bytes().startswith(begins)


def test_a_graph_that_cannot_be_drawn_is_told(config: Path) -> None:
    for arguments, error in ((("deploy", "-o", "x.gif"), UserInputError), (("deplay",), NotFoundError)):
        result = READER.invoke(app, ["graph", *arguments, "--config", str(config)])
        assert isinstance(result.exception, error)
