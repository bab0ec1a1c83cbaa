"""Sentences to TraceQL, by how clauses hang together: phrases, contrasts, the root beside other spans, plain words as names."""

import pytest

from tests.unit.test_traceql_translate import asked

PHRASES = [
    ("api-gateway 5xx that have a failed redis call of user-service underneath", '{ service = "api-gateway" && code >= 500 } >> { service = "user-service" && span.db.system = "redis" && status = error }'),
    ("api-gateway 504 with a user-service redis call over 1s below", '{ service = "api-gateway" && code = 504 } >> { service = "user-service" && span.db.system = "redis" && duration > 1s }'),
    ("checkout traces having more than 5 failing calls to payments underneath", '{ service = "checkout" } >> { service = "payments" && status = error } | count() > 5'),
    ("failing calls from orders to payments", '{ service = "orders" } >> { service = "payments" && status = error }'),
    ("failed checkout traces with a ledger span over 1s below", '{ service = "checkout" && status = error } >> { service = "ledger" && duration > 1s }'),
    ("web-frontend requests which errored deeper in inventory", '{ service = "web-frontend" } >> { service = "inventory" && status = error }'),
    ("requests via api-gateway that died somewhere below in ledger", '{ service = "api-gateway" } >> { service = "ledger" && status = error }'),
    ("checkout traces where it breaks downstream in payments", '{ service = "checkout" } >> { service = "payments" && status = error }'),
    ("any of checkout, payments or ledger returning 500", '{ service =~ "checkout|payments|ledger" && code = 500 }'),
    ("api-gateway 5xx (the api-gateway) over payments", '{ service = "api-gateway" && code >= 500 } >> { service = "payments" }'),
    ("inventory errors when orders calls it", '{ service = "orders" } >> { service = "inventory" && status = error }'),
    ("checkout gave 500 because payments gave 503", '{ service = "checkout" && code = 500 } >> { service = "payments" && code = 503 }'),
    ("traces through web-frontend, user-service, ledger in this order", '{ service = "web-frontend" } >> { service = "user-service" } >> { service = "ledger" }'),
    ("ledger called by anything other than payments", '{ service != "payments" } >> { service = "ledger" }'),
    ("ledger not reached through payments", '{ service = "payments" } !>> { service = "ledger" }'),
    ("orders and inventory called in parallel by checkout", '{ service = "checkout" } > { service = "orders" } ~ { service = "inventory" }'),
    ("parent spans of ledger errors", '{ service != "ledger" } > { service = "ledger" && status = error }'),
    ("write_row called by run_batch", '{ name = "run_batch" } >> { name = "write_row" }'),
]  # fmt: skip
CONTRASTS = [
    ("checkout is ok but payments below is not", '{ service = "checkout" && status != error } >> { service = "payments" && status = error }'),
    ("payments errored but its parent orders did not", '{ service = "orders" && status != error } > { service = "payments" && status = error }'),
    ("payments errors but no ledger errors", '{ service = "payments" && status = error } && { service = "ledger" && status != error }'),
    ("trazas donde checkout falla y payments no", '{ service = "checkout" && status = error } && { service = "payments" && status != error }'),
    ("payments failed but the root span is fine", '{ service = "payments" && status = error } && { nestedSetParent < 0 && status != error }'),
    ("root span over 5s and a ledger span with an error", '{ nestedSetParent < 0 && duration > 5s } && { service = "ledger" && status = error }'),
    ("traces with a failed span although the root is fine", "{ status = error } && { nestedSetParent < 0 && status != error }"),
    ("checkout root spans over 2s", '{ service = "checkout" && nestedSetParent < 0 && duration > 2s }'),
    ("an orders 409 and a checkout 500", '{ service = "orders" && code = 409 } && { service = "checkout" && code = 500 }'),
    ("everything except checkout that errored", '{ service != "checkout" && status = error }'),
    ("not staging: checkout errors", '{ service = "checkout" && resource.deployment.environment != "staging" && status = error }'),
    ("orders slower than 1s but not longer than 5s", '{ service = "orders" && duration > 1s && duration <= 5s }'),
    ("orders, ignore the ones faster than 100ms", '{ service = "orders" && duration >= 100ms }'),
    ("checkout errors, not interested in 404", '{ service = "checkout" && code != 404 && status = error }'),
    ("inventory 4xx other than 404", '{ service = "inventory" && (code >= 400 && code < 500) && code != 404 }'),
    ("429 or slower than 2s on orders", '{ service = "orders" && (code = 429 || duration > 2s) }'),
    ("orders spans flagged as error with http 200", '{ service = "orders" && code = 200 && status = error }'),
]  # fmt: skip
NAMES = [
    ("the span charge-card when it takes longer than 200ms", '{ name = "charge-card" && duration > 200ms }'),
    ("the authorize span in payments over 300ms", '{ service = "payments" && name = "authorize" && duration > 300ms }'),
    ("orders executed send-mail and that operation failed", '{ service = "orders" && name = "send-mail" && status = error }'),
    ("validate spans of orders that failed", '{ service = "orders" && name = "validate" && status = error }'),
    ("in orders the span persist took over 1s", '{ service = "orders" && name = "persist" && duration > 1s }'),
    ("the slowest span of orders over 1s", '{ service = "orders" } | max(duration) > 1s'),
    ("client-side spans of orders", '{ service = "orders" && kind = client }'),
    ("long-running operation in orders, non-error spans", '{ service = "orders" && status != error && duration > 1s }'),
    ("how often is send-mail executed in orders", '{ service = "orders" && name = "send-mail" } | rate()'),
    ("checkout spans for the black-friday sale with errors", '{ service = "checkout" && status = error }'),
    ("orders spans called during sign-in that fail", '{ service = "orders" && status = error }'),
    ("every single span of orders over 1s", '{ service = "orders" && duration > 1s }'),
    ("cold-start in orders, over 10s", '{ service = "orders" && duration > 10s }'),
    ("spans named HTTP GET in orders", '{ service = "orders" && name = "HTTP GET" }'),
    ("spans of orders whose name starts with db.", r'{ service = "orders" && name =~ `db\..*` }'),
    ("name matches /^GET .*/ in orders", '{ service = "orders" && name =~ "^GET .*" }'),
    ("spans named anything with batch", '{ name =~ ".*batch.*" }'),
    ("traces having load_user as well as load_cart", '{ name = "load_user" } && { name = "load_cart" }'),
]  # fmt: skip
FIELDS = [
    ("payments spans with currency EUR", '{ service = "payments" && span.currency = "EUR" }'),
    ("span.kind = client in checkout", '{ service = "checkout" && kind = client }'),
    ("exception.type = NullPointerException", '{ event.exception.type = "NullPointerException" }'),
    ("spans in orders where net.peer.name isn't set", '{ service = "orders" && span.net.peer.name = nil }'),
    ("orders spans that have a user.id", '{ service = "orders" && span.user.id != nil }'),
    ("orders spans without a user.id", '{ service = "orders" && span.user.id = nil }'),
    ("checkout spans with feature.flag new-cart", '{ service = "checkout" && span.feature.flag = "new-cart" }'),
    ("retry_count at least 2 in payments", '{ service = "payments" && span.retry_count >= 2 }'),
    ("orders spans in availability zone eu-1a", '{ service = "orders" && resource.cloud.availability_zone = "eu-1a" }'),
    ("spans of orders with a link", '{ service = "orders" && link:traceID != nil }'),
    ("spans from library otelhttp", '{ instrumentation:name = "otelhttp" }'),
    ("orders spans, max 2 s", '{ service = "orders" && duration <= 2s }'),
    ("orders spans btw 500ms and 2s", '{ service = "orders" && duration >= 500ms && duration <= 2s }'),
    ("kafka sends of orders that failed", '{ service = "orders" && kind = producer && span.messaging.system = "kafka" && status = error }'),
    ("Traces mit mehr als 20 Datenbank-Aufrufen in orders", '{ service = "orders" && span.db.system != nil } | count() > 20'),
]  # fmt: skip
WHOLE = [
    ("started in web-frontend, took more than 4 seconds altogether", '{ rootServiceName = "web-frontend" && traceDuration > 4s }'),
    ("traces that start at web-frontend and take over 4s", '{ rootServiceName = "web-frontend" && traceDuration > 4s }'),
    ("traces where orders needs over 1 minute in total", '{ service = "orders" } | sum(duration) > 1m'),
    ("more than one send_mail in orders", '{ service = "orders" && name = "send_mail" } | count() > 1'),
    ("between 5 and 10 spans of orders", '{ service = "orders" } | count() >= 5 | count() <= 10'),
    ("how often is send_mail called in orders", '{ service = "orders" && name = "send_mail" } | rate()'),
    ("spans per minute of orders", '{ service = "orders" } | rate()'),
    ("what differs between failing and ok spans of orders", '{ service = "orders" } | compare({ status = error })'),
    ("compare slow orders spans (>2s) with the rest", '{ service = "orders" } | compare({ duration > 2s })'),
    ("top 3 error routes of checkout", '{ service = "checkout" && status = error } | count_over_time() by (span.http.route) | topk(3)'),
    ("which route of checkout is slowest at p99", '{ service = "checkout" } | quantile_over_time(duration, .99) by (span.http.route) | topk(1)'),
    ("latency quantiles 50 90 99 for orders", '{ service = "orders" } | quantile_over_time(duration, .5, .9, .99)'),
    ("average db.rows_affected by operation in ledger", '{ service = "ledger" } | avg_over_time(span.db.rows_affected) by (name)'),
    ("root name POST /cart", '{ rootName = "POST /cart" }'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [*PHRASES, *CONTRASTS, *NAMES, *FIELDS, *WHOLE])
def test_what_is_asked(text: str, wanted: str) -> None:
    assert asked(text) == wanted
