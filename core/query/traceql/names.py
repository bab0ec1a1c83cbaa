"""Names of attributes by convention: OpenTelemetry's resource attributes, and its HTTP names that most instrumentation still writes."""

from core.nlp.interpretation import EntityType
from core.query.traceql.model import Attribute, Intrinsic

SERVICE = Attribute("resource", "service.name")
STATUS_CODE = Attribute("span", "http.status_code")
METHOD = Attribute("span", "http.method")
ROUTE = Attribute("span", "http.route")
DATABASE = Attribute("span", "db.system")
MESSAGING = Attribute("span", "messaging.system")
RPC = Attribute("span", "rpc.system")
EXCEPTION = Attribute("event", "exception.type")
DURATION = Intrinsic("duration")
TRACE_DURATION = Intrinsic("traceDuration")
NAME = Intrinsic("name")
STATUS = Intrinsic("status")
KIND = Intrinsic("kind")
PARENT = Intrinsic("nestedSetParent")
"""Less than 0 for the root of a trace."""

ENTITIES: dict[EntityType, Attribute] = {
    EntityType.SERVICE: SERVICE,
    EntityType.ENVIRONMENT: Attribute("resource", "deployment.environment"),
    EntityType.NAMESPACE: Attribute("resource", "k8s.namespace.name"),
    EntityType.REGION: Attribute("resource", "cloud.region"),
    EntityType.HOST: Attribute("resource", "host.name"),
    EntityType.VERSION: Attribute("resource", "service.version"),
    EntityType.ENDPOINT: ROUTE,
}
"""Entity type → attribute."""

RESOURCE_PREFIXES = (
    "service.",
    "k8s.",
    "cloud.",
    "host.",
    "deployment.",
    "container.",
    "process.",
    "telemetry.",
    "os.",
)
"""How names begin that belong to what sends spans, not to a span."""

SYSTEMS: dict[str, tuple[Attribute, str]] = {
    **dict.fromkeys(("postgres", "postgresql", "psql", "pg"), (DATABASE, "postgresql")),
    **{
        word: (DATABASE, word)
        for word in (
            "mysql",
            "redis",
            "cassandra",
            "elasticsearch",
            "mongodb",
            "dynamodb",
            "clickhouse",
            "memcached",
            "sqlite",
            "mariadb",
        )
    },
    "mongo": (DATABASE, "mongodb"),
    **{word: (MESSAGING, word) for word in ("kafka", "rabbitmq", "nats", "pulsar", "activemq")},
    "sqs": (MESSAGING, "aws_sqs"),
    "grpc": (RPC, "grpc"),
}
"""What a call goes to → the attribute that says so, and its value."""

