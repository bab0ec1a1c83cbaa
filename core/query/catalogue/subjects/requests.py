"""Requests served: how many, how fast, how many fail; and whether the service answers at all."""

from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Counter, Gauge, Histogram, Measure, Moment, Share, Subject, Unit
from core.query.catalogue.sources import (
    BLACKBOX,
    CERT_MANAGER,
    GRPC,
    HTTP,
    INGRESS,
    ISTIO,
    MICROMETER,
    MYSQL,
    OTEL,
    POSTGRES,
    REDIS,
    SCRAPE,
)
from core.query.promql.model import Matcher

_SERVER_ERROR = "5.."


def _failed(name: str, label: str) -> Counter:
    return Counter(name, (Matcher(label, "=~", _SERVER_ERROR),))


_FAILED = (
    (HTTP, _failed("http_requests_total", "status")),
    (OTEL, _failed("http_server_request_duration_seconds_count", "http_response_status_code")),
    (MICROMETER, _failed("http_server_requests_seconds_count", "status")),
    (ISTIO, _failed("istio_requests_total", "response_code")),
    (INGRESS, _failed("nginx_ingress_controller_requests", "status")),
    (GRPC, Counter("grpc_server_handled_total", (Matcher("grpc_code", "!=", "OK"),))),
)

SUBJECTS = (
    Subject(
        "latency",
        Unit.SECONDS,
        (
            "latency", "response time", "request duration", "request time", "duration", "slow", "slower", "slowest", "slowness",
            "sluggish", "dragging", "crawling", "laggy", "fast", "faster", "fastest", "speed", "tail latency", "how long do request take", "how long request take",
            "time to respond", "take on average", "take long", "take to answer", "take to respond", "take to complete", "how long does it take", "how long do they take", "round trip", "processing time", "response latency", "latenz", "antwortzeit", "langsam", "langsamer",
            "latencia", "latence", "temps de réponse", "latenza", "tiempo de respuesta", "lento", "lenta",
        ),
        (
            Measure(HTTP, Histogram("http_request_duration_seconds")),
            Measure(OTEL, Histogram("http_server_request_duration_seconds")),
            Measure(MICROMETER, Histogram("http_server_requests_seconds")),
            Measure(ISTIO, Histogram("istio_request_duration_milliseconds"), scale=0.001),
            Measure(INGRESS, Histogram("nginx_ingress_controller_request_duration_seconds")),
            Measure(GRPC, Histogram("grpc_server_handling_seconds")),
        ),
    ),
    Subject(
        "request_rate",
        Unit.PER_SECOND,
        (
            "request rate", "served nothing", "serving nothing", "receiving nothing", "received nothing", "getting nothing", "request volume", "throughput", "rps", "qps", "rpm", "req s", "traffic", "request per second", "request", "req", "hit", "call", "api call", "rpc", "query per second", "tps",
            "invocation", "busy", "busiest", "quiet", "quietest", "req second", "débit", "requête", "requete", "durchsatz", "anfrage", "tráfico", "trafico", "petición", "solicitud",
        ),
        (
            Measure(HTTP, Counter("http_requests_total")),
            Measure(OTEL, Counter("http_server_request_duration_seconds_count")),
            Measure(MICROMETER, Counter("http_server_requests_seconds_count")),
            Measure(ISTIO, Counter("istio_requests_total")),
            Measure(INGRESS, Counter("nginx_ingress_controller_requests")),
            Measure(GRPC, Counter("grpc_server_handled_total")),
        ),
    ),
    *(
        Subject(
            f"{side}_size",
            Unit.BYTES,
            (f"{side} size", f"size of {side}", f"{side} body size", f"{side} byte", f"{side} payload", f"{side} payload size"),
            (Measure(HTTP, Histogram(f"http_{side}_size_bytes")), Measure(OTEL, Histogram(f"http_server_{side}_body_size_bytes"))),
        )
        for side in ("request", "response")
    ),
    Subject(
        "error_rate",
        Unit.RATIO,
        (
            "error rate", "errors rate", "failure rate", "fail rate", "error ratio", "failure ratio", "error percentage", "error percent",
            "error pct", "percentage of error", "percent of error", "share of error", "ratio of error", "fraction of error",
            "percentage of failed request", "percentage of failure", "share of failed request", "fraction of failed request",
            "proportion of failed request", "ratio of failed request", "failed request ratio", "percent of request fail", "percent of request failing",
            "failing request", "failing", "5xx rate", "5xx ratio", "5xx percentage", "error budget burn", "rate of error", "rate of failure",
            "err rate", "erroring", "error prone", "unreliable", "flaky", "fehlerrate", "fehlerquote", "taux d erreur", "taux erreur", "tasa de error", "tasa de fallo",
        ),
        tuple(
            Measure(source, Share(failed, (Counter(failed.name),), narrowed_by=Dimension.STATUS)) for source, failed in _FAILED
        ),
    ),
    Subject(
        "errors",
        Unit.PER_SECOND,
        (
            "error", "failure", "failed request", "failed call", "exception", "server error", "5xx",
            "fail", "failed", "fehler", "fallo", "erreur",
        ),
        tuple(Measure(source, failed) for source, failed in _FAILED),
        share="error_rate",
    ),
    Subject(
        "availability",
        Unit.RATIO,
        (
            "availability", "success rate", "success %", "success percent", "success ratio", "success percentage", "percentage of successful request", "slo", "sli", "reliability",
            "share of successful request", "percent of successful request", "fraction of successful request", "ratio of successful request", "available", "verfügbarkeit", "disponibilidad",
        ),
        tuple(
            Measure(source, Share(failed, (Counter(failed.name),), complement=True, narrowed_by=Dimension.STATUS))
            for source, failed in _FAILED
        ),
        more_is_better=True,
    ),
    Subject(
        "successes",
        Unit.PER_SECOND,
        ("successful request", "successful call", "succeeded request", "good request", "successful response", "2xx response"),
        tuple(
            Measure(source, Counter(failed.name, (Matcher(matcher.label, "=~", "2.."),)))
            for source, failed in _FAILED
            for matcher in failed.fixed
            if source is not GRPC
        ),
        share="availability",
    ),
    Subject(
        "requests_in_flight",
        Unit.COUNT,
        ("in flight request", "inflight request", "in flight", "inflight", "concurrent request", "active request", "concurrency"),
        (
            Measure(HTTP, Gauge("http_requests_in_flight")),
            Measure(OTEL, Gauge("http_server_active_requests")),
        ),
    ),
    Subject(
        "uptime",
        Unit.RATIO,
        ("uptime", "percent up", "time up"),
        (Measure(SCRAPE, Share(Gauge("up", combine="avg"))), Measure(BLACKBOX, Share(Gauge("probe_success", combine="avg")))),
        more_is_better=True,
    ),
    Subject(
        "downtime",
        Unit.RATIO,
        ("downtime", "time down", "down time"),
        (Measure(SCRAPE, Share(Gauge("up", combine="avg"), complement=True)),),
    ),
    Subject(
        "health",
        Unit.COUNT,
        (
            "up", "health", "healthy", "unhealthy", "alive", "down", "reachable", "unreachable", "scrape", "scraped", "target",
            "health check", "instance status", "status of instance", "state of instance", "status of the instance", "healthcheck", "heartbeat", "respond", "responding", "doing", "ok", "okay", "gesund", "läuft", "laeuft", "funciona", "funktioniert", "arriba", "running instance", "instance running", "live instance", "healthy instance",
        ),
        (
            Measure(SCRAPE, Gauge("up", combine="")),
            Measure(BLACKBOX, Gauge("probe_success", combine="")),
            Measure(POSTGRES, Gauge("pg_up", combine="")),
            Measure(MYSQL, Gauge("mysql_up", combine="")),
            Measure(REDIS, Gauge("redis_up", combine="")),
        ),
        more_is_better=True,
    ),
    Subject(
        "scrape_duration",
        Unit.SECONDS,
        ("scrape duration", "scrape time", "slow scrape", "slowest scrape"),
        (Measure(SCRAPE, Gauge("scrape_duration_seconds", combine="")),),
    ),
    Subject(
        "firing_alerts",
        Unit.COUNT,
        ("firing alert", "alert firing", "active alert", "alert active", "alert are firing"),
        (Measure(SCRAPE, Gauge("ALERTS", (Matcher("alertstate", "=", "firing"),), combine="count")),),
    ),
    Subject(
        "head_series",
        Unit.COUNT,
        ("head series", "active series", "prometheus series", "how many series", "series in memory", "tsdb series", "number of series", "time series in prometheus", "many time series", "number of time series", "time series count", "time series"),
        (Measure(SCRAPE, Gauge("prometheus_tsdb_head_series")),),
    ),
    Subject(
        "probe_success",
        Unit.COUNT,
        ("probe", "probe success", "blackbox probe", "synthetic check", "blackbox", "endpoint check", "failing probe", "probe failing", "probe failed", "failed probe", "probe failure", "failing blackbox probe", "probe fail", "blackbox probe failing"),
        (Measure(BLACKBOX, Gauge("probe_success", combine="")),),
    ),
    Subject(
        "probe_duration",
        Unit.SECONDS,
        ("probe duration", "probe latency", "probe time", "blackbox probe duration", "blackbox probe latency", "blackbox latency", "blackbox duration"),
        (Measure(BLACKBOX, Gauge("probe_duration_seconds", combine="avg")),),
    ),
    Subject(
        "certificate_expiry",
        Unit.SECONDS,
        (
            "certificate expiry", "cert expiry", "certificate expire", "cert expire", "certificate expiration", "cert expiration", "ssl expiry",
            "tls expiry", "certificate", "cert", "ssl cert", "tls cert", "ssl certificate", "tls certificate", "ssl", "tls",
        ),
        (
            Measure(BLACKBOX, Moment(Gauge("probe_ssl_earliest_cert_expiry", combine=""))),
            Measure(CERT_MANAGER, Moment(Gauge("certmanager_certificate_expiration_timestamp_seconds", combine=""))),
        ),
        more_is_better=True,
    ),
)  # fmt: skip
