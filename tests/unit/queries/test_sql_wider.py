"""Sentences with asides, corrections of scope and questions about the order of rows: they find what a statement by hand finds."""

import pytest

from bot.evaluation.queries import same
from bot.sentences import Request
from core.nlp.entities import find
from core.query.sql.schema import Dialect
from core.query.sql.translate import translate
from core.query.translation import Question
from tests.unit.queries.test_sql_clauses import SERVICES, SHORT

OVERLAP = "a.created_at <= COALESCE(b.resolved_at, '2026-11-20T14:30:00Z') AND b.created_at <= COALESCE(a.resolved_at, '2026-11-20T14:30:00Z')"

ASIDES = [
    ("are we getting worse? incidents per month this year", "SELECT strftime('%Y-%m', created_at) AS m, COUNT(*) AS n FROM incidents WHERE created_at >= '2026-01-01T00:00:00Z' GROUP BY m"),
    ("who sleeps on approvals? runs in waiting started more than 2 days ago", "SELECT id FROM workflow_runs WHERE status = 'waiting' AND started_at < '2026-11-18T14:30:00Z'"),
    ("sev1s in september with their current status", "SELECT id, status FROM incidents WHERE severity = 'sev1' AND created_at >= '2026-09-01T00:00:00Z' AND created_at < '2026-10-01T00:00:00Z'"),
    ("incidents in october by severity, for the live-ops deck", "SELECT severity, COUNT(*) AS n FROM incidents WHERE created_at >= '2026-10-01T00:00:00Z' AND created_at < '2026-11-01T00:00:00Z' GROUP BY severity"),
    ("runs that failed today — i suspect our own deploys", "SELECT id FROM workflow_runs WHERE status = 'failed' AND started_at >= '2026-11-20T00:00:00Z'"),
    ("incidents of november and whether they are closed", "SELECT id FROM incidents WHERE created_at >= '2026-11-01T00:00:00Z'"),
    ("sev1 incidents this year with the number of hours each of them lasted", "SELECT id, {HOURS} AS hours FROM incidents WHERE severity = 'sev1' AND created_at >= '2026-01-01T00:00:00Z'"),
    ("cancelled runs since monday, i only need a number", "SELECT COUNT(*) AS n FROM workflow_runs WHERE status = 'cancelled' AND started_at >= '2026-11-16T00:00:00Z'"),
    ("incidents with billing or disk in the title", "SELECT id FROM incidents WHERE title LIKE '%billing%' OR title LIKE '%disk%'"),
]  # fmt: skip
TIMES = [
    ("incidents opened in the third quarter of this year", "SELECT id FROM incidents WHERE created_at >= '2026-07-01T00:00:00Z' AND created_at < '2026-10-01T00:00:00Z'"),
    ("runs in the second half of october", "SELECT id FROM workflow_runs WHERE started_at >= '2026-10-16T00:00:00Z' AND started_at < '2026-11-01T00:00:00Z'"),

    ("sev1s in the first week of november", "SELECT id FROM incidents WHERE severity = 'sev1' AND created_at >= '2026-11-01T00:00:00Z' AND created_at < '2026-11-08T00:00:00Z'"),
    ("how many incidents since the start of the year", "SELECT COUNT(*) AS n FROM incidents WHERE created_at >= '2026-01-01T00:00:00Z'"),
    ("incidents created over a week ago and not yet resolved", "SELECT id FROM incidents WHERE resolved_at IS NULL AND created_at < '2026-11-13T14:30:00Z'"),
    ("runs this week vs the same days last week", "SELECT SUM(started_at >= '2026-11-16T00:00:00Z') AS a, SUM(started_at < '2026-11-13T14:30:00Z') AS b FROM workflow_runs WHERE started_at >= '2026-11-09T00:00:00Z'"),
    ("incidents today vs the same day last week", "SELECT SUM(created_at >= '2026-11-20T00:00:00Z') AS a, SUM(created_at < '2026-11-14T00:00:00Z') AS b FROM incidents WHERE created_at >= '2026-11-13T00:00:00Z'"),
    ("incidents weekend vs weekday since october 1", "SELECT CASE WHEN strftime('%w', created_at) IN ('0', '6') THEN 'weekend' ELSE 'weekday' END AS kind, COUNT(*) AS n FROM incidents WHERE created_at >= '2026-10-01T00:00:00Z' GROUP BY kind"),
    ("when did deploy-web last fail", "SELECT MAX(started_at) AS t FROM workflow_runs WHERE workflow = 'deploy-web' AND status = 'failed'"),
    ("average number of incidents per weekday", "SELECT w, AVG(n) AS a FROM (SELECT date(created_at) AS d, strftime('%w', created_at) AS w, COUNT(*) AS n FROM incidents GROUP BY d, w) GROUP BY w"),
    ("how many days had more than 1 incident in november", "SELECT COUNT(*) AS n FROM (SELECT date(created_at) AS d FROM incidents WHERE created_at >= '2026-11-01T00:00:00Z' GROUP BY d HAVING COUNT(*) > 1)"),
]  # fmt: skip
WHOSE = [
    ("ana's failed or cancelled runs in november", "SELECT id FROM workflow_runs WHERE triggered_by = 'ana' AND status IN ('failed', 'cancelled') AND started_at >= '2026-11-01T00:00:00Z'"),
    ("which two people started the most runs", "SELECT triggered_by, COUNT(*) AS n FROM workflow_runs GROUP BY triggered_by ORDER BY n DESC LIMIT 2"),
    ("which 5 runs took the longest", "SELECT id, {MINUTES} AS m FROM workflow_runs WHERE finished_at IS NOT NULL ORDER BY m DESC LIMIT 5"),
    ("how many messages did the bot receive in november", "SELECT COUNT(*) AS n FROM messages WHERE role = 'user' AND created_at >= '2026-11-01T00:00:00Z'"),
    ("has anyone asked about invoices lately", "SELECT id FROM messages WHERE role = 'user' AND content LIKE '%invoice%'"),
    ("users complaining about timeouts, count per day", "SELECT date(created_at) AS d, COUNT(*) AS n FROM messages WHERE role = 'user' AND content LIKE '%timeout%' GROUP BY d"),
    ("sessions where the user had the last word", "SELECT session_id, content FROM (SELECT session_id, content, role, ROW_NUMBER() OVER (PARTITION BY session_id ORDER BY created_at DESC) AS place FROM messages) WHERE place = 1 AND role = 'user'"),
    ("sessions with only one message", "SELECT session_id FROM messages GROUP BY session_id HAVING COUNT(*) = 1"),
    ("incidents with severity 1 or 2", "SELECT id FROM incidents WHERE severity IN ('sev1', 'sev2')"),
    ("runs triggered by nobody", "SELECT id FROM workflow_runs WHERE triggered_by IS NULL"),
    ("workflows not run in 30 days", "SELECT DISTINCT workflow FROM workflow_runs WHERE workflow NOT IN (SELECT workflow FROM workflow_runs WHERE started_at >= '2026-10-21T14:30:00Z')"),
]  # fmt: skip
NUMBERS = [
    ("runs by duration: under 10 min, 10-30 min, 30+ min", "SELECT SUM({MINUTES} < 10) AS x, SUM({MINUTES} BETWEEN 10 AND 30) AS y, SUM({MINUTES} >= 30) AS z FROM workflow_runs"),
    ("which service has the best mttr", "SELECT service, AVG((julianday(resolved_at) - julianday(created_at)) * 1440) AS m FROM incidents WHERE {OVER} GROUP BY service ORDER BY m LIMIT 1"),
    ("sev1 to sev3 incidents", "SELECT id FROM incidents WHERE severity IN ('sev1', 'sev2', 'sev3')"),
    ("failures by person, worst first", "SELECT triggered_by, COUNT(*) AS n FROM workflow_runs WHERE status = 'failed' GROUP BY triggered_by"),
    ("mttr by service in hours, incidents opened in october", "SELECT service, AVG({HOURS}) AS m FROM incidents WHERE {OVER} AND created_at >= '2026-10-01T00:00:00Z' AND created_at < '2026-11-01T00:00:00Z' GROUP BY service"),
    ("success % per workflow, count only completed and failed ones", "SELECT workflow, 100.0 * SUM(status = 'completed') / COUNT(*) AS p FROM workflow_runs WHERE status IN ('completed', 'failed') GROUP BY workflow"),
    ("failure rate by person ignoring cancelled runs", "SELECT triggered_by, 100.0 * SUM(status = 'failed') / COUNT(*) AS p FROM workflow_runs WHERE status <> 'cancelled' GROUP BY triggered_by"),
    ("of all resolved sev2 what percentage was fixed inside of 4 hours", "SELECT 100.0 * SUM({HOURS} <= 4) / COUNT(*) AS p FROM incidents WHERE severity = 'sev2' AND status = 'resolved'"),
    ("percentage of runs finished within 60 minutes, by workflow", "SELECT workflow, 100.0 * SUM(COALESCE({MINUTES} <= 60, 0)) / COUNT(*) AS p FROM workflow_runs GROUP BY workflow"),
    ("max and avg duration of backup-db runs", "SELECT MAX({MINUTES}) AS a, AVG({MINUTES}) AS b FROM workflow_runs WHERE workflow = 'backup-db' AND finished_at IS NOT NULL"),
    ("total number of runs per person and status", "SELECT triggered_by, status, COUNT(*) AS n FROM workflow_runs GROUP BY triggered_by, status"),
    ("open incidents by age: under a day, 1-3 days, over 3 days", "SELECT SUM(a < 1) AS x, SUM(a BETWEEN 1 AND 3) AS y, SUM(a > 3) AS z FROM (SELECT julianday('2026-11-20 14:30:00') - julianday(created_at) AS a FROM incidents WHERE {OPEN})"),
]  # fmt: skip
ORDER = [
    ("longest time without a sev1 in days", "SELECT MAX(g) AS m FROM (SELECT julianday(created_at) - julianday(LAG(created_at) OVER (ORDER BY created_at)) AS g FROM incidents WHERE severity = 'sev1')"),
    ("longest quiet period between two consecutive sev2s in hours", "SELECT MAX(g) AS m FROM (SELECT (julianday(created_at) - julianday(LAG(created_at) OVER (ORDER BY created_at))) * 24 AS g FROM incidents WHERE severity = 'sev2')"),
    ("workflows that are red, meaning their most recent run failed", "SELECT workflow, id FROM {LAST} WHERE place = 1 AND status = 'failed'"),
    ("7-day moving average of incidents per day", "SELECT d, n, AVG(n) OVER (ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS a FROM (SELECT date(created_at) AS d, COUNT(*) AS n FROM incidents GROUP BY d)"),
    ("longest streak of failed runs per workflow", "SELECT workflow, MAX(n) AS m FROM (SELECT workflow, COUNT(*) AS n FROM (SELECT workflow, status, ROW_NUMBER() OVER (PARTITION BY workflow ORDER BY started_at) - ROW_NUMBER() OVER (PARTITION BY workflow, status ORDER BY started_at) AS i FROM workflow_runs) WHERE status = 'failed' GROUP BY workflow, i) GROUP BY workflow"),
    ("longest streak of consecutive days with incidents", "SELECT MAX(n) AS m FROM (SELECT COUNT(*) AS n FROM (SELECT julianday(d) - ROW_NUMBER() OVER (ORDER BY d) AS i FROM (SELECT DISTINCT date(created_at) AS d FROM incidents)) GROUP BY i)"),
    ("current failure streak per workflow", "SELECT workflow, COUNT(*) AS n FROM workflow_runs r WHERE status = 'failed' AND NOT EXISTS (SELECT 1 FROM workflow_runs l WHERE l.workflow = r.workflow AND l.status <> 'failed' AND l.started_at > r.started_at) GROUP BY workflow"),
    ("sessions lasting more than 3 hours", "SELECT session_id FROM messages GROUP BY session_id HAVING (julianday(MAX(created_at)) - julianday(MIN(created_at))) * 24 > 3"),
    ("pairs of incidents on the same service that overlapped", "SELECT a.id AS one, b.id AS two FROM incidents a JOIN incidents b ON a.service = b.service AND a.id < b.id WHERE {OVERLAP}"),
    ("sev1s where someone started a run within 30 min after the incident was opened, show incident + run", "SELECT i.id AS incident, r.id AS run_id, r.workflow FROM incidents i JOIN workflow_runs r ON (julianday(r.started_at) - julianday(i.created_at)) * 1440 BETWEEN 0 AND 30 WHERE i.severity = 'sev1'"),
    ("incidents where a deploy-web run started in the 5 hours before the incident", "SELECT id FROM incidents i WHERE EXISTS (SELECT 1 FROM workflow_runs r WHERE r.workflow = 'deploy-web' AND (julianday(i.created_at) - julianday(r.started_at)) * 24 BETWEEN 0 AND 5)"),
]  # fmt: skip
ALL = [*ASIDES, *TIMES, *WHOSE, *NUMBERS, *ORDER]


@pytest.mark.parametrize(("text", "expected"), ALL)
def test_a_statement_by_hand_finds_the_same(text: str, expected: str) -> None:
    request = Request.of({"text": text, "language": "sql", "now": "2026-11-20T14:30:00Z", "services": SERVICES})
    question = Question(text, find(text, services=SERVICES, now=request.moment), request.moment, tuple(SERVICES))
    made = translate(question).query
    assert same(expected.format(**SHORT, OVERLAP=OVERLAP), made, request), made
    assert translate(question, Dialect.POSTGRES).query, "the other database's dialect can say it, too"
