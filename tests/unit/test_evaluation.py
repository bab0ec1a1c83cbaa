"""Evaluation sets, floors and reports; and when two queries are one."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.evaluation import floors, queries, report, sets
from bot.evaluation.floors import Bounds
from bot.evaluation.judging import Section, Table, judge
from bot.evaluation.metrics import Bin
from bot.evaluation.reliability import draw
from bot.sentences import Request
from core.errors import DefinitionError, UserInputError
from core.query.translation import Language, QueryRefused

NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)


def written(path: Path, *rows: object) -> Path:
    """A file of these lines; what is text is a line as it stands."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


TURN = {"text": "errors in checkout", "intent": "log_query", "resolved": {"service": "checkout", "metric": None}}
ROWS = [
    ({"text": "p99 of checkout", "intent": "metric_query"}, {"intents"}),
    ({"text": "p99", "entities": [{"type": "aggregation", "text": "p99", "value": "p99"}]}, {"entities"}),
    ({"text": "all is lost", "severity": "sev1"}, {"severities"}),
    ({"text": "lol", "intent": "unknown", "entities": [], "severity": None}, {"intents", "entities"}),
    ({"id": "y1", "services": ["checkout"], "turns": [TURN]}, {"dialogues"}),
    ({"text": "p99", "language": "promql", "query": "up"}, {"queries"}),
]


@pytest.mark.parametrize(("row", "judges"), ROWS)
def test_fields_tell_what_a_line_judges(tmp_path: Path, row: dict[str, object], judges: set[str]) -> None:
    found = sets.read(written(tmp_path / "set.jsonl", row))
    kinds = ("intents", "entities", "severities", "dialogues", "queries")
    assert {kind for kind in kinds if getattr(found, kind)} == judges


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path / "set.jsonl",
        {"text": "fine", "intent": "unknown"},
        "nonsense",
        {"text": "x", "intent": "metrics"},
        {"text": "x"},
        {"turns": [{"text": "x", "intent": "unknown", "resolved": {"place": "here"}}]},
    )
    with pytest.raises(DefinitionError) as refused:
        sets.read(path)
    assert [problem.line for problem in refused.value.problems] == [2, 3, 4, 5]
    assert "nothing to judge by" in refused.value.problems[2].reason


def test_an_empty_or_missing_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="is empty"):
        sets.read(written(tmp_path / "set.jsonl"))
    with pytest.raises(UserInputError, match="Cannot read"):
        sets.read(tmp_path / "none.jsonl")


def test_every_kind_is_judged(tmp_path: Path) -> None:
    """The sentences are so plain that whoever misreads them is broken."""
    found = sets.read(
        written(
            tmp_path / "set.jsonl",
            {"text": "show me the error logs of checkout", "intent": "log_query", "services": ["checkout"],
             "entities": [{"type": "service", "value": "checkout"}]},
            {"text": "all customers are down, total outage", "severity": "sev1"},
            {"services": ["checkout"], "turns": [TURN, {**TURN, "text": "and the last hour?",
             "resolved": {"service": "checkout", "time_range": "1h"}}]},
            {"text": "request rate of checkout", "services": ["checkout"], "language": "promql",
             "query": 'sum(rate(http_requests_total{service = "checkout"}[5m]))'},
            {"text": "hm", "language": "promql", "query": "up"},
        )
    )  # fmt: skip
    values = report.figures(list(judge(found)))
    assert values["intent.accuracy"] == 1
    assert values["entity.f1"] == 1
    assert values["severity.accuracy"] == 1
    assert values["dialogue.slots"] == values["dialogue.carried"] == 1
    assert (values["query.exact"], values["query.parsable"], values["query.refused"]) == (0.5, 1, 0.5)


