"""`copilot interpret`, `translate` and `eval` as other programs use them: real processes, in a folder where nothing is set up."""

import json
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.cli.lines import answered
from bot.sentences import Conversation, Sentence
from core.errors import UserInputError
from core.nlp.interpretation import Intent

COPILOT = Path(sys.executable).with_name("copilot")
NOW = "2026-03-11T14:20:00Z"


def run(folder: Path, *arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COPILOT, *arguments], cwd=folder, input=given, capture_output=True, check=False, env={"LC_ALL": "C"}
    )


def answers(folder: Path, *arguments: str, given: list[object | bytes]) -> list[dict[str, Any]]:
    """What a command writes for these lines; objects are written as JSON, bytes as they are."""
    lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in given]
    done = run(folder, *arguments, "--jsonl", given=b"\n".join(lines) + b"\n")
    assert done.stderr == b""
    assert done.returncode == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_interpret_answers_each_line_in_order(tmp_path: Path) -> None:
    """A sentence, rubbish, a report, a bad zone, a long text of odd characters, bytes that are no text."""
    asked = {
        "id": 1,
        "text": "p99 latency of chekout since lunch",
        "now": NOW,
        "timezone": "Europe/Berlin",
        "services": ["checkout"],
    }
    given: list[object | bytes] = [
        asked,
        b"nonsense",
        {"text": "payments is down, open a sev1", "severity": "left from before"},
        {"id": "zone", "text": "x", "timezone": "Mars/Base"},
        {"id": "long", "text": "\ud800 ümläut 🚒 \u202e\0" * 10_000},
        b'{"text": "\xff"}',
    ]  # fmt: skip
    sentence, rubbish, report, zone, long, no_text = answers(tmp_path, "interpret", given=given)
    assert sentence.items() >= asked.items()
    assert sentence["intent"] == "metric_query"
    assert 0 < sentence["confidence"] <= 1
    assert "severity" not in sentence
    since = {
        "type": "time_range",
        "text": "since lunch",
        "value": f"2026-03-11T11:00:00Z/{NOW}",
        "start": 23,
        "end": 34,
    }
    assert since in sentence["entities"]
    assert {"type": "service", "text": "chekout", "value": "checkout", "start": 15, "end": 22} in sentence["entities"]
    assert rubbish.keys() == no_text.keys() == {"error"}
    assert (report["intent"], report["severity"]) == ("incident_create", "sev1")
    assert zone["id"] == "zone"
    assert "Mars/Base" in zone["error"]
    assert long["id"] == "long"
    assert long["intent"] in set(Intent)
    assert list(tmp_path.iterdir()) == []


def test_interpret_resolves_a_conversation(tmp_path: Path) -> None:
    turns = [
        {"text": "error rate of checkout in production over the last hour"},
        {"text": "and payments?", "reply": None},
        {"text": "open a sev2 for it", "reply": "Created INC-512."},
        {"text": "close it"},
    ]
    asked = {"id": "c1", "turns": turns, "now": NOW, "services": ["checkout", "payments"]}
    (found,) = answers(tmp_path, "interpret", given=[asked])
    assert found["id"] == "c1"
    assert [turn["text"] for turn in found["turns"]] == [turn["text"] for turn in turns]
    assert found["turns"][1]["intent"] == "metric_query"
    assert found["turns"][1]["resolved"] == {
        "service": "payments",
        "metric": "error_rate",
        "time_range": "1h",
        "incident_id": None,
        "workflow": None,
        "environment": "production",
    }
    assert found["turns"][3]["intent"] == "incident_resolve"
    assert found["turns"][3]["resolved"]["incident_id"] == "INC-512"


def test_translate_gives_a_query_or_the_reason(tmp_path: Path) -> None:
    given: list[object | bytes] = [
        {"text": "request rate of checkout", "language": "promql", "services": ["checkout"]},
        {"text": "error lines of checkout", "language": "logql", "services": ["checkout"]},
        {"text": "traces of checkout over 2s", "language": "traceql", "services": ["checkout"]},
        {"text": "how many incidents were opened", "language": "sql"},
        {"id": 5, "text": "hm", "language": "promql", "query": "left from before"},
        {"id": 6, "text": "p99", "language": "klingon"},
        {"id": 7, "text": "p99"},
    ]
    *queries, unclear, unknown, missing = answers(tmp_path, "translate", given=given)
    assert queries[0]["query"] == 'sum(rate(http_requests_total{service="checkout"}[5m]))'
    assert queries[1]["query"].startswith('{service="checkout"}')
    assert 'resource.service.name = "checkout"' in queries[2]["query"]
    assert queries[3]["query"].startswith("SELECT COUNT(*)")
    assert unclear["id"] == 5
    assert "which metric" in unclear["error"]
    assert "query" not in unclear
    assert "promql" in unknown["error"]
    assert missing["error"] == "language is missing"


