"""What a sentence was understood to mean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it brings pydantic, for which a command that only reads sentences would wait
    from core.messages import Heard


class Intent(StrEnum):
    """What a sentence wants the bot to do next; exactly one a message. The labels are a contract: evaluation sets name them."""

    METRIC_QUERY = "metric_query"
    LOG_QUERY = "log_query"
    TRACE_QUERY = "trace_query"
    INCIDENT_CREATE = "incident_create"
    INCIDENT_UPDATE = "incident_update"
    INCIDENT_RESOLVE = "incident_resolve"
    WORKFLOW_TRIGGER = "workflow_trigger"
    WORKFLOW_STATUS = "workflow_status"
    WORKFLOW_CANCEL = "workflow_cancel"
    TEST_GENERATE = "test_generate"
    TEST_EXECUTE = "test_execute"
    TEST_COVERAGE = "test_coverage"
    SERVICE_HEALTH = "service_health"
    ALERT_INVESTIGATION = "alert_investigation"
    GENERAL_QUERY = "general_query"
    UNKNOWN = "unknown"


class Command(StrEnum):
    """What can be asked for by name, as verbs or by unmistakable phrases."""

    HELP = "help"
    ASK = "ask"
    RUN = "run"
    PLAN = "plan"
    STATUS = "status"
    APPROVALS = "approvals"
    DELEGATE = "delegate"
    CHANGE = "change"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    SKIP = "skip"
    ROLLBACK = "rollback"
    MUTE = "mute"
    UNMUTE = "unmute"
    WHOAMI = "whoami"
    SETTINGS = "settings"
    DECLARE = "declare"
    INCIDENTS = "incidents"
    INCIDENT = "incident"
    UPDATE = "update"
    NOTE = "note"
    ROLE = "role"
    ATTACH = "attach"
    RESOLVE = "resolve"
    TIMELINE = "timeline"
    POSTMORTEM = "postmortem"
    LINK = "link"
    UNLINK = "unlink"
    WHY = "why"
    ALERTS = "alerts"
    RECEIPT = "receipt"
    UNKNOWN = "unknown"


class EntityType(StrEnum):
    """Kinds of things that are named in a sentence. The values are a contract: evaluation sets name them."""

    TIME_RANGE = "time_range"
    SERVICE = "service"
    METRIC = "metric"
    SEVERITY = "severity"
    ENVIRONMENT = "environment"
    NAMESPACE = "namespace"
    REGION = "region"
    HTTP_STATUS = "http_status"
    ENDPOINT = "endpoint"
    HOST = "host"
    VERSION = "version"
    THRESHOLD = "threshold"
    AGGREGATION = "aggregation"
    INCIDENT = "incident_id"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing named in a sentence, with its normal form and where it stands."""

    type: EntityType
    text: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that an earlier message of the same place named."""

    type: EntityType
    value: str
    source: "Heard | None" = None
    """None: this conversation with the bot itself."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What is asked for, entities, and how sure the rules are: explicit verbs are certain, phrases are not."""

    command: Command
    rest: str = ""
    """What follows an explicit verb; the whole sentence otherwise."""
    explicit: bool = False
    """The person named the verb; only then may a change start without a further question."""
    entities: tuple[Entity, ...] = ()
    unknown_verb: str = ""
    """The first word, where a verb was expected and this is none."""

    intent: Intent = Intent.UNKNOWN
    """What a sentence wants; of what was asked for by name nothing is guessed."""
    confidence: float = 0.0
    """How likely the intent is right, 0 to 1; 1 where the person said so."""
    alternatives: tuple[Intent, ...] = ()
    """What else it may mean, likeliest first."""
    carried: tuple[Carried, ...] = ()
    """What the sentence leaves out, from earlier messages."""

    def first(self, kind: EntityType) -> str:
        """The normal form of the first entity of this type, else what was carried over, or ""."""
        return self.named(kind) or next((carried.value for carried in self.carried if carried.type is kind), "")

    def named(self, kind: EntityType) -> str:
        """The same of the sentence alone."""
        return next((entity.value for entity in self.entities if entity.type is kind), "")

    @property
    def run(self) -> str:
        """Id of the first of the bot's own runs that the sentence names, else of the one that it goes on about, or ""."""
        named = [entity.value for entity in self.entities if entity.type is EntityType.WORKFLOW]
        carried = [carried.value for carried in self.carried if carried.type is EntityType.WORKFLOW]
        return next((value for value in (*named, *carried) if value.startswith("RUN-")), "")