SAME = [
    ("promql", 'sum by (a, b) (rate(x{c="1",d="2"}[60m]))', 'sum by(b,a)(rate( x{d="2", c="1"}[1h] ))', True),
    ("promql", "sum(x)", "avg(x)", False),
    ("promql", 'x{a="1"}', 'x{a="2"}', False),
    ("logql", '{a="1", b="2"} |= "x" != "y"', '{b="2",a="1"} != "y" |= "x"', True),
    ("logql", '{a="1"} | json | status >= 500 | duration > 1s', '{a="1"} | json | duration > 1000ms | status >= 500', True),
    ("logql", '{a="1"} | json | status >= 500', '{a="1"} | logfmt | status >= 500', False),
    ("logql", 'sum by (a, b) (count_over_time({x="1"}[60m]))', 'sum by (b, a) (count_over_time({x="1"}[1h]))', True),
    ("traceql", "{ status = error && duration > 2s }", "{ duration > 2000ms && status = error }", True),
    ("traceql", "{ status = error && (duration > 2s && kind = server) }", "{ (kind = server && status = error) && duration > 2s }", True),
    ("traceql", "{ status = error && duration > 2s }", "{ status = error || duration > 2s }", False),
    ("traceql", "{ name = `a` } >> { name = `b` }", "{ name = `b` } >> { name = `a` }", False),
    ("logql", '{a="b"} |~ "(?i)(warn|error)"', '{a="b"} |~ "(?i)error|warn"', True),
    ("logql", '{a="b"} !~ "x|y"', '{a="b"} != "y" != "x"', True),
    ("logql", '{a="b"} !~ "(?i)x|y"', '{a="b"} != "y" != "x"', False),
    ("logql", '{a="b"} |~ "x|y"', '{a="b"} |= "x" |= "y"', False),
    ("logql", '{a="b"} |~ "connection (refused|reset)"', '{a="b"} |~ "connection reset|connection refused"', True),
    ("logql", '{a="b"} |~ "attempt=[345]"', '{a="b"} |~ "attempt=3|attempt=4|attempt=5"', True),
    ("logql", '{a="b"} |~ "attempt=[3-5]"', '{a="b"} |~ "attempt=3|attempt=5"', False),
    ("logql", '{a="b"} | json | status=~"401|403"', '{a="b"} | json | status = 403 or status = 401', True),
    ("logql", '{a="b"} | json | status="401"', '{a="b"} | json | status = 401', True),
    ("logql", '{a="b"} | json | size="401"', '{a="b"} | json | size = 401', False),
    ("logql", '{a="b"} | json | status >= 400 | status <= 499', '{a="b"} | json | status >= 400 and status < 500', True),
    ("logql", '{a="b"} | json | status=~"401|403"', '{a="b"} | json | status = 401 | status = 403', False),
    ("logql", '{a="b"} | json | level=~"warn|error"', '{a="b"} | json | level="error" or level="warn"', True),
    ("logql", '{a="b"} | json | level!~"debug|info"', '{a="b"} | json | level!="info" | level!="debug"', True),
    ("logql", '{a="b"} | json | level=~"warn|error"', '{a="b"} | json | level="error" or tier="warn"', False),
    ("sql", "SELECT COUNT(*) FROM incidents WHERE severity = 'sev1' LIMIT 100", "select count(id) as n from incidents where severity in ('sev1')", True),
    ("sql", "SELECT COUNT(*) FROM incidents WHERE severity = 'sev1'", "SELECT COUNT(*) FROM incidents WHERE severity = 'sev2'", False),
    ("sql", "SELECT id, title FROM incidents WHERE resolved_at IS NULL", "SELECT * FROM incidents WHERE status NOT IN ('resolved', 'cancelled')", True),
    ("sql", "SELECT id FROM incidents WHERE status = 'open'", "SELECT id, title FROM incidents WHERE status NOT IN ('resolved', 'cancelled')", True),
    ("sql", "SELECT id FROM incidents WHERE created_at >= '2026-03-10T00:00:00Z'", "SELECT id FROM incidents WHERE DATETIME(created_at) >= '2026-03-10 00:00:00'", True),
    ("sql", "SELECT id FROM incidents WHERE created_at >= '2026-03-10T00:00:00Z'", "SELECT id FROM incidents WHERE created_at >= '2026-03-03T00:00:00Z'", False),
    ("sql", "SELECT workflow, COUNT(*) FROM workflow_runs WHERE triggered_by = 'noor' GROUP BY workflow", "SELECT COUNT(*) AS runs, workflow FROM workflow_runs WHERE triggered_by = 'noor' GROUP BY 2", True),
    ("sql", "SELECT id FROM messages WHERE content LIKE '%rollback%'", "SELECT id FROM messages LIMIT 100", False),
    ("sql", "SELECT id FROM incidents ORDER BY created_at DESC LIMIT 5", "SELECT id FROM incidents ORDER BY created_at LIMIT 5", False),
    ("promql", 'up{a=~"x|y"}', 'up{a=~"y|x"}', True),
    ("promql", 'up{a=~"x|y.*"}', 'up{a=~"y.*|x"}', False),
    ("promql", "100 * sum(a) / sum(b)", "sum(a) / sum(b) * 100", True),
    ("promql", "sum(a) / 1024 / 1024", "sum(a) / 1048576", True),
    ("promql", "100 * sum(a) / sum(b)", "sum(a) / sum(b)", False),
    ("promql", "sum(a) / sum(b)", "sum(b) / sum(a)", False),
    ("traceql", '{ (name = "a" || name = "b") && status = error }', '{ status = error && name =~ "b|a" }', True),
    ("traceql", '{ name = "a" || kind = server }', '{ name =~ "a|server" }', False),
    ("sql", "SELECT service, AVG(resolved_at - created_at) FROM incidents GROUP BY service", "SELECT service, AVG((JULIANDAY(resolved_at) - JULIANDAY(created_at)) * 1440) AS m FROM incidents GROUP BY service", True),
    ("sql", "SELECT id FROM workflow_runs WHERE finished_at - started_at > INTERVAL '1 hour'", "SELECT id FROM workflow_runs WHERE (JULIANDAY(finished_at) - JULIANDAY(started_at)) * 1440 > 60", True),
    ("sql", "SELECT id FROM workflow_runs WHERE finished_at - started_at > INTERVAL '1 hour'", "SELECT id FROM workflow_runs WHERE (JULIANDAY(finished_at) - JULIANDAY(started_at)) * 1440 > 120", False),
    ("sql", "SELECT DATE_TRUNC('week', created_at), COUNT(*) FROM incidents GROUP BY 1", "SELECT DATE(created_at, 'weekday 0', '-6 days') AS week, COUNT(*) FROM incidents GROUP BY 1", True),
    ("sql", "SELECT id FROM incidents WHERE id = 'INC-42'", "SELECT id, title FROM incidents WHERE id = 'INC-42' LIMIT 50", True),
    ("sql", "SELECT service FROM incidents WHERE service NOT IN (SELECT service FROM incidents WHERE severity = 'sev1' AND service IS NOT NULL)", "SELECT i.service FROM incidents AS i WHERE i.service IS NOT NULL AND NOT EXISTS (SELECT 1 FROM incidents AS o WHERE o.severity = 'sev1' AND o.service = i.service)", True),
    ("sql", "SELECT DISTINCT service FROM incidents WHERE service NOT IN (SELECT service FROM incidents WHERE severity = 'sev1' AND service IS NOT NULL)", "SELECT DISTINCT service FROM incidents WHERE severity <> 'sev1'", False),
    ("sql", "SELECT triggered_by, COUNT(*) AS n FROM workflow_runs GROUP BY triggered_by ORDER BY n DESC LIMIT 1", "SELECT triggered_by, COUNT(*) AS n FROM workflow_runs GROUP BY triggered_by ORDER BY n DESC, triggered_by LIMIT 1", True),
    ("sql", "SELECT id FROM incidents WHERE 1 = 0", "SELECT id FROM incidents WHERE 2 = 0", False),
]  # fmt: skip


