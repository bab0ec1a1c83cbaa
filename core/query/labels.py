"""The labels by which telemetry names things, the same for metrics and logs. A back end's own names refine them."""

from core.nlp.interpretation import EntityType

LABELS = {
    EntityType.SERVICE: "service",
    EntityType.ENVIRONMENT: "environment",
    EntityType.NAMESPACE: "namespace",
    EntityType.REGION: "region",
    EntityType.HOST: "instance",
    EntityType.ENDPOINT: "path",
    EntityType.HTTP_STATUS: "status",
    EntityType.VERSION: "version",
}
"""Entity type → label; `status` and `path` as in the bot's own metrics and most HTTP middleware."""
