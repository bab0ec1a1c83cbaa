"""Sentences to LogQL by what they are about: levels, what lines say, fields of lines, and numbers made of them."""

import time

import pytest

from core.query.logql.levels import level
from core.query.logql.translate import translate
from tests.unit.test_other_queries import question

LEVELS = [
    ("error logs of cart pls", '{service="cart"} | json | level="error"'),
    ("only warnings and errors from cart", '{service="cart"} | json | level=~"warn|error"'),
    ("cart logs without debug and info", '{service="cart"} | json | level!~"debug|info"'),
    ("everything worse than info in cart", '{service="cart"} | json | level=~"warn|error|critical|fatal"'),
    ("lvl warn, cart", '{service="cart"} | json | level="warn"'),
    ("error or fatal lines from cart in logfmt", '{service="cart"} | logfmt | level=~"error|fatal"'),
    ("cart errors that mention stripe", '{service="cart"} |= "stripe" | json | level="error"'),
    ("cart errors but not the stripe ones", '{service="cart"} != "stripe" | json | level="error"'),
    ("no kafka errors from cart", '{service="cart"} != "kafka"'),
    ("how many errors per service in production", 'sum by (service) (count_over_time({environment="production"} | json | level="error" [1h]))'),
    ("what part of all cart lines is warnings, 30m", 'sum(count_over_time({service="cart"} | json | level="warn" [30m])) / sum(count_over_time({service="cart"} [30m]))'),
    ("level=error or level=fatal in cart", '{service="cart"} | json | level=~"error|fatal"'),
    ("timeout errors in cart", '{service="cart"} |= "timeout" | json | level="error"'),
    ("database errors in orders", '{service="orders"} |= "database" | json | level="error"'),
    ("warn me about pods with more than 50 errors in 10m", 'sum by (pod) (count_over_time({pod=~".+"} | json | level="error" [10m])) > 50'),
    ("help me debug cart", '{service="cart"}'),
    ("more info on cart logs", '{service="cart"}'),
    ("cart errores 500", '{service="cart"} | json | status = 500'),
    ("warnungen von cart ohne redis", '{service="cart"} != "redis" | json | level="warn"'),
]  # fmt: skip
TEXTS = [
    ("cart lines that say error", '{service="cart"} |= "error"'),
    ("cart lines containing the word fatal", '{service="cart"} |= "fatal"'),
    ("panics in cart", '{service="cart"} |= "panic"'),
    ("cart timeouts or deadlocks", '{service="cart"} |~ "timeout|deadlock"'),
    ("deadlock detected in orders", '{service="orders"} |= "deadlock detected"'),
    ("user not found in auth", '{service="auth"} |= "user not found"'),
    ("dns lookup timeout in cart", '{service="cart"} |= "dns lookup timeout"'),
    ("redis timeouts in cart", '{service="cart"} |= "redis" |= "timeout"'),
    ("failed logins in auth", '{service="auth"} |= "failed login"'),
    ("cart timeouts, any case", '{service="cart"} |~ "(?i)timeout"'),
    ("slow query AND timeout both in orders", '{service="orders"} |= "slow query" |= "timeout"'),
    ("card declined in payments", '{service="payments"} |= "card declined"'),
    ("insufficient funds, payments", '{service="payments"} |= "insufficient funds"'),
    ("how many cache misses in cart", 'sum(count_over_time({service="cart"} |= "cache miss" [1h]))'),
    ("errors with redis in cart", '{service="cart"} |= "redis" | json | level="error"'),
    ("timeouts to postgres in orders", '{service="orders"} |= "timeout" |= "postgres"'),
    ("orders invalid_grant", '{service="orders"} |= "invalid_grant"'),
    ("search the cart logs for lock wait timeout exceeded", '{service="cart"} |= "lock wait timeout exceeded"'),
    ("cart logs mentioning payments and stripe", '{service="cart"} |= "payments" |= "stripe"'),
    ("orders logs die redis enthalten aber nicht cache", '{service="orders"} |= "redis" != "cache"'),
    ("logs de cart que contengan dhl pero no retry", '{service="cart"} |= "dhl" != "retry"'),
    ("cart lines where both printer and offline appear", '{service="cart"} |= "offline" |= "printer"'),
    ("customer says he cannot log in, auth logs", '{service="auth"}'),
    ("what does auth say about him", '{service="auth"}'),
    ("cart: sap AND idoc", '{service="cart"} |= "sap" |= "idoc"'),
    ("stack traces in cart", '{service="cart"} |= "stack trace"'),
    ("certificate has expired in auth", '{service="auth"} |= "certificate has expired"'),
]  # fmt: skip
FIELDS = [
    ("auth logs of user u_77", '{service="auth"} | json | user_id="u_77"'),
    ("what happened to customer 5512 in payments", '{service="payments"} | json | customer_id="5512"'),
    ("order 99812 in orders", '{service="orders"} |= "99812"'),
    ("device d-991 in cart", '{service="cart"} |= "d-991"'),
    ("POSTs to /v1/pay in payments that returned 409", '{service="payments"} | json | path="/v1/pay" | method="POST" | status = 409'),
    ("payments requests to /v1/pay slower than 1s", '{service="payments"} | json | path="/v1/pay" | duration > 1s'),
    ("cart logs without /healthz", '{service="cart"} != "/healthz"'),
    ("4xx and 5xx in cart", '{service="cart"} | json | status >= 400'),
    ("cart 500 and above", '{service="cart"} | json | status >= 500'),
    ("cart where tier is gold and rows > 20", '{service="cart"} | json | rows > 20 | tier="gold"'),
    ("cart with power_kw above 150 and connector ccs", '{service="cart"} | json | power_kw > 150 | connector="ccs"'),
    ("cart where tier isn't gold and rows > 20", '{service="cart"} | json | rows > 20 | tier!="gold"'),
    ("cart json logs, event enter or exit", '{service="cart"} | json | event=~"enter|exit"'),
    ("tenant acme in cart", '{service="cart"} | json | tenant="acme"'),
    ("cart json: print method path and status", '{service="cart"} | json | line_format "{{.method}} {{.path}} {{.status}}"'),
]  # fmt: skip
NUMBERS = [
    ("top 5 device_id by number of warn logs in cart over 6h", 'topk(5, sum by (device_id) (count_over_time({service="cart"} | json | level="warn" [6h])))'),
    ("10 noisiest cart pods by error count", 'topk(10, sum by (pod) (count_over_time({service="cart"} | json | level="error" [1h])))'),
    ("five namespaces with most log bytes in 24h", 'topk(5, sum by (namespace) (bytes_over_time({namespace=~".+"} [24h])))'),
    ("which city has the most timeouts in cart", 'topk(1, sum by (city) (count_over_time({service="cart"} |= "timeout" | json [1h])))'),
    ("noisiest pod of cart", 'topk(1, sum by (pod) (count_over_time({service="cart"} [1h])))'),
    ("quietest 3 services", 'bottomk(3, sum by (service) (count_over_time({service=~".+"} [1h])))'),
    ("errors by vendor in cart", 'sum by (vendor) (count_over_time({service="cart"} | json | level="error" [1h]))'),
    ("p99 of the score field per route in cart over 1h", 'quantile_over_time(0.99, {service="cart"} | json | unwrap score | __error__="" [1h]) by (route)'),
    ("sum of amount in payments over 24h", 'sum(sum_over_time({service="payments"} | json | unwrap amount | __error__="" [1d]))'),
    ("longest duration in cart logs over 1d", 'max_over_time({service="cart"} | json | unwrap duration(duration) | __error__="" [1d]) by ()'),
    ("log volume of cart in lines per second", 'sum(rate({service="cart"} [5m]))'),
    ("how many distinct vehicle_id in cart errors", 'count(sum by (vehicle_id) (count_over_time({service="cart"} | json | level="error" [1h])))'),
    ("services that wrote fewer than 10 lines in 1h", 'sum by (service) (count_over_time({service=~".+"} [1h])) < 10'),
    ("which namespaces have over 1000 warn lines in 1h", 'sum by (namespace) (count_over_time({namespace=~".+"} | json | level="warn" [1h])) > 1000'),
    ("cart errors this hour divided by those of the same hour one week back", 'sum(count_over_time({service="cart"} | json | level="error" [1h])) / sum(count_over_time({service="cart"} | json | level="error" [1h] offset 7d))'),
    ("how many more errors in cart in the last hour than in the hour before", 'sum(count_over_time({service="cart"} | json | level="error" [1h])) - sum(count_over_time({service="cart"} | json | level="error" [1h] offset 1h))'),
    ("cart timeouts in the last 2h vs two hours ago", 'sum(count_over_time({service="cart"} |= "timeout" [2h])) / sum(count_over_time({service="cart"} |= "timeout" [2h] offset 2h))'),
    ("is cart silent for 20 minutes", 'absent_over_time({service="cart"} [20m])'),
    ("not a single heartbeat line from cart in the last 10m", 'absent_over_time({service="cart"} |= "heartbeat" [10m])'),
    ("top 3 layers by errors in cart", 'topk(3, sum by (layer) (count_over_time({service="cart"} | json | level="error" [1h])))'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "query"), [*LEVELS, *TEXTS, *FIELDS, *NUMBERS])
def test_what_is_asked_of_lines(text: str, query: str) -> None:
    assert translate(question(text)).query == query


@pytest.mark.parametrize(
    ("said", "name"), [("errs", "error"), ("Warnings", "warn"), ("crit", "critical"), ("info", "info")]
)
def test_levels_have_one_name(said: str, name: str) -> None:
    assert level(said) == name


@pytest.mark.parametrize(
    "text",
    [
        "level=error or ",
        "card declined and ",
        "top 5 layers by ",
        "failed logins, ",
        "than the hour before ",
        "que digan x, ",
    ],
)
def test_long_sentences_are_read_in_no_time(text: str) -> None:
    started = time.process_time()
    translate(question(f"cart {text * 300}"[:2000]))
    assert time.process_time() - started < 1
