"""What telemetry is told apart by, the words people use for it, and the labels that carry it."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS


class Dimension(StrEnum):
    """A kind of thing that series are filtered or grouped by."""

    SERVICE = "service"
    ENVIRONMENT = "environment"
    NAMESPACE = "namespace"
    REGION = "region"
    CLUSTER = "cluster"
    HOST = "host"
    VERSION = "version"
    ENDPOINT = "endpoint"
    METHOD = "method"
    STATUS = "status"
    POD = "pod"
    CONTAINER = "container"
    DEPLOYMENT = "deployment"
    MODEL = "model"
    PROVIDER = "provider"
    TOKEN_TYPE = "token type"  # noqa: S105 - a token of a language model, no secret
    GPU = "gpu"
    QUEUE = "queue"
    TOPIC = "topic"
    CONSUMER = "consumer group"
    DATABASE = "database"
    DEVICE = "device"
    MOUNTPOINT = "mountpoint"
    FSTYPE = "filesystem type"
    PARTITION = "partition"
    JOB = "job"
    PHASE = "phase"
    REASON = "reason"
    STATE = "state"


BY_ENTITY: Mapping[EntityType, Dimension] = MappingProxyType(
    {
        EntityType.SERVICE: Dimension.SERVICE,
        EntityType.ENVIRONMENT: Dimension.ENVIRONMENT,
        EntityType.NAMESPACE: Dimension.NAMESPACE,
        EntityType.REGION: Dimension.REGION,
        EntityType.HOST: Dimension.HOST,
        EntityType.VERSION: Dimension.VERSION,
        EntityType.ENDPOINT: Dimension.ENDPOINT,
        EntityType.HTTP_STATUS: Dimension.STATUS,
    }
)

CUSTOMARY: Mapping[Dimension, tuple[str, ...]] = MappingProxyType(
    {
        Dimension.SERVICE: ("job", "app", "service_name", "application", "app_kubernetes_io_name", "container", "deployment"),
        Dimension.ENVIRONMENT: ("env", "deployment_environment", "deployment_environment_name", "stage"),
        Dimension.NAMESPACE: ("exported_namespace", "kubernetes_namespace", "k8s_namespace_name"),
        Dimension.REGION: ("cloud_region", "zone", "availability_zone"),
        Dimension.CLUSTER: ("cluster", "k8s_cluster_name"),
        Dimension.HOST: ("node", "host", "hostname", "nodename", "Hostname", "host_name"),
        Dimension.VERSION: ("app_version", "service_version", "release"),
        Dimension.ENDPOINT: ("handler", "route", "endpoint", "uri", "url", "http_route"),
        Dimension.METHOD: ("method", "verb", "http_method", "http_request_method"),
        Dimension.STATUS: ("code", "status_code", "http_status_code", "response_code", "http_response_status_code"),
        Dimension.POD: ("pod", "pod_name", "kubernetes_pod_name", "k8s_pod_name", "exported_pod"),
        Dimension.CONTAINER: ("container", "container_name", "exported_container"),
        Dimension.DEPLOYMENT: ("deployment", "workload", "k8s_deployment_name"),
        Dimension.MODEL: ("model", "model_name", "gen_ai_request_model"),
        Dimension.PROVIDER: ("provider", "gen_ai_provider_name", "gen_ai_system"),
        Dimension.TOKEN_TYPE: ("type", "gen_ai_token_type"),
        Dimension.GPU: ("gpu", "UUID"),
        Dimension.QUEUE: ("queue", "queue_name"),
        Dimension.FSTYPE: ("fstype",),
        Dimension.PARTITION: ("partition",),
        Dimension.JOB: ("job",),
        Dimension.TOPIC: ("topic",),
        Dimension.CONSUMER: ("consumergroup", "group", "consumer_group"),
        Dimension.DATABASE: ("datname", "database", "db", "schema"),
        Dimension.DEVICE: ("device", "interface"),
        Dimension.MOUNTPOINT: ("mountpoint",),
        Dimension.PHASE: ("phase",),
        Dimension.REASON: ("reason",),
        Dimension.STATE: ("state",),
    }
)  # fmt: skip
"""Labels seen in the field, most usual first. What `core.query.labels` names comes before them."""

WORDS: Mapping[Dimension, tuple[str, ...]] = MappingProxyType(
    {
        Dimension.SERVICE: ("service", "svc", "app", "application", "microservice", "dienst", "servicio"),
        Dimension.ENVIRONMENT: ("environment", "env", "stage", "umgebung", "entorno"),
        Dimension.NAMESPACE: ("namespace", "ns"),
        Dimension.REGION: ("region", "región", "zone", "datacenter", "dc"),
        Dimension.CLUSTER: ("cluster",),
        Dimension.HOST: ("host", "instance", "node", "machine", "vm", "box", "server", "replica", "broker", "instanz", "nodo", "gpu host", "gpu node", "gpu server", "gpu machine", "gpu box", "worker node", "kubernetes node", "k8s node", "knoten"),
        Dimension.VERSION: ("version", "release", "build"),
        Dimension.ENDPOINT: ("endpoint", "path", "route", "handler", "url", "uri", "page", "api call", "api endpoint", "operation", "pfad", "ruta"),
        Dimension.METHOD: ("method", "http method", "verb", "rpc", "grpc method"),
        Dimension.STATUS: ("status code", "status", "http status", "http code", "response code", "code", "return code", "grpc code", "código"),
        Dimension.POD: ("pod",),
        Dimension.CONTAINER: ("container",),
        Dimension.DEPLOYMENT: ("deployment", "workload"),
        Dimension.MODEL: ("model", "llm", "modelo", "modell"),
        Dimension.PROVIDER: ("provider", "vendor"),
        Dimension.TOKEN_TYPE: ("token type", "type of token", "direction"),
        Dimension.GPU: ("gpu", "card", "accelerator"),
        Dimension.QUEUE: ("queue", "cola"),
        Dimension.FSTYPE: ("fstype", "filesystem type", "fs type", "file system type"),
        Dimension.PARTITION: ("topic partition", "kafka partition"),
        Dimension.JOB: ("job", "scrape job"),
        Dimension.TOPIC: ("topic",),
        Dimension.CONSUMER: ("consumer group", "consumergroup", "consumer", "group", "cg"),
        Dimension.DATABASE: ("database", "db", "schema", "datenbank", "datname"),
        Dimension.DEVICE: ("device", "disk", "drive", "interface", "nic", "volume"),
        Dimension.MOUNTPOINT: ("mountpoint", "mount point", "mount", "filesystem", "file system", "partition"),
        Dimension.PHASE: ("phase",),
        Dimension.REASON: ("reason",),
        Dimension.STATE: ("connection state", "session state"),
    }
)  # fmt: skip
"""Nouns in the singular, as people name a dimension to group by or to filter on."""


def labels_of(dimension: Dimension) -> tuple[str, ...]:
    """Labels that may carry it, the convention first."""
    ours = tuple(LABELS[entity] for entity, kind in BY_ENTITY.items() if kind is dimension and entity in LABELS)
    return tuple(dict.fromkeys((*ours, *CUSTOMARY[dimension])))


@cache
def label_names() -> frozenset[str]:
    """Every label that is known to carry a dimension."""
    return frozenset(label for kind in Dimension for label in labels_of(kind))
