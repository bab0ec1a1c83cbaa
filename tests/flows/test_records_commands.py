"""`copilot audit`, `backup`, `restore` and `forget`, as a person or a program runs them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from bot.cli.audit import moment
from bot.cli.main import app
from core.errors import BotError, ConflictError, NotFoundError, UserInputError
from storage.engine import open_records
from storage.tables import audit
from tests.contract.builders import NOW
from tests.contract.test_backup import contents as values
from tests.contract.test_erasure import LEE, SAM, SAM_ELSEWHERE, TRACES, contents, fill
from tests.flows.process import write_settings

READER = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings whose database has one of everything, three of four audit records sealed."""
    url = f"sqlite:///{tmp_path / 'records.db'}"

    async def make() -> None:
        async with open_records(url) as records:
            await records.write(fill)
            await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=3))

    asyncio.run(make())
    same = [[str(SAM), str(SAM_ELSEWHERE)]]
    return write_settings(tmp_path / "copilot.toml", {"database_url": url, "same_person": same})


def change(config: Path, statement: sa.Executable) -> None:
    async def work() -> None:
        async with open_records(f"sqlite:///{config.parent / 'records.db'}") as records:
            await records.write(lambda tx: tx.connection.execute(statement))

    asyncio.run(work())


def stored(config: Path) -> dict[str, str]:
    async def work() -> dict[str, str]:
        async with open_records(f"sqlite:///{config.parent / 'records.db'}") as records:
            return await contents(records)

    return asyncio.run(work())


def run(config: Path, *arguments: str | Path, answer: str = "") -> Result:
    result = READER.invoke(app, [*map(str, arguments), "--config", str(config)], input=answer)
    if isinstance(result.exception, BotError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_a_sound_chain_is_told_with_its_head_and_tail(config: Path) -> None:
    result = run(config, "audit", "verify")
    assert result.exit_code == 0
    assert "3 records sealed and sound. The head is seal 3: " in result.stdout
    assert "1 record not sealed yet" in result.stdout


def test_a_broken_chain_names_the_first_bad_record_and_ends_with_1(config: Path) -> None:
    change(config, sa.update(audit).where(audit.c.id == 2).values(outcome="refused"))
    result = run(config, "audit", "verify")
    assert result.exit_code == 1
    assert "BROKEN: record 2 (seal 2) is changed" in result.stdout


def test_a_head_that_was_kept_elsewhere_shows_a_chain_computed_anew(config: Path) -> None:
    head = run(config, "audit", "export", "-o", config.parent / "out.jsonl").stderr.split()[-1]
    assert run(config, "audit", "verify", "--head", head).exit_code == 0
    assert len((config.parent / "out.jsonl").read_text().splitlines()) == 4
    result = run(config, "audit", "verify", "--head", "f" * 64)
    assert result.exit_code == 1
    assert "no seal has the hash" in result.stdout
    with pytest.raises(UserInputError, match="exists already"):
        run(config, "audit", "export", "-o", config.parent / "out.jsonl")


def test_an_export_has_every_record_with_its_seal(config: Path) -> None:
    lines = [json.loads(line) for line in run(config, "audit", "export").stdout.splitlines()]
    assert [line["record"]["action"] for line in lines] == ["run.cancel", "role.grant", "channel.set", "run.start"]
    assert [line["seal"] and line["seal"]["number"] for line in lines] == [1, 2, 3, None]
    assert lines[1]["seal"]["previous"] == lines[0]["seal"]["hash"]
    assert run(config, "audit", "export", "--since", (NOW + timedelta(1)).isoformat()).stdout == ""


def test_records_are_found_for_people_and_programs(config: Path) -> None:
    found = run(config, "audit", "search", "--json", "--actor", str(LEE), "--outcome", "done").stdout.splitlines()
    assert [json.loads(line)["target"] for line in found] == ["RUN-2", str(SAM)]
    assert "role.grant" in run(config, "audit", "search", "--text", "HE ASKED").stdout
    assert "--limit" in run(config, "audit", "search", "--limit", "1").stdout
    assert "No record matches" in run(config, "audit", "search", "--target", "nothing").stdout
    assert run(config, "audit", "search", "--until", "2020-01-01", "--json").stdout == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_times_are_read(text: str, found: datetime | None) -> None:
    assert moment(text, now=NOW) == found


def test_what_is_no_time_is_told_with_examples() -> None:
    with pytest.raises(UserInputError, match="yesterday") as refused:
        moment("yesterday", now=NOW)
    assert "24h" in refused.value.hint


@pytest.mark.parametrize("name", ["b.gz", "b.db"])
def test_a_backup_comes_back(config: Path, name: str) -> None:
    url = f"sqlite:///{config.parent / 'records.db'}"
    before = asyncio.run(values(url))
    made = run(config, "backup", config.parent / name)
    assert "4 audit" in made.stdout
    change(config, sa.delete(audit))
    with pytest.raises(ConflictError):
        run(config, "restore", config.parent / name)
    with pytest.raises(UserInputError, match="Nothing was restored"):
        run(config, "restore", config.parent / name, "--replace", answer="n\n")
    result = run(config, "restore", config.parent / name, "--replace", "--yes")
    assert "3 records sealed and sound" in result.stdout
    assert "1 record not sealed yet" in result.stdout
    after = asyncio.run(values(url))
    assert "records.restore" in after["audit"].pop()
    assert after == before


def test_forgetting_asks_first_and_then_leaves_nothing(config: Path) -> None:
    before = stored(config)
    dry = run(config, "forget", SAM, "--dry-run")
    assert str(SAM_ELSEWHERE) in dry.stdout
    assert "Nothing was erased" in dry.stdout
    with pytest.raises(UserInputError, match="Nothing was erased"):
        run(config, "forget", SAM, answer="n\n")
    assert stored(config) == before
    done = run(config, "forget", SAM, "--yes")
    assert "The records say erased-" in done.stdout
    left = "".join(stored(config).values()).replace("slack:msg:T1:D777:1.2", "")
    assert [trace for trace in TRACES if trace in left] == []
    assert run(config, "audit", "verify").exit_code == 0
    with pytest.raises(NotFoundError):
        run(config, "forget", SAM, "--yes")


def test_nothing_of_the_person_is_left_in_the_file(config: Path) -> None:
    run(config, "forget", SAM, "--yes")
    files = [path.read_bytes() for path in config.parent.iterdir() if path.name.startswith("records.db")]
    assert not [trace for trace in ("UERASEME", "my secret holiday") if any(trace.encode() in data for data in files)]


def test_an_account_must_be_written_whole(config: Path) -> None:
    with pytest.raises(UserInputError, match="no account") as refused:
        run(config, "forget", "dana")
    assert "platform:workspace/ID" in refused.value.hint


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    config = write_settings(tmp_path / "copilot.toml", {"database_url": f"sqlite:///{tmp_path / 'none.db'}"})
    for command in (["audit", "verify"], ["audit", "search"], ["audit", "export"], ["forget", str(SAM)]):
        with pytest.raises(NotFoundError, match="no database"):
            run(config, *command)
    assert [path.name for path in tmp_path.iterdir()] == ["copilot.toml"]
