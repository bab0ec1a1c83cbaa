"""Clauses of sentences as LogQL: stories beside the question, fields with their values, alternatives, exclusions, windows."""

import time
from datetime import UTC, datetime

import pytest

from bot.evaluation.queries import same
from bot.sentences import Request
from core.nlp import entities
from core.query.logql.translate import translate
from core.query.translation import Question

SERVICES = ("cart", "payments", "auth", "edge", "api-gateway", "flight-status", "reports")
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


def question(text: str) -> Question:
    return Question(text, entities.find(text, services=SERVICES, now=NOW), NOW, SERVICES)


STORIES = [
    ("401s in auth, my script gets rejected and I dont get why", '{service="auth"} | json | status = 401'),
    ("a teacher reports that auth is stuck, give me warn lines for auth", '{service="auth"} | json | level="warn"'),
    ("clerk says cart is slow, give me cart lines above 4 sec", '{service="cart"} | json | duration > 4s'),
    ("nurse cannot log in, auth logs for user nurse.77", '{service="auth"} | json | user_id="nurse.77"'),
    ("ticket 4411: user 7712 sees an error in cart. show his lines", '{service="cart"} | json | user_id="7712"'),
    ('did cart restart? lines with "starting up"', '{service="cart"} |= "starting up"'),
    ("what's failing in cart? error lines", '{service="cart"} | json | level="error"'),
    ("my cart is failing", '{service="cart"} |= "fail"'),
]  # fmt: skip
FIELDS = [
    ("payments with error_code 4012", '{service="payments"} | json | error_code="4012"'),
    ("rejections with reject_reason duplicate in payments", '{service="payments"} | json | reject_reason="duplicate"'),
    ("payments error_code 12, 13 or 14", '{service="payments"} | json | error_code=~"12|13|14"'),
    ('payments with card_brand "visa"', '{service="payments"} | json | card_brand="visa"'),
    ("client_id 771 requests on cart that got 500", '{service="cart"} | json | client_id="771" | status = 500'),
    ("cart requests from user agent curl", '{service="cart"} | json | user_agent="curl"'),
    ("cart where solver is fast and status is infeasible", '{service="cart"} | json | solver="fast" | status="infeasible"'),
    ("cart: symbol is BTC, feed is not kraken", '{service="cart"} | json | symbol="BTC" | feed!="kraken"'),
    ("cart POSTs ending in 5xx, /healthz path excluded", '{service="cart"} | json | path!="/healthz" | method="POST" | status >= 500'),
    ("cart requests to anything under /admin", '{service="cart"} | json | path=~"/admin.*"'),
    ("PUTs to /payments/refund slower than 2s", '{service="payments"} | json | path="/payments/refund" | method="PUT" | duration > 2s'),
    ("GETs on /flights slower than 1s", '{service=~".+"} | json | path="/flights" | method="GET" | duration > 1s'),
    ("who called DELETE on cart", '{service="cart"} | json | method="DELETE"'),
    ("cart all requests except GET", '{service="cart"} | json | method!="GET"'),
    ("the unauthorised (401) calls on cart", '{service="cart"} | json | status = 401'),
    ("cart: 206 responses under 100 ms", '{service="cart"} | json | status = 206 | duration < 100ms'),
    ("cart requests that were >= 500", '{service="cart"} | json | status >= 500'),
    ("any fatal or panic level stuff in cart", '{service="cart"} | json | level=~"fatal|panic"'),
    ("cart logs, neither debug nor trace", '{service="cart"} | json | level!~"debug|trace"'),
    ("cart reqs which took longer as 2s", '{service="cart"} | json | duration > 2s'),
]  # fmt: skip
TEXTS = [
    ("driver failed / driver blocked msgs from cart", '{service="cart"} |~ "driver failed|driver blocked"'),
    ('"gate closed" / "gate changed" lines from cart', '{service="cart"} |~ "gate closed|gate changed"'),
    ('cart lines: "card declined", "no funds" or "expired card"', '{service="cart"} |~ "card declined|no funds|expired card"'),
    ('"out of stock" OR backorder in cart', '{service="cart"} |~ "out of stock|backorder"'),
    ('oom or "out of memory" in cart', '{service="cart"} |~ "oom|out of memory"'),
    ("cart: withdrawal failed or deposit failed", '{service="cart"} |~ "withdrawal failed|deposit failed"'),
    ("auth lines with jwt (expired|malformed)", '{service="auth"} |~ "jwt (expired|malformed)"'),
    ('logs de cart que digan "push failed", sin los de android', '{service="cart"} |= "push failed" != "android"'),
    ("grep -v heartbeat in cart logs", '{service="cart"} != "heartbeat"'),
    ("cart logs, drop /metrics and /healthz", '{service="cart"} != "/metrics" != "/healthz"'),
    ("cart logs without debug and without heartbeat", '{service="cart"} != "heartbeat" | json | level!="debug"'),
    ("hsm unavailable in cart, any case", '{service="cart"} |~ "(?i)hsm unavailable"'),
    ("DEADLOCK or deadlock in cart (ignore case)", '{service="cart"} |~ "(?i)DEADLOCK"'),
    ('lines of cart that end with "delivered"', '{service="cart"} |~ "delivered$"'),
]  # fmt: skip
NUMBERS = [
    ("share of cart lines that are errors? take 30m", 'sum(count_over_time({service="cart"} | json | level="error" [30m])) / sum(count_over_time({service="cart"} [30m]))'),
    ("is every cart pod still logging? lines per pod last 10 minutes", 'sum by (pod) (count_over_time({service="cart"} [10m]))'),
    ("has cart logged anything in the past 15 minutes?", 'absent_over_time({service="cart"} [15m])'),
    ('no "heartbeat" from cart in 5m', 'absent_over_time({service="cart"} |= "heartbeat" [5m])'),
    ("per-minute count of warnings in cart", 'sum(count_over_time({service="cart"} | json | level="warn" [1m]))'),
    ("fehler pro minute in cart", 'sum(count_over_time({service="cart"} | json | level="error" [1m]))'),
    ("edge 4xx per minute", 'sum(count_over_time({service="edge"} | json | status >= 400 and status < 500 [1m]))'),
    ("noisiest namespace past 3h", 'topk(1, sum by (namespace) (count_over_time({namespace=~".+"} [3h])))'),
    ("least chatty 5 services over the past hour", 'bottomk(5, sum by (service) (count_over_time({service=~".+"} [1h])))'),
    ("compare error lines in prod and staging for cart, 1h", 'sum by (environment) (count_over_time({service="cart", environment=~"production|staging"} | json | level="error" [1h]))'),
    ("cart error lines now / same time yesterday, 1h each", 'sum(count_over_time({service="cart"} | json | level="error" [1h])) / sum(count_over_time({service="cart"} | json | level="error" [1h] offset 1d))'),
    ("more than 20 error lines in 5 min for any service in prod", 'sum by (service) (count_over_time({environment="production"} | json | level="error" [5m])) > 20'),
    ("expression for an alert: cart fatal > 0 in 5m", 'sum(count_over_time({service="cart"} | json | level="fatal" [5m])) > 0'),
    ("sum up the pages field of cart by printer in 24h", 'sum by (printer) (sum_over_time({service="cart"} | json | unwrap pages | __error__="" [24h]))'),
    ("401 count per ip on auth", 'sum by (client_ip) (count_over_time({service="auth"} | json | status = 401 [1h]))'),
    ("errors per pod as a share of all lines in cart, 15m", 'sum by (pod) (count_over_time({service="cart"} | json | level="error" [15m])) / sum by (pod) (count_over_time({service="cart"} [15m]))'),
    ("how many GB of logs did cart write in 24h", 'sum(bytes_over_time({service="cart"} [24h]))'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "query"), [*STORIES, *FIELDS, *TEXTS, *NUMBERS])
def test_what_clauses_say(text: str, query: str) -> None:
    assert translate(question(text)).query == query


@pytest.mark.parametrize(
    "text", ["my client is late, ", "with aa_bb cc ", "a b / c d ", 'x or "y" ', '"a", ', "jwt (a|b) ", "is it up? "]
)
def test_long_sentences_are_read_in_no_time(text: str) -> None:
    started = time.process_time()
    translate(question(f"cart {text * 300}"[:2000]))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        ('{a="b"} |~ "(?i)(oom|out of memory)"', '{a="b"} |~ "(?i)Out of memory|OOM"', True),
        ('{a="b"} !~ "(?i)Oom"', '{a="b"} !~ "(?i)oom"', True),
        ('{a="b"} |~ "(?i)oom"', '{a="b"} |~ "oom"', False),
        ('{a="b"} |~ "(?i)\\\\S"', '{a="b"} |~ "(?i)\\\\s"', False),
    ],
)
def test_letters_without_case_are_the_same(expected: str, found: str, equal: bool) -> None:
    request = Request.of({"text": "x", "language": "logql", "services": []})
    assert same(expected, found, request) is equal