def test_an_answer_comes_before_the_next_line_is_asked(tmp_path: Path) -> None:
    with subprocess.Popen(
        [COPILOT, "interpret", "--jsonl"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(2):
            process.stdin.write(json.dumps({"id": number, "text": "is checkout ok?"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("command", ["interpret", "translate"])
def test_no_lines_give_no_lines(tmp_path: Path, command: str) -> None:
    assert answers(tmp_path, command, given=[])[1:] == []
    done = run(tmp_path, command, "--jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_people_are_shown_what_is_understood(tmp_path: Path) -> None:
    shown = run(tmp_path, "interpret", "--service", "checkout", "p99", "latency", "of", "chekout")
    assert b"metric_query" in shown.stdout
    assert b"checkout" in shown.stdout
    query = run(tmp_path, "translate", "--language", "logql", "error lines of checkout", "-s", "checkout")
    assert b'{service="checkout"}' in query.stdout
    nothing = run(tmp_path, "interpret")
    assert (nothing.returncode, nothing.stdout) == (2, b"")
    assert b"--jsonl" in nothing.stderr


def test_the_gate_names_what_fell(tmp_path: Path) -> None:
    """A figure under its floor ends the command with 1; outputs are written all the same."""
    row = {"text": "show me the error logs of checkout", "intent": "log_query"}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), encoding="utf-8")
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"set.jsonl": {"at_least": {"intent.accuracy": 1}}}), encoding="utf-8")
    held = run(tmp_path, "eval", "--quiet", "--floor", floors)
    assert (held.returncode, held.stdout, held.stderr) == (0, b"", b"")
    floors.write_text(json.dumps({"set.jsonl": {"at_most": {"intent.accuracy": 0.5}}}), encoding="utf-8")
    fell = run(tmp_path, "eval", "--floor", floors, "--json", "out.json", "--report", "out.md", "--plot", "out.png")
    assert fell.returncode == 1
    assert b"set.jsonl: intent.accuracy is 1.000, over its ceiling of 0.5" in fell.stderr
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["sets"]
    report = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert report.startswith(fell.stdout.decode())
    assert "(out.png)" in report
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert run(tmp_path, "eval").returncode == 2


def test_help_shows_the_fields() -> None:
    shown = run(Path.cwd(), "interpret", "--help").stdout.decode()
    assert "--jsonl" in shown
    assert '"turns"' in shown


NO_OBJECTS = [
    (b"", "is empty"),
    (b"  \r\n", "is empty"),
    (b"nonsense", "no JSON"),
    (b"[1]", "an array"),
    (b"null", "null"),
    (b'"text"', "a string"),
    (b"true", "a boolean"),
    (b"12", "a number"),
    (b'{"text": NaN}', "NaN"),
    (b'{"text": -Infinity}', "-Infinity"),
    (b'{"text": 1e999}', "1e999"),
    (b'{"text": "\xff"}', "no JSON"),
    (b'{"text": ' + b"9" * 5_000 + b"}", "no JSON"),
    *((b'{"a": ' + b"[" * depth + b"]" * depth + b"}", "too deep") for depth in (1_000, 100_000)),
]


@pytest.mark.parametrize(("line", "reason"), NO_OBJECTS)
def test_what_is_no_object_is_an_error_on_its_line(line: bytes, reason: str) -> None:
    found = json.loads(answered(line, lambda row: row, ()))
    assert found.keys() == {"error"}
    assert reason in found["error"]


@pytest.mark.parametrize("depth", range(900, 1_000, 7))
def test_whatever_is_read_can_be_written(depth: int) -> None:
    line = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
    assert json.loads(answered(line, lambda _: {"b": 1}, ())).keys() in ({"a", "b"}, {"error"})


def test_a_mistake_of_ours_costs_one_line() -> None:
    def broken(row: dict[str, Any]) -> dict[str, Any]:
        raise KeyError(row["id"])

    assert "KeyError" in json.loads(answered(b'{"id": 3}', broken, ()))["error"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "text is missing"),
        ({"text": None}, "text is missing"),
        ({"text": 5}, "text: expected a valid string"),
        ({"text": "x", "now": "noon"}, "now: expected a valid datetime"),
        ({"text": "x", "services": "checkout"}, "services: expected a valid tuple"),
        ({"text": "x", "services": ["a", 1]}, "services.1: expected a valid string"),
        ({"text": "x", "timezone": ""}, "'' is no time zone"),
        ({"text": "x", "timezone": "../etc/passwd"}, "is no time zone"),
        ({"text": "x", "timezone": "Europe"}, "is no time zone"),
    ],
)
def test_wrong_values_are_named(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserInputError) as refused:
        Sentence.of(row)
    assert reason in refused.value.message


def test_null_counts_as_left_out() -> None:
    assert Sentence.of({"text": "x", "timezone": None, "services": None}).services == ()


@pytest.mark.parametrize("turns", ["x", [1], [{"reply": "x"}], [{"text": "x", "reply": 1}], {"text": "x"}])
def test_a_conversation_has_turns_with_text(turns: object) -> None:
    with pytest.raises(UserInputError, match="turns"):
        Conversation.of({"turns": turns})


@pytest.mark.parametrize(
    ("now", "zone", "utc"),
    [
        (NOW, "Europe/Berlin", "2026-03-11T14:20:00+00:00"),
        ("2026-03-11T14:20:00+05:30", "UTC", "2026-03-11T08:50:00+00:00"),
        ("2026-03-11T14:20:00", "Europe/Berlin", "2026-03-11T13:20:00+00:00"),
    ],
)
def test_a_time_without_offset_is_the_persons(now: str, zone: str, utc: str) -> None:
    found = Sentence.of({"text": "", "now": now, "timezone": zone}).moment
    assert found.astimezone(UTC).isoformat() == utc