_GROUPS: dict[Attribute | Intrinsic, str] = {
    SERVICE: "servicio|servicios|dienst|dienste|service|services|service name|app|apps|application|component",
    ENTITIES[EntityType.ENVIRONMENT]: "umgebung|entorno|entornos|environment|environments|env|envs",
    ENTITIES[EntityType.NAMESPACE]: "namespace|namespaces|ns",
    ENTITIES[EntityType.REGION]: "region|regions|región|regiones",
    ENTITIES[EntityType.HOST]: "host|hosts|node|nodes|instance|instances|machine|server|servers",
    ENTITIES[
        EntityType.VERSION
    ]: "versión|versiones|versionen|service version|service versions|app version|version|versions|release",
    Attribute("resource", "k8s.pod.name"): "pod|pods",
    Attribute("resource", "k8s.cluster.name"): "cluster|clusters",
    ROUTE: "ruta|rutas|routen|endpunkt|endpunkte|http route|http routes|http endpoint|http path|url path|endpoint|endpoints|route|routes|path|paths|url|urls",
    STATUS_CODE: "código de estado|codigo de estado|código|codigo|statuscode|statuscodes|http status code|http status codes|http code|http response code|http codes|http statuses|status code|status codes|http status|response code|response codes|http code|code|codes",
    METHOD: "método|metodo|methode|methoden|method|methods|http method|http methods|http verb|request method|verb|verbs",
    NAME: "operación|operacion|operaciones|operationen|operation|operations|span name|span names|name|names|span|spans|query|queries|call|calls|handler|handlers",
    STATUS: "status|statuses|span status",
    KIND: "kind|kinds|span kind",
    DATABASE: "database|databases|db|db system|database system|datastore|db type",
    MESSAGING: "messaging system|broker",
    Attribute("span", "db.operation"): "db operation|database operation|sql operation",
    Attribute("span", "db.name"): "db name|database name|schema",
    Attribute("span", "messaging.destination.name"): "topic|topics|destination",
    Attribute("span", "peer.service"): "peer|peers|peer service",
    Attribute("resource", "k8s.deployment.name"): "deployment|deployments",
    Attribute("resource", "k8s.node.name"): "k8s node|kubernetes node",
    Attribute("resource", "k8s.container.name"): "container|containers",
    Attribute("resource", "cloud.availability_zone"): "availability zone|zone|zones|az",
    Intrinsic("statusMessage"): "status message|error message|error messages|status messages",
    EXCEPTION: "exception|exceptions|exception type|error type|error types",
    Intrinsic("rootServiceName"): "root service|root services|entry service|entrypoint",
    Intrinsic("rootName"): "root operation|root span|root name",
    Attribute("span", "user.id"): "user|users|user id",
    Attribute("span", "customer.id"): "customer|customers|customer id",
    Attribute("span", "tenant.id"): "tenant|tenants|tenant id",
}
_FIELDS: dict[Attribute | Intrinsic, str] = {
    ROUTE: "route|path|endpoint|http.route",
    Attribute("span", "http.url"): "url|http url",
    METHOD: "method|http method|verb",
    NAME: "name|names|span name|operation name|operation",
    Intrinsic("statusMessage"): "status message|error message|message",
    KIND: "kind|span kind",
    Attribute("span", "db.statement"): "statement|db statement|sql",
    Attribute("span", "db.name"): "db name",
    Attribute("span", "http.user_agent"): "user agent",
    DATABASE: "db system",
    EXCEPTION: "exception|exception type",
    Attribute("span", "messaging.destination.name"): "topic|queue|destination|exchange",
    Attribute("span", "peer.service"): "peer|peer service",
    Attribute("resource", "k8s.pod.name"): "pod|pod name",
    Attribute("resource", "k8s.cluster.name"): "cluster|cluster name",
    Attribute("resource", "k8s.container.name"): "container|container name",
    Attribute("resource", "k8s.deployment.name"): "deployment|deployment name",
    Attribute("resource", "k8s.statefulset.name"): "statefulset",
    Attribute("resource", "k8s.node.name"): "node",
    Attribute("span", "user.id"): "user id|user",
    Attribute("span", "customer.id"): "customer id|customer",
    Attribute("span", "tenant.id"): "tenant id|tenant",
    Intrinsic("rootServiceName"): "root service",
    Intrinsic("trace:id"): "trace id|traceid",
    Intrinsic("rootName"): "root name|root operation",
}
FIELDS = {word + plural: field for field, words in _FIELDS.items() for word in words.split("|") for plural in ("", "s")}
"""What is compared with a value, by the words for it."""

CODES = ("http status code", "status code", "http status", "http code", "response code")
"""Words for a status of HTTP."""

SHORT: dict[str, Attribute | Intrinsic] = {
    **dict.fromkeys(("service", "service_name", "svc", "app"), SERVICE),
    **dict.fromkeys(("env", "environment"), ENTITIES[EntityType.ENVIRONMENT]),
    **dict.fromkeys(("namespace", "ns"), ENTITIES[EntityType.NAMESPACE]),
    "region": ENTITIES[EntityType.REGION],
    "pod": Attribute("resource", "k8s.pod.name"),
    "cluster": Attribute("resource", "k8s.cluster.name"),
    **dict.fromkeys(("code", "status_code", "http_status", "http_status_code", "http_code"), STATUS_CODE),
    **dict.fromkeys(("method", "http_method"), METHOD),
    **dict.fromkeys(("route", "path", "endpoint", "http_route"), ROUTE),
    "operation": NAME,
    **dict.fromkeys(("root", "root_service"), Intrinsic("rootServiceName")),
}
"""What people write before a sign of comparison: "service=cart"."""

GROUPS = {word: attribute for attribute, words in _GROUPS.items() for word in words.split("|")}
"""What a result may be split by, by the words for it."""