@pytest.mark.parametrize(("language", "expected", "found", "same"), SAME)
def test_queries_are_compared_by_what_they_ask(language: str, expected: str, found: str, same: bool) -> None:
    request = Request(text="", language=Language(language), now=NOW, services=("checkout", "payments"))
    assert queries.same(expected, found, request) is same


@pytest.mark.parametrize("language", list(Language))
def test_what_does_not_parse_is_refused(language: Language) -> None:
    with pytest.raises(QueryRefused):
        queries.same("SELECT FROM (", "{ (", Request(text="", language=language, now=NOW))


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        (Bounds(at_least={"f1": 0.9}, at_most={"error": 0.1}), []),
        (Bounds(at_least={"f1": 0.95}), ["a: f1 is 0.900, under its floor of 0.95"]),
        (Bounds(at_most={"error": 0.05}), ["a: error is 0.100, over its ceiling of 0.05"]),
        (Bounds(at_least={"f2": 0}), ["a gives no f2; it gives f1, error"]),
    ],
)
def test_broken_bounds_are_named(bounds: Bounds, says: list[str]) -> None:
    assert list(floors.breaches({"a": bounds}, {"a": {"f1": 0.9, "error": 0.1}})) == says


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "a: {at_leats: {f1: 1}}", "a: {at_least: {f1: high}}", "a: [", "a: \x00"]
)
def test_a_bad_file_of_floors_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "floors.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"floors\.yaml"):
        floors.read(path)


def test_the_report_has_dated_tables() -> None:
    section = Section(
        "Things", {"f1": 0.5}, (Table("By kind", ("kind", "times"), (("a", 10),)), Table("None", ("x",), ()))
    )
    text = report.markdown({"set.jsonl": [section]}, date(2026, 3, 11))
    assert "2026-03-11" in text
    assert "| f1     | 0.500 |" in text
    assert "**By kind**\n\n| kind | times |\n|------|------:|\n| a    |    10 |" in text
    assert "None" not in text
    found = report.values({"set.jsonl": [section]}, date(2026, 3, 11))
    assert found["sets"]["set.jsonl"]["figures"] == {"f1": 0.5}
    json.dumps(found)


def test_the_plot_is_a_png(tmp_path: Path) -> None:
    path = tmp_path / "plot.png"
    draw(path, {"x": [Bin(0.5, 0.6, 3, 0.55, 0.67), Bin(0.9, 1.0, 40, 0.97, 0.95)], "y": []})
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
