"""Sentences to TraceQL, by what people ask for: how kinds of spans hang together, whose condition it is, whole traces, names, messages, series."""

from datetime import UTC, datetime

import pytest

from core.nlp.entities import find
from core.query.traceql.reader import read
from core.query.traceql.translate import translate
from core.query.translation import Question

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
SERVICES = ("checkout", "payments", "ledger", "orders", "inventory", "api-gateway", "user-service", "web-frontend")


def query(text: str) -> str:
    """What a sentence is translated to; it is read once more."""
    made = translate(Question(text, find(text, services=SERVICES, now=NOW), NOW, SERVICES)).query
    assert read(made)
    return made


def asked(text: str) -> str:
    """The query for a sentence, with short names for the attributes that all of them have."""
    return query(text).replace("resource.service.name", "service").replace("span.http.status_code", "code")


STRUCTURE = [
    ("checkout somewhere underneath calls ledger", '{ service = "checkout" } >> { service = "ledger" }'),
    ("ledger somewhere underneath checkout", '{ service = "checkout" } >> { service = "ledger" }'),
    ("checkout has somewhere underneath it a ledger span", '{ service = "checkout" } >> { service = "ledger" }'),
    ("checkout with a ledger span further down", '{ service = "checkout" } >> { service = "ledger" }'),
    ("ledger called directly by payments", '{ service = "payments" } > { service = "ledger" }'),
    ("payments has a ledger child", '{ service = "payments" } > { service = "ledger" }'),
    ("payments' ledger call as descendant", '{ service = "payments" } >> { service = "ledger" }'),
    ("ledger with checkout above it", '{ service = "checkout" } >> { service = "ledger" }'),
    ("checkout is an ancestor of ledger", '{ service = "checkout" } >> { service = "ledger" }'),
    ("traces that went through ledger after checkout", '{ service = "checkout" } >> { service = "ledger" }'),
    ("traces wo web-frontend ledger aufruft", '{ service = "web-frontend" } >> { service = "ledger" }'),
    ("trazas donde checkout llama directamente a ledger", '{ service = "checkout" } > { service = "ledger" }'),
    ("checkout calls payments which calls ledger", '{ service = "checkout" } >> { service = "payments" } >> { service = "ledger" }'),
    ("checkout calls payments and inventory", '{ service = "checkout" } >> { service = "payments" } && { service = "checkout" } >> { service = "inventory" }'),
    ("checkout calls payments or inventory", '{ service = "checkout" } >> { service =~ "payments|inventory" }'),
    ("checkout directly queries redis", '{ service = "checkout" } > { span.db.system = "redis" }'),
    ("redis calls of checkout", '{ service = "checkout" && span.db.system = "redis" }'),
    ("orders has a failed postgres call underneath", '{ service = "orders" } >> { span.db.system = "postgresql" && status = error }'),
    ("load_user as a direct child of render_page", '{ name = "render_page" } > { name = "load_user" }'),
    ("load_user and load_cart side by side", '{ name = "load_user" } ~ { name = "load_cart" }'),
    ("traces with both load_user and load_cart", '{ name = "load_user" } && { name = "load_cart" }'),
    ("load_user or load_cart spans", '{ name = "load_user" || name = "load_cart" }'),
    ("payments spans not called by checkout", '{ service = "checkout" } !>> { service = "payments" }'),
    ("web-frontend has a child span from orders", '{ service = "web-frontend" } > { service = "orders" }'),
    ("web-frontend failing because of user-service", '{ service = "web-frontend" && status = error } >> { service = "user-service" }'),
    ("ledger errors not coming from payments", '{ service = "payments" } !>> { service = "ledger" && status = error }'),
    ("path from api-gateway over orders to ledger", '{ service = "api-gateway" } >> { service = "orders" } >> { service = "ledger" }'),
    ("does run_batch directly call write_row", '{ name = "run_batch" } > { name = "write_row" }'),
    ("parents of failing ledger spans", '{ service != "ledger" } > { service = "ledger" && status = error }'),
    ("web-frontend with any error underneath", '{ service = "web-frontend" } >> { status = error }'),
    ("load_user that calls load_cart, load_cart > 1s", '{ name = "load_user" } >> { name = "load_cart" && duration > 1s }'),
    ("failed children of render_page", '{ name = "render_page" } > { status = error }'),
    ("traces touching payments and orders, order is not important", '{ service = "payments" } && { service = "orders" }'),
]  # fmt: skip
OWNERS = [
    ("api-gateway answered 200 but deeper down payments failed", '{ service = "api-gateway" && code = 200 } >> { service = "payments" && status = error }'),
    ("checkout was fine (200) though ledger below had a 500", '{ service = "checkout" && code = 200 } >> { service = "ledger" && code = 500 }'),
    ("an error in payments and an error in orders", '{ service = "payments" && status = error } && { service = "orders" && status = error }'),
    ("checkout over 3s whose ledger child took less than 200ms", '{ service = "checkout" && duration > 3s } > { service = "ledger" && duration < 200ms }'),
    ("orders failed because inventory below returned 404", '{ service = "orders" && status = error } >> { service = "inventory" && code = 404 }'),
    ("both payments and orders failing", '{ service = "payments" && status = error } && { service = "orders" && status = error }'),
    ("ledger failing inside a checkout trace that itself returns 200", '{ service = "checkout" && code = 200 } >> { service = "ledger" && status = error }'),
]  # fmt: skip
TRACES = [
    ("traces rooted at api-gateway whose total duration is over 10s", '{ rootServiceName = "api-gateway" && traceDuration > 10s }'),
    ("traces whose entry point is web-frontend", '{ rootServiceName = "web-frontend" }'),
    ("whole trace over 9s with a payments span over 2s in it", '{ service = "payments" && traceDuration > 9s && duration > 2s }'),
    ("starts at web-frontend, over 5s end to end, and in them orders directly calls ledger", '{ rootServiceName = "web-frontend" && traceDuration > 5s } && { service = "orders" } > { service = "ledger" }'),
    ("requests entering at api-gateway where ledger blew up somewhere below", '{ service = "api-gateway" } >> { service = "ledger" && status = error }'),
    ("traces with root span named GET /cart", '{ rootName = "GET /cart" }'),
    ("checkout spans that don't have a parent", '{ service = "checkout" && nestedSetParent < 0 }'),
    ("orders spans take more than 300ms on average", '{ service = "orders" } | avg(duration) > 300ms'),
    ("payments spends more than 3s in total", '{ service = "payments" } | sum(duration) > 3s'),
    ("orders spans: max over 5s", '{ service = "orders" } | max(duration) > 5s'),
    ("only one ledger span per trace", '{ service = "ledger" } | count() = 1'),
    ("root = web-frontend and total duration > 6s", '{ rootServiceName = "web-frontend" && traceDuration > 6s }'),
    ("exactly two ledger spans", '{ service = "ledger" } | count() = 2'),
    ("send_mail ran more than once in orders", '{ service = "orders" && name = "send_mail" } | count() > 1'),
    ("three or more 5xx spans", "{ code >= 500 } | count() >= 3"),
    ("failed ledger spans, with their route and pod", '{ service = "ledger" && status = error } | select(span.http.route, resource.k8s.pod.name)'),
]  # fmt: skip
FIELDS = [
    ("routes starting with /api/v1 on orders", '{ service = "orders" && span.http.route =~ "/api/v1.*" }'),
    ("anything under /admin/ on user-service", '{ service = "user-service" && span.http.route =~ "/admin/.*" }'),
    ("orders spans except health checks on /healthz", '{ service = "orders" && span.http.route != "/healthz" }'),
    ("status message that has lock timeout in it", '{ statusMessage =~ ".*lock timeout.*" }'),
    ('"card declined" in the status message', '{ statusMessage =~ ".*card declined.*" }'),
    ("ledger spans with message contains no such table over 1s", '{ service = "ledger" && statusMessage =~ ".*no such table.*" && duration > 1s }'),
    ("exception message contains 'gone away'", '{ event.exception.message =~ ".*gone away.*" }'),
    ("statement contains FOR UPDATE", '{ span.db.statement =~ ".*FOR UPDATE.*" }'),
    ("slow orders, lets say >200 ms", '{ service = "orders" && duration > 200ms }'),
    ("payments err >2s", '{ service = "payments" && status = error && duration > 2s }'),
    ("service=ledger status=500", '{ service = "ledger" && code = 500 }'),
    ("retry.count is greater than 2", "{ span.retry.count > 2 }"),
    ("user agent Mozilla on web-frontend", '{ service = "web-frontend" && span.http.user_agent = "Mozilla" }'),
    ("orders spans with more than 20 children", '{ service = "orders" && childCount > 20 }'),
    ("leaf spans of orders", '{ service = "orders" && childCount = 0 }'),
    ("event named oom_warning in orders", '{ service = "orders" && event:name = "oom_warning" }'),
    ("services starting with pay, 5xx", '{ code >= 500 && service =~ "pay.*" }'),
    ("spans with user.id set in orders", '{ service = "orders" && span.user.id != nil }'),
    ("ledger 1s < duration < 3s", '{ service = "ledger" && duration > 1s && duration < 3s }'),
    ("user 77 in checkout", '{ service = "checkout" && span.user.id = "77" }'),
    ("deployment orders-canary errors", '{ resource.k8s.deployment.name = "orders-canary" && status = error }'),
    ("spans named like Get* in orders", '{ service = "orders" && name =~ "Get.*" }'),
    ("ledger errors with message connection reset", '{ service = "ledger" && statusMessage =~ ".*connection reset.*" && status = error }'),
    ("calls of orders to peer.service stripe over 1s", '{ service = "orders" && span.peer.service = "stripe" && duration > 1s }'),
    ("401 spans in orders", '{ service = "orders" && code = 401 }'),
    ("orders slower 2s", '{ service = "orders" && duration > 2s }'),
    ("neither 200 nor 204 in orders", '{ service = "orders" && code != 200 && code != 204 }'),
    ("orders that failed or took over 5s or returned 429", '{ service = "orders" && (code = 429 || duration > 5s || status = error) }'),
]  # fmt: skip
SERIES = [
    ("p95 of orders by http route", '{ service = "orders" } | quantile_over_time(duration, .95) by (span.http.route)'),
    ("routes of orders whose p95 is over 2s", '{ service = "orders" } | quantile_over_time(duration, .95) by (span.http.route) > 2s'),
    ("services with more than 10 error spans per second", "{ status = error } | rate() by (service) > 10"),
    ("p95 of orders spans over 1s", '{ service = "orders" && duration > 1s } | quantile_over_time(duration, .95)'),
    ("bottom 3 services by span rate", "{ kind = server } | rate() by (service) | bottomk(3)"),
    ("which 5 services have the highest p99", "{ kind = server } | quantile_over_time(duration, .99) by (service) | topk(5)"),
    ("average of http.response.size in orders by version", '{ service = "orders" } | avg_over_time(span.http.response.size) by (resource.service.version)'),
    ("p99.9 of orders", '{ service = "orders" } | quantile_over_time(duration, .999)'),
    ("longest span per service in staging", '{ resource.deployment.environment = "staging" } | max_over_time(duration) by (service)'),
    ("Fehlerrate von payments pro Version", '{ service = "payments" && status = error } | rate() by (resource.service.version)'),
    ("error spans over time for payments by pod", '{ service = "payments" && status = error } | count_over_time() by (resource.k8s.pod.name)'),
    ("rate by service except ledger", '{ service != "ledger" } | rate() by (service)'),
    ("the 95th of orders", '{ service = "orders" } | quantile_over_time(duration, .95)'),
    ("rate of orders by tenant_tier", '{ service = "orders" } | rate() by (span.tenant_tier)'),
    ("p95 de orders por ruta", '{ service = "orders" } | quantile_over_time(duration, .95) by (span.http.route)'),
    ("ledger reached from orders no matter how many hops", '{ service = "orders" } >> { service = "ledger" }'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [*STRUCTURE, *OWNERS, *TRACES, *FIELDS, *SERIES])
def test_what_is_asked(text: str, wanted: str) -> None:
    assert asked(text) == wanted


@pytest.mark.parametrize(
    "part", ["payments below it ", "a_b and c_d ", "status message has x ", "p99 over 2s ", "slower 1s "]
)
def test_long_sentences_take_no_long(part: str) -> None:
    started = datetime.now(UTC)
    assert query("ledger " + part * (4000 // len(part)))
    assert (datetime.now(UTC) - started).total_seconds() < 3
