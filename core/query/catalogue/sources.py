"""Exporters and instrumentation libraries, with the labels by which their series are told apart.

Label names come from each one's documentation: prometheus/client_* middleware customs, opentelemetry.io semantic conventions
(dots become underscores), Micrometer, Istio standard metrics, ingress-nginx, go-grpc-prometheus, cAdvisor, kube-state-metrics,
node_exporter, blackbox_exporter, postgres_exporter, mysqld_exporter, redis_exporter, kafka_exporter (danielqsj), RabbitMQ's
own plugin, dcgm-exporter, vLLM.
"""

from types import MappingProxyType

from core.query.catalogue.dimensions import Dimension as D  # noqa: N817 - a table of nothing else
from core.query.catalogue.measures import Source

_PLACE = frozenset({D.ENVIRONMENT, D.REGION, D.CLUSTER})
"""Added to every series by the Prometheus that scrapes, as external or target labels."""
_TARGET = _PLACE | {D.SERVICE, D.NAMESPACE, D.HOST, D.POD, D.VERSION}
_HTTP = _TARGET | {D.ENDPOINT, D.METHOD, D.STATUS}
_CONTAINERS = _PLACE | {D.SERVICE, D.NAMESPACE, D.POD, D.CONTAINER, D.DEPLOYMENT}

HTTP = Source(("http",), _HTTP)
OTEL = Source(
    ("otel", "opentelemetry"),
    _HTTP,
    MappingProxyType(
        {
            D.ENDPOINT: "http_route",
            D.METHOD: "http_request_method",
            D.STATUS: "http_response_status_code",
            D.SERVICE: "service_name",
            D.ENVIRONMENT: "deployment_environment_name",
        }
    ),
)
MICROMETER = Source(("spring", "micrometer", "actuator"), _HTTP, MappingProxyType({D.ENDPOINT: "uri"}))
ISTIO = Source(
    ("istio", "mesh", "envoy", "sidecar"),
    _PLACE | {D.SERVICE, D.NAMESPACE, D.VERSION, D.STATUS, D.DEPLOYMENT},
    MappingProxyType(
        {
            D.SERVICE: "destination_service_name",
            D.NAMESPACE: "destination_service_namespace",
            D.VERSION: "destination_version",
            D.STATUS: "response_code",
            D.DEPLOYMENT: "destination_workload",
        }
    ),
)
INGRESS = Source(
    ("ingress", "nginx"),
    _PLACE | {D.SERVICE, D.NAMESPACE, D.HOST, D.ENDPOINT, D.METHOD, D.STATUS},
    MappingProxyType({D.HOST: "host"}),
)
GRPC = Source(
    ("grpc", "rpc"),
    _TARGET | {D.METHOD, D.STATUS},
    MappingProxyType({D.METHOD: "grpc_method", D.STATUS: "grpc_code"}),
)
SCRAPE = Source(
    ("target", "scrape", "exporter"),
    _TARGET | {D.JOB},
    MappingProxyType({D.SERVICE: "job"}),
    assumed=frozenset({D.SERVICE}),
)
"""What Prometheus itself writes of its targets: told apart by `job` and `instance`, unless a backend says more."""
BLACKBOX = Source(("blackbox", "probe", "synthetic"), _PLACE | {D.SERVICE, D.HOST})
CERT_MANAGER = Source(("cert-manager",), _PLACE | {D.NAMESPACE})
CADVISOR = Source(
    ("container", "pod", "cadvisor", "kubernetes", "k8s"),
    _CONTAINERS | {D.HOST, D.DEVICE},
    MappingProxyType({D.HOST: "node"}),
)
KUBE_STATE = Source(
    ("kubernetes", "k8s", "kube"),
    _CONTAINERS | {D.HOST, D.PHASE, D.REASON, D.JOB},
    MappingProxyType({D.HOST: "node", D.JOB: "job_name"}),
)
KUBELET = Source(("pvc", "volume"), _PLACE | {D.NAMESPACE, D.SERVICE}, MappingProxyType({D.HOST: "node"}))
NODE = Source(
    ("node", "host", "machine", "vm", "server", "box", "instance"),
    _PLACE | {D.HOST, D.DEVICE, D.MOUNTPOINT, D.FSTYPE, D.JOB},
    about=D.HOST,
)
PROCESS = Source(("process",), _TARGET)
GO = Source(("go", "golang"), _TARGET)
JVM = Source(("jvm", "java", "spring"), _TARGET)
POSTGRES = Source(
    ("postgres", "postgresql", "pg", "psql"), _TARGET | {D.DATABASE, D.STATE}, MappingProxyType({D.DATABASE: "datname"})
)
MYSQL = Source(("mysql", "mariadb"), _TARGET)
REDIS = Source(("redis", "valkey"), _TARGET | {D.DATABASE}, MappingProxyType({D.DATABASE: "db"}))
KAFKA = Source(
    ("kafka",), _TARGET | {D.TOPIC, D.CONSUMER, D.PARTITION}, MappingProxyType({D.CONSUMER: "consumergroup"})
)
RABBITMQ = Source(("rabbitmq", "rabbit", "amqp"), _TARGET | {D.QUEUE})
DCGM = Source(
    ("gpu", "nvidia", "dcgm"),
    _CONTAINERS | {D.HOST, D.GPU, D.DEVICE, D.MODEL},
    MappingProxyType({D.HOST: "Hostname", D.MODEL: "modelName"}),
)
LLM = Source(("llm",), _TARGET | {D.MODEL, D.PROVIDER, D.TOKEN_TYPE})
"""The names that this bot's own metrics use for language models."""
VLLM = Source(("vllm",), _TARGET | {D.MODEL}, MappingProxyType({D.MODEL: "model_name"}))
GEN_AI = Source(
    ("otel", "opentelemetry"),
    _TARGET | {D.MODEL, D.PROVIDER, D.TOKEN_TYPE},
    MappingProxyType(
        {D.MODEL: "gen_ai_request_model", D.PROVIDER: "gen_ai_provider_name", D.TOKEN_TYPE: "gen_ai_token_type"}
    ),
)
"""OpenTelemetry's semantic conventions for generative AI; `gen_ai_system` named the provider before version 1.37."""
