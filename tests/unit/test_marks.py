"""Events on a chart: numbered in order of time, neighbours together, told beside it as facts."""

from datetime import UTC, datetime, timedelta

import pytest

from core.conversation.marks import Happened, marks, numbered, told
from core.query import running
from core.query.promql.asked import Limit
from core.query.translation import Language

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: int, text: str = "x") -> Happened:
    return Happened(NOW - timedelta(minutes=minutes), text)


def test_events_are_numbered_and_neighbours_share_a_line() -> None:
    made = marks(numbered([at(50), at(30), at(29), at(10)]), HOUR)
    assert [(mark.label, round((NOW.timestamp() - mark.at) / 60)) for mark in made] == [
        ("①", 50),
        ("②③", 30),
        ("④", 10),
    ]


def test_they_are_told_by_the_same_numbers() -> None:
    (note,) = told([at(50, "checkout 2.3.5 deployed"), at(30, "High*Errors fires")], UTC, NOW)
    assert note.text == r"In this time: ① 11:10 UTC checkout 2.3.5 deployed · ② 11:30 UTC High\*Errors fires"
    assert told([], UTC, NOW) == []


def test_the_services_of_a_query_are_read_from_its_conditions() -> None:
    about = running.about
    promql = 'sum(rate(x{service="a",environment="staging"}[5m])) / sum(rate(x{job="b"}[5m]))'
    assert about(Language.PROMQL, promql) == (("a", "b"), "staging")
    assert about(Language.PROMQL, 'x{service=~"a|b",environment!="staging"}') == ((), "")
    assert about(Language.PROMQL, 'x{service="a",environment="qa"} + x{environment="staging"}') == (("a",), "")
    assert about(Language.LOGQL, 'sum(rate({service="a", env="qa"} |= "x" [5m]))') == (("a",), "qa")
    traceql = '{ resource.service.name = "a" && status = error } >> { resource.service.name = "b" }'
    assert about(Language.TRACEQL, traceql) == (("a", "b"), "")
    assert about(Language.SQL, "SELECT 1") == ((), "")


def test_a_rule_is_read_without_its_threshold() -> None:
    assert running.without_limit('sum(rate(x{a="b"}[5m])) > 0.05') == (
        'sum(rate(x{a="b"}[5m]))',
        Limit(">", 0.05, ""),
    )
    assert running.without_limit("x > y") == ("x > y", None)


@pytest.mark.parametrize("environment", ["", "production"])
def test_what_an_investigation_asks_can_be_read(environment: str) -> None:
    logql, traceql = running.error_lines('a"b', environment), running.traces('a"b', environment, failed=True)
    assert running.about(Language.LOGQL, logql) == (('a"b',), environment)
    assert running.about(Language.TRACEQL, traceql) == (('a"b',), environment)
    assert not running.check_traces(traceql, None)
