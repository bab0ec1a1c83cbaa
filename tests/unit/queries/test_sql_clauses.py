"""Sentences whose clauses each say a part of the statement: they find what a statement by hand finds."""

import pytest

from bot.evaluation.queries import same
from bot.sentences import Request
from core.nlp.entities import find
from core.query.sql.translate import translate
from core.query.translation import Question

SERVICES = ["payments", "checkout", "search-api", "billing"]
SHORT = {
    "OPEN": "status NOT IN ('resolved', 'cancelled')",
    "OVER": "resolved_at IS NOT NULL",
    "HOURS": "(julianday(resolved_at) - julianday(created_at)) * 24",
    "MINUTES": "(julianday(finished_at) - julianday(started_at)) * 1440",
    "LAST": "(SELECT *, LAG(status) OVER (PARTITION BY workflow ORDER BY started_at) AS before, ROW_NUMBER() OVER (PARTITION BY workflow ORDER BY started_at DESC) AS place FROM workflow_runs)",
}
"""Parts that several statements have."""

RECURRING = [
    ("incidents opened on a saturday or sunday", "SELECT id FROM incidents WHERE strftime('%w', created_at) IN ('0', '6')"),
    ("how many runs were started on fridays in november", "SELECT COUNT(*) AS n FROM workflow_runs WHERE strftime('%w', started_at) = '5' AND started_at >= '2026-11-01T00:00:00Z'"),
    ("failed runs between 22 and 6 utc in the last 30 days", "SELECT id FROM workflow_runs WHERE status = 'failed' AND started_at >= '2026-10-21T14:30:00Z' AND (strftime('%H', started_at) >= '22' OR strftime('%H', started_at) < '06')"),
    ("incidents outside office hours (9-17)", "SELECT id FROM incidents WHERE strftime('%H', created_at) < '09' OR strftime('%H', created_at) >= '17'"),
    ("what percentage of incidents started on weekends", "SELECT 100.0 * SUM(strftime('%w', created_at) IN ('0', '6')) / COUNT(*) AS p FROM incidents"),
]  # fmt: skip
NUMBERS = [
    ("per workflow: total runs, failed runs and avg minutes", "SELECT workflow, COUNT(*) AS n, SUM(status = 'failed') AS f, AVG({MINUTES}) AS m FROM workflow_runs GROUP BY workflow"),
    ("incidents by service with one column per severity", "SELECT service, SUM(severity = 'sev1') AS a, SUM(severity = 'sev2') AS b, SUM(severity = 'sev3') AS c, SUM(severity = 'sev4') AS d FROM incidents GROUP BY service"),
    ("for each service count open and resolved incidents", "SELECT service, SUM({OPEN}) AS o, SUM(status = 'resolved') AS r FROM incidents GROUP BY service"),
    ("first and last incident of every service", "SELECT service, MIN(created_at) AS a, MAX(created_at) AS b FROM incidents GROUP BY service"),
    ("number of messages and sessions per day this week", "SELECT date(created_at) AS d, COUNT(*) AS n, COUNT(DISTINCT session_id) AS s FROM messages WHERE created_at >= '2026-11-16T00:00:00Z' GROUP BY d"),
    ("how many incidents took less than 1h, 1-4h and more than 4h", "SELECT SUM({HOURS} < 1) AS a, SUM({HOURS} BETWEEN 1 AND 4) AS b, SUM({HOURS} > 4) AS c FROM incidents"),
    ("incident count: today, this week, this month", "SELECT SUM(created_at >= '2026-11-20T00:00:00Z') AS a, SUM(created_at >= '2026-11-16T00:00:00Z') AS b, SUM(created_at >= '2026-11-01T00:00:00Z') AS c FROM incidents"),
    ("ratio of failed to completed runs per workflow", "SELECT workflow, 1.0 * SUM(status = 'failed') / SUM(status = 'completed') AS r FROM workflow_runs GROUP BY workflow"),
    ("breakdown of run statuses in percent", "SELECT status, 100.0 * COUNT(*) / (SELECT COUNT(*) FROM workflow_runs) AS p FROM workflow_runs GROUP BY status"),
    ("max number of incidents in a single day", "SELECT MAX(n) AS m FROM (SELECT COUNT(*) AS n FROM incidents GROUP BY date(created_at))"),
    ("for every week the service with the most incidents", "SELECT week, service, n FROM (SELECT date(created_at, 'weekday 0', '-6 days') AS week, service, COUNT(*) AS n, ROW_NUMBER() OVER (PARTITION BY date(created_at, 'weekday 0', '-6 days') ORDER BY COUNT(*) DESC, service) AS place FROM incidents GROUP BY 1, 2) WHERE place = 1"),
]  # fmt: skip
LIMITS = [
    ("workflows with a failure rate over 20% and at least 10 runs", "SELECT workflow, 100.0 * SUM(status = 'failed') / COUNT(*) AS p FROM workflow_runs GROUP BY workflow HAVING p > 20 AND COUNT(*) >= 10"),
    ("success rate per workflow, leave out those with fewer than 15 runs", "SELECT workflow, 100.0 * SUM(status = 'completed') / COUNT(*) AS p FROM workflow_runs GROUP BY workflow HAVING COUNT(*) >= 15"),
    ("people whose runs fail more than 10% of the time", "SELECT triggered_by, 100.0 * SUM(status = 'failed') / COUNT(*) AS p FROM workflow_runs GROUP BY triggered_by HAVING p > 10"),
    ("services with mttr over 4 hours", "SELECT service FROM incidents WHERE {OVER} GROUP BY service HAVING AVG({HOURS}) > 4"),
    ("how many sessions had more than 10 messages", "SELECT COUNT(*) AS n FROM (SELECT session_id FROM messages GROUP BY session_id HAVING COUNT(*) > 10)"),
    ("services having at least 5 sev1/sev2 in 30 days", "SELECT service, COUNT(*) AS n FROM incidents WHERE severity IN ('sev1', 'sev2') AND created_at >= '2026-10-21T14:30:00Z' GROUP BY service HAVING COUNT(*) >= 5"),
    ("runs that took longer than average", "SELECT id FROM workflow_runs WHERE {MINUTES} > (SELECT AVG({MINUTES}) FROM workflow_runs)"),
    ("services with more incidents than average", "SELECT service FROM incidents GROUP BY service HAVING COUNT(*) > (SELECT AVG(n) FROM (SELECT COUNT(*) AS n FROM incidents GROUP BY service))"),
    ("second longest incident", "SELECT id FROM incidents WHERE {OVER} ORDER BY {HOURS} DESC LIMIT 1 OFFSET 1"),
]  # fmt: skip
SETS = [
    ("services with incidents in november but none in october", "SELECT DISTINCT service FROM incidents WHERE created_at >= '2026-11-01T00:00:00Z' AND service NOT IN (SELECT service FROM incidents WHERE created_at >= '2026-10-01T00:00:00Z' AND created_at < '2026-11-01T00:00:00Z' AND service IS NOT NULL)"),
    ("sessions that only have user messages", "SELECT session_id FROM messages GROUP BY session_id HAVING SUM(role <> 'user') = 0"),
    ("services that had both sev1 and sev2 incidents", "SELECT service FROM incidents WHERE service IS NOT NULL GROUP BY service HAVING SUM(severity = 'sev1') > 0 AND SUM(severity = 'sev2') > 0"),
    ("workflows with more failed than completed runs", "SELECT workflow FROM workflow_runs GROUP BY workflow HAVING SUM(status = 'failed') > SUM(status = 'completed')"),
    ("workflows whose latest run failed", "SELECT workflow FROM {LAST} WHERE place = 1 AND status = 'failed'"),
    ("percentage of sessions without a bot reply", "SELECT 100.0 * SUM(silent) / COUNT(*) AS p FROM (SELECT SUM(role = 'assistant') = 0 AS silent FROM messages GROUP BY session_id)"),
]  # fmt: skip
SEQUENCES = [
    ("failed runs that were followed by a completed run of the same workflow within 2 hours", "SELECT id FROM workflow_runs f WHERE status = 'failed' AND EXISTS (SELECT 1 FROM workflow_runs c WHERE c.workflow = f.workflow AND c.status = 'completed' AND c.started_at >= f.finished_at AND (julianday(c.started_at) - julianday(f.finished_at)) * 24 <= 2)"),
    ("how often did a workflow fail twice in a row", "SELECT workflow, COUNT(*) AS n FROM {LAST} WHERE status = 'failed' AND before = 'failed' GROUP BY workflow"),
    ("runs where the previous run of the same workflow failed", "SELECT id FROM {LAST} WHERE before = 'failed'"),
    ("incidents overlapping with another incident of the same service", "SELECT id FROM incidents i WHERE EXISTS (SELECT 1 FROM incidents o WHERE o.id <> i.id AND o.service = i.service AND o.created_at <= COALESCE(i.resolved_at, '2026-11-20 14:30:00') AND COALESCE(o.resolved_at, '2026-11-20 14:30:00') >= i.created_at)"),
    ("incidents within 6 hours after another one of the same service", "SELECT id FROM incidents i WHERE EXISTS (SELECT 1 FROM incidents o WHERE o.id <> i.id AND o.service = i.service AND (julianday(i.created_at) - julianday(o.created_at)) * 24 BETWEEN 0 AND 6)"),
    ("average wait in seconds between user question and bot reply", "SELECT AVG((julianday(n) - julianday(created_at)) * 86400) AS w FROM (SELECT role, created_at, LEAD(role) OVER w AS r, LEAD(created_at) OVER w AS n FROM messages WINDOW w AS (PARTITION BY session_id ORDER BY created_at)) WHERE role = 'user' AND r = 'assistant'"),
    ("user messages nobody replied to", "SELECT id FROM messages m WHERE role = 'user' AND NOT EXISTS (SELECT 1 FROM messages a WHERE a.session_id = m.session_id AND a.role = 'assistant' AND a.created_at > m.created_at)"),
    ("deploy-web runs followed by an incident within 5 hours", "SELECT id FROM workflow_runs w WHERE workflow = 'deploy-web' AND EXISTS (SELECT 1 FROM incidents i WHERE (julianday(i.created_at) - julianday(w.started_at)) * 24 BETWEEN 0 AND 5)"),
    ("longest gap between payments incidents in hours", "SELECT MAX(g) AS m FROM (SELECT (julianday(created_at) - julianday(LAG(created_at) OVER (ORDER BY created_at))) * 24 AS g FROM incidents WHERE service = 'payments')"),
]  # fmt: skip
TIMES = [
    ("incidents of the last 7 days next to the 7 days before that by service", "SELECT service, SUM(created_at >= '2026-11-13T14:30:00Z') AS a, SUM(created_at < '2026-11-13T14:30:00Z') AS b FROM incidents WHERE created_at >= '2026-11-06T14:30:00Z' GROUP BY service"),
    ("runs in october vs november per workflow", "SELECT workflow, SUM(started_at < '2026-11-01T00:00:00Z') AS a, SUM(started_at >= '2026-11-01T00:00:00Z') AS b FROM workflow_runs WHERE started_at >= '2026-10-01T00:00:00Z' GROUP BY workflow"),
    ("what is running and for how many minutes, longest first", "SELECT id, (julianday('2026-11-20 14:30:00') - julianday(started_at)) * 1440 AS minutes FROM workflow_runs WHERE status = 'running'"),
    ("how many days since the last sev1", "SELECT julianday('2026-11-20 14:30:00') - julianday(MAX(created_at)) AS d FROM incidents WHERE severity = 'sev1'"),
    ("incidents opened in october and resolved in november", "SELECT id FROM incidents WHERE status = 'resolved' AND created_at >= '2026-10-01T00:00:00Z' AND created_at < '2026-11-01T00:00:00Z' AND resolved_at >= '2026-11-01T00:00:00Z'"),
    ("how many incidents were open at noon yesterday", "SELECT COUNT(*) AS n FROM incidents WHERE created_at <= '2026-11-19T12:00:00Z' AND (resolved_at IS NULL OR resolved_at > '2026-11-19T12:00:00Z')"),
    ("finished runs of the last 48h that took over an hour", "SELECT id FROM workflow_runs WHERE started_at >= '2026-11-18T14:30:00Z' AND {MINUTES} > 60"),
    ("is any incident open on payments, we go live tonight", "SELECT id FROM incidents WHERE service = 'payments' AND {OPEN}"),
    ("mitigated incidents older than 3 days nobody closed", "SELECT id FROM incidents WHERE status = 'mitigated' AND created_at < '2026-11-17T14:30:00Z'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*RECURRING, *NUMBERS, *LIMITS, *SETS, *SEQUENCES, *TIMES])
def test_a_statement_by_hand_finds_the_same(text: str, expected: str) -> None:
    request = Request.of({"text": text, "language": "sql", "now": "2026-11-20T14:30:00Z", "services": SERVICES})
    found = find(text, services=SERVICES, now=request.moment)
    made = translate(Question(text, found, request.moment, tuple(SERVICES))).query
    assert same(expected.format(**SHORT), made, request), made


def alike(expected: str, found: str) -> bool:
    """Whether they answer alike on sample records."""
    now = "2026-11-20T14:30:00Z"
    return same(expected, found, Request.of({"text": "-", "language": "sql", "now": now, "services": SERVICES}))


FAILED = "SELECT workflow, {0} SUM(status = 'failed') / COUNT(*) AS share FROM workflow_runs GROUP BY workflow"


def test_more_than_was_expected_beside_it_is_no_other_answer() -> None:
    counted = "SELECT service, COUNT(*) AS n FROM incidents GROUP BY service"
    more = "SELECT service, MAX(created_at) AS latest, COUNT(*) AS incidents FROM incidents GROUP BY service"
    assert alike(counted, more)
    assert not alike(more, counted), "what was expected is missing"
    assert not alike(counted, "SELECT service, severity, COUNT(*) AS n FROM incidents GROUP BY service, severity")
    assert not alike(counted, "SELECT MIN(service) AS service, COUNT(*) AS n FROM incidents GROUP BY severity")


def test_a_fraction_and_a_percentage_are_one_share() -> None:
    assert alike(FAILED.format("1.0 *"), FAILED.format("100.0 *"))
    assert not alike(FAILED.format("1.0 *"), FAILED.format("100.0 *").replace("failed", "completed"))
    assert not alike("SELECT COUNT(*) AS n FROM incidents", "SELECT 100.0 * COUNT(*) AS n FROM incidents")


def test_what_few_records_do_not_show_many_do() -> None:
    often = (
        "SELECT service, COUNT(*) AS n FROM incidents WHERE severity = 'sev1' GROUP BY service HAVING COUNT(*) >= 25"
    )
    assert alike(often, often.replace("COUNT(*) AS n", "COUNT(id) AS incidents"))
    assert not alike(often, often.replace(">= 25", ">= 50"))
