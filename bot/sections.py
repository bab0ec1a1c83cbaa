"""The tables of the settings: one class for each, with what is wrong said where it is found."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from core.alerts.mapped import AlertMapping
from core.quiet_hours import QuietHours


def listed(value: object) -> object:
    """Variables hold lists as `a, b` or as JSON."""
    if not isinstance(value, str):
        return value
    return decoded(value) if value.startswith("[") else [item.strip() for item in value.split(",") if item.strip()]


def decoded(value: object) -> object:
    """Variables hold tables as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"expected JSON ({error})") from None


Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
SecretsByName = Annotated[dict[str, SecretStr], BeforeValidator(decoded)]
NamesByName = Annotated[dict[str, tuple[str, ...]], BeforeValidator(decoded)]


def url_of(*beginnings: str) -> AfterValidator:
    """Accepts addresses that begin like one of these, and none at all."""

    def check(value: str) -> str:
        if value and not value.startswith(beginnings):
            raise ValueError(f"expected an address that begins with {' or '.join(beginnings)}")
        return value

    return AfterValidator(check)


HttpUrl = Annotated[str, url_of("http://", "https://")]


def _hours(value: str) -> str:
    if value:
        QuietHours.parse(value)
    return value


Hours = Annotated[str, AfterValidator(_hours)]
"""Quiet hours as text, or "" for none."""


def _token(value: SecretStr, *, needed: object, where: str, begins: tuple[str, ...] = ()) -> SecretStr:
    text = value.get_secret_value()
    if needed and not text:
        raise ValueError(f"is missing; {where}")
    if text and begins and not text.startswith(begins):
        raise ValueError(f"expected one that begins with {begins[0]}; {where}")
    return value


_SHORTEST_TOKEN = 16


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True, coerce_numbers_to_str=True
    )


class Slack(_Part):
    """How to reach Slack."""

    enabled: bool = Field(False, description="connect to Slack")
    mode: Literal["socket", "http"] = Field("socket", description="Socket Mode, or HTTP events on /slack/events")
    bot_token: SecretStr = Field(SecretStr(""), description="bot token, xoxb-…")
    app_token: SecretStr = Field(
        SecretStr(""), description="app-level token with connections:write, xapp-…; for mode socket"
    )
    signing_secret: SecretStr = Field(SecretStr(""), description="signing secret; for mode http")
    api_url: HttpUrl = Field("https://slack.com/api/", description="address of the Web API")
    ping_seconds: float = Field(
        2.0, gt=0, description="pause between pings of the socket; it counts as dead after four"
    )

    @field_validator("bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        where = "Slack calls it Bot User OAuth Token (OAuth & Permissions)"
        return _token(value, needed=info.data.get("enabled"), begins=("xoxb-", "xoxe."), where=where)

    @field_validator("app_token")
    @classmethod
    def _app_token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        needed = info.data.get("enabled") and info.data.get("mode") == "socket"
        where = "make one with connections:write (Basic Information, App-Level Tokens)"
        return _token(value, needed=needed, begins=("xapp-",), where=where)

    @field_validator("signing_secret")
    @classmethod
    def _signing_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        needed = info.data.get("enabled") and info.data.get("mode") == "http"
        return _token(value, needed=needed, where="it stands under Basic Information, App Credentials")


class Discord(_Part):
    """How to reach Discord."""

    enabled: bool = Field(False, description="connect to Discord")
    token: SecretStr = Field(SecretStr(""), description="bot token")
    guild_ids: Names = Field((), description="servers to serve; the first one decides in direct messages")
    api_url: HttpUrl = Field("", description="address of the API when it is not Discord's own")

    @field_validator("token")
    @classmethod
    def _bot_token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        where = "the Developer Portal shows it once under Bot, Reset Token"
        return _token(value, needed=info.data.get("enabled"), where=where)


class Http(_Part):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port; 0 takes a free one")
    public_url: HttpUrl = Field(
        "", description="the address under which platforms reach it from outside, such as https://copilot.acme.example"
    )


class Log(_Part):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    format: Literal["json", "console"] = Field("json", description="one JSON object a line, or for people")


class Service(_Part):
    """A service that is asked over HTTP."""

    url: HttpUrl = Field("", description="root of its HTTP API; empty: it is not asked")
    token: SecretStr = Field(SecretStr(""), description="bearer token for it")
    headers: SecretsByName = Field(
        {}, description="further headers, such as X-Scope-OrgID for a tenant of Mimir, Loki or Tempo: name → value"
    )
    ca_file: Path | None = Field(None, description="certificates (PEM) that are trusted instead of the usual ones")
    connect_seconds: float = Field(3.0, gt=0, le=60, description="that connecting may take")
    read_seconds: float = Field(20.0, gt=0, le=300, description="that each read may take")
    link_local: bool = Field(False, description="whether it may be at a link-local address (169.254.0.0/16, fe80::/10)")


class Delivery(Service):
    """The delivery service that deploys."""

    url: HttpUrl = Field("", description="address of the delivery service; empty: its tools refuse")
    read_seconds: float = Field(5.0, gt=0, le=300, description="that each read may take")


class Prometheus(Service):
    """The backend that answers questions about metrics: Prometheus, or what speaks its HTTP API."""

    url: HttpUrl = Field("", description="root of its HTTP API; empty: queries are shown, and not run")
    page: HttpUrl = Field("", description="root of its pages as people reach them; answers link there; empty: no link")


class Loki(Service):
    """The store that answers questions about logs: Grafana Loki."""

    url: HttpUrl = Field("", description="root of its HTTP API; empty: queries are shown, and not run")


class Tempo(Service):
    """The store that answers questions about traces: Grafana Tempo."""

    url: HttpUrl = Field(
        "", description="root of its HTTP API; empty, and no jaeger.url: queries are shown, and not run"
    )


class Jaeger(Service):
    """Another store of traces, instead of Tempo: it answers the simpler questions."""

    url: HttpUrl = Field("", description="root of its query service, with the base path where it has one")


class Observatory(Service):
    """What answers questions about calls of language models: LLM-Observatory's analytics API."""

    url: HttpUrl = Field("", description="root of its analytics API; empty: it is not asked")
    token: SecretStr = Field(SecretStr(""), description="a token for it, instead of a secret")
    secret: SecretStr = Field(
        SecretStr(""), description="its JWT_SECRET, by which the bot makes short-lived tokens; 32 bytes at least"
    )
    org: str = Field("", description="whose data is read (org_id); needed with secret")
    projects: Names = Field((), description="projects whose single calls are read; without any, no single calls")


class ObservatoryUnified(Service):
    """LLM-Observatory's unified service, which knows objectives that are not met."""

    url: HttpUrl = Field("", description="root of its API; empty: its tools are not offered")


class Alertmanager(Service):
    """What groups alerts, notifies of them, and keeps them silent."""

    url: HttpUrl = Field("", description="root of Alertmanager's HTTP API; empty: alerts cannot be silenced from cards")
    approval: Names = Field(
        (), description="environments whose alerts are silenced only when an approver agrees; * for all"
    )
    read_seconds: float = Field(5.0, gt=0, le=300, description="that each read may take")


class Grafana(_Part):
    """Where people go on with a query: answers link to its Explore page."""

    url: HttpUrl = Field("", description="root of its pages as people reach them; empty: no link")
    prometheus: str = Field("prometheus", description="uid of the data source for metrics; empty: no link for them")
    loki: str = Field("loki", description="uid of the data source for logs; empty: no link for them")
    tempo: str = Field("tempo", description="uid of the data source for traces; empty: no link for them")


class Incidents(_Part):
    """How incidents are handled."""

    enabled: bool = Field(True, description="declare and follow incidents")
    rooms: Literal["channel", "thread", "none"] = Field(
        "channel", description="what a room is: a channel of its own, a thread on the incident's card, or none"
    )
    channels: Names = Field((), description="channels that are told of every incident: platform:workspace/CHANNEL")
    responders: NamesByName = Field(
        {}, description="severity → who is invited to the room: accounts (platform:workspace/ID) or role:NAME"
    )
    quiet_hours: Hours = Field(
        "", description="when SEV3 and SEV4 remind nobody: 22:00-07:00 Europe/Berlin; empty: never quiet"
    )

    @field_validator("responders")
    @classmethod
    def _known_severities(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for severity in value:
            if severity not in ("sev1", "sev2", "sev3", "sev4"):
                raise ValueError(f"{severity!r}: expected sev1, sev2, sev3 or sev4")
        return value


class Approvals(_Part):
    """How approvals are asked for and given, unless a workflow says otherwise."""

    deny_reason: Literal["optional", "required"] = Field("optional", description="whether a denial takes a reason")
    quiet_hours: Hours = Field(
        "", description="when open requests remind nobody and do not escalate: 22:00-07:00 Europe/Berlin"
    )


class Limits(_Part):
    """Our own limits."""

    turns_per_minute_per_person: int = Field(60, ge=1, description="messages and clicks taken from one person a minute")
    turns_at_once: int = Field(64, ge=1, description="conversations handled at once by one process")
    runs_at_once: int = Field(16, ge=1, description="steps executed at once by one process")
    runs: int = Field(
        0, ge=0, description="runs that go on at once in all, those that wait for people included; 0 for any number"
    )
    events_per_minute_per_hook: int = Field(120, ge=1, description="events taken from one webhook a minute")
    notifications_per_minute: int = Field(
        600, ge=1, description="notifications taken from one sender of alerts a minute"
    )


class Retention(_Part):
    """How many days things are kept after they ended; 0 keeps them for ever."""

    inbox: int = Field(
        30, ge=3, description="days that handled messages are kept, three at least: a platform may send one again"
    )
    work: int = Field(7, ge=1, description="days that finished work items are kept")
    buttons: int = Field(90, ge=1, description="days that used or expired buttons are recognised as such")
    sessions: int = Field(90, ge=1, description="days that an idle conversation is remembered")
    events: int = Field(
        30,
        ge=3,
        description="days that events and what schedules started are known; then the same event would count anew",
    )
    receipts: int = Field(
        400, ge=1, description="days that receipts of answers are kept, by which they can be asked again"
    )
    alerts: int = Field(90, ge=1, description="days that groups of alerts are kept after all of them were over")
    runs: int = Field(0, ge=0, description="days that ended runs and their histories are kept; 0 for ever")
    audit: int = Field(0, ge=0, description="days that sealed audit records are kept; 0 for ever")


class Answers(_Part):
    """What answers from running systems have besides the numbers, each of which can be switched off."""

    charts: bool = Field(True, description="whether charts and traces are drawn")
    meanwhile: bool = Field(True, description="whether deploys, runs and alerts of the same time are told")
    discover: bool = Field(
        True, description="whether metrics, logs and traces are looked through for names of services"
    )
    investigate: bool = Field(True, description="whether Investigate on an alert asks the stores by itself")


class Memory(_Part):
    """What is remembered of conversations."""

    listen: bool = Field(
        True, description="remember messages of the channels the bot is in; false: only threads it takes part in"
    )
    days: int = Field(14, ge=1, le=3650, description="days after which a message that was heard is forgotten")


class MappingSettings(_Part):
    """Where in anybody's JSON the parts of an alert stand: `core.alerts.mapped.AlertMapping` says what each path is."""

    name: str
    alerts: str = ""
    group: str = ""
    fingerprint: str = ""
    state: str = ""
    resolved: Names = ("resolved", "ok")
    started: str = ""
    ended: str = ""
    labels: str = ""
    annotations: str = ""
    url: str = ""

    def values(self) -> AlertMapping:
        """As the reader of alerts takes it."""
        given = self.model_dump(exclude={"resolved"})
        return AlertMapping(**given, resolved=frozenset(state.lower() for state in self.resolved))


class AlertSource(_Part):
    """One sender of alerts, `[alerts.NAME]`: it posts to /alerts/NAME."""

    kind: Literal["alertmanager", "json"] = "alertmanager"
    token: SecretStr
    """What the sender shows, or signs with; 16 characters at least."""
    mapping: MappingSettings | None = None
    """Of the kind json, and only of it."""
    channels: Names = ()
    """Where its groups are shown: platform:workspace/CHANNEL."""
    service_label: str = "service"
    """Which label names the service."""

    @field_validator("token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(f"is shorter than {_SHORTEST_TOKEN} characters")
        return value

    @field_validator("mapping")
    @classmethod
    def _of_its_kind(cls, value: MappingSettings | None, info: ValidationInfo) -> MappingSettings | None:
        if (info.data.get("kind") == "json") is (value is None):
            raise ValueError('is needed where kind is "json", and only there')
        return value
