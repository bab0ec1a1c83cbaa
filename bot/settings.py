"""Everything that can be set, and the only reader of the environment: COPILOT_… variables over copilot.toml over defaults."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import options
from bot.sections import (
    Alertmanager,
    AlertSource,
    Answers,
    Approvals,
    Delivery,
    Discord,
    Grafana,
    Http,
    Incidents,
    Jaeger,
    Limits,
    Log,
    Loki,
    Memory,
    Names,
    NamesByName,
    Observatory,
    ObservatoryUnified,
    Prometheus,
    Retention,
    SecretsByName,
    Slack,
    Tempo,
    decoded,
    listed,
    url_of,
)
from core.errors import UserInputError
from core.messages import Account, Place, Platform
from core.planning.roster import EMAIL, PERMISSION, ROLE
from core.workflow.source import NAME

PREFIX = "COPILOT_"
CONFIG_VARIABLE = "COPILOT_CONFIG"
_SHORTEST_SECRET = 16
_NOT_SETTINGS = (CONFIG_VARIABLE, "COPILOT_DEMO_PORT")


def _default_permissions() -> dict[str, tuple[str, ...]]:
    return {
        "member": ("help", "ask", "status", "settings", "incident"),
        "operator": ("run", "cancel", "silence"),
        "approver": (),
        "admin": ("*",),
    }


class Settings(BaseSettings):
    """Everything that can be set. Addresses that may hold a password are left out of its repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        enable_decoding=False,
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, url_of("sqlite:///", "postgresql://")] = Field(
        "sqlite:///copilot.db",
        min_length=1,
        repr=False,
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
    )
    queue: Literal["sql", "nats"] = Field("sql", description="what dispatches work: the database, or NATS JetStream")
    nats_url: Annotated[str, url_of("nats://", "tls://", "ws://", "wss://")] = Field(
        "", repr=False, description="nats://…; needed for queue nats, and carries events between replicas"
    )
    redis_url: Annotated[str, url_of("redis://", "rediss://", "unix://")] = Field(
        "", repr=False, description="redis://…; a cache and rate limits shared by replicas"
    )
    slack: Slack = Slack()
    discord: Discord = Discord()
    http: Http = Http()
    log: Log = Log()
    delivery: Delivery = Delivery()
    prometheus: Prometheus = Prometheus()
    loki: Loki = Loki()
    tempo: Tempo = Tempo()
    jaeger: Jaeger = Jaeger()
    alertmanager: Alertmanager = Alertmanager()
    observatory: Observatory = Observatory()
    observatory_unified: ObservatoryUnified = ObservatoryUnified()
    grafana: Grafana = Grafana()
    incidents: Incidents = Incidents()
    approvals: Approvals = Approvals()
    limits: Limits = Limits()
    retention: Retention = Retention()
    memory: Memory = Memory()
    answers: Answers = Answers()
    roles: NamesByName = Field(
        {},
        description="who holds which roles: platform:workspace/ID, slack:TEAM/group:ID, discord:GUILD/role:ID "
        "or email:*@acme.example → roles",
    )
    permissions: NamesByName = Field(
        default_factory=_default_permissions,
        description="role → permissions, verb:target:environment with * as wildcard; replaces the default whole",
    )
    same_person: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(decoded)] = Field(
        (), description="groups of accounts that belong to one person each"
    )
    roles_file: Path | None = Field(
        None,
        description="YAML file with roles, what they may and who holds them, besides roles and permissions; "
        "read again when it changes (docs/roles.example.yaml)",
    )
    approval_channels: Names = Field((), description="where approvals are asked for: platform:workspace/CHANNEL")
    run_channel: str = Field(
        "",
        description="where runs are shown that a schedule or a webhook started: platform:workspace/CHANNEL; "
        "`channel` of a workflow comes first",
    )
    hooks: SecretsByName = Field(
        {}, description="webhooks (POST /hooks/NAME): name → secret that the sender signs with, 16 characters at least"
    )
    alerts: dict[str, AlertSource] = Field(
        {}, description="senders of alerts (POST /alerts/NAME): name → token, kind, mapping, channels, service_label"
    )
    workflows: Annotated[tuple[Path, ...], BeforeValidator(listed)] = Field(
        (), description="folders with workflow definitions, besides the library"
    )
    unattended: Names = Field(
        (), description="workflows of the library that begin by themselves, such as mitigate; your own always do"
    )
    clock_offset: float = Field(0.0, ge=0, description="seconds that the bot's clock runs ahead, for drills")

    @field_validator("nats_url")
    @classmethod
    def _nats_named(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("queue") == "nats" and not value:
            raise ValueError("is missing; queue nats needs one, such as nats://127.0.0.1:4222")
        return value

    @field_validator("roles")
    @classmethod
    def _known_holders(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in (name for names in value.values() for name in names):
            if not ROLE.fullmatch(name):
                raise ValueError(f"{name!r} is no role: expected lower-case letters, digits, - and _")
        return {_holder(key): names for key, names in value.items()}

    @field_validator("permissions")
    @classmethod
    def _known_permissions(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for role, patterns in value.items():
            for pattern in patterns:
                if not PERMISSION.fullmatch(pattern):
                    raise ValueError(f"{role}: {pattern!r}: expected verb, verb:target or verb:target:environment")
        return value

    @field_validator("same_person")
    @classmethod
    def _known_people(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for text in (account for group in value for account in group):
            _account(text)
        return value

    @field_validator("jaeger")
    @classmethod
    def _one_store_of_traces(cls, value: Jaeger, info: ValidationInfo) -> Jaeger:
        tempo: Tempo | None = info.data.get("tempo")
        if value.url and tempo and tempo.url:
            raise ValueError("is set besides tempo.url; traces come from one store: unset one of the two")
        return value

    @field_validator("incidents")
    @classmethod
    def _known_rooms(cls, value: Incidents) -> Incidents:
        for text in value.channels:
            place(text)
        for text in (who for group in value.responders.values() for who in group):
            if not text.startswith("role:"):
                _account(text)
        return value

    @field_validator("approval_channels")
    @classmethod
    def _known_places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            place(text)
        return value

    @field_validator("run_channel")
    @classmethod
    def _known_place(cls, value: str) -> str:
        if value:
            place(value)
        return value

    @field_validator("hooks")
    @classmethod
    def _guarded(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            if not re.fullmatch(NAME, name):
                raise ValueError(f"{name!r} is no name of a hook: expected lower-case letters, digits, - and _")
            if len(secret.get_secret_value()) < _SHORTEST_SECRET:
                raise ValueError(f"{name}: the secret is shorter than {_SHORTEST_SECRET} characters")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` read: constructing settings by hand looks at no environment."""
        return (init_settings,)


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; UserInputError names every faulty one with its value and what was expected."""
    environment = os.environ if environment is None else environment
    named = path or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    known = list(options.list_options(Settings, variables=PREFIX))
    values = options.merged(
        options.from_file(named or Path("copilot.toml"), must_exist=named is not None),
        options.from_variables(Settings, known, environment),
    )
    variables = [*(option.variable for option in known), *_NOT_SETTINGS]
    faults = list(options.unknown_variables(environment, variables, prefix=PREFIX))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults += options.faults(error, known, environment)
    if faults:
        hint = "`copilot check --options` lists every setting."
        raise UserInputError("The settings are wrong:\n  " + "\n  ".join(faults), hint=hint)
    return settings


def describe_options() -> list[tuple[str, str, str]]:
    """(name, default, description) of every setting, nested ones with dots."""
    return [(o.name, o.default, o.description) for o in options.list_options(Settings, variables=PREFIX)]


def place(text: str) -> Place:
    """`slack:T1/C1` → the channel; ValueError otherwise."""
    found = _account(text)
    return Place(found.platform, found.workspace, found.id)


def _holder(key: str) -> str:
    """The key as identity looks it up: groups and roles of a platform are named alike."""
    if key.startswith("email:"):
        if not EMAIL.fullmatch(key.removeprefix("email:")):
            raise ValueError(f"{key!r}: expected email:NAME@DOMAIN with a whole domain; * stands for any name")
        return key
    account = _account(key)
    return str(Account(account.platform, account.workspace, re.sub("^group:", "role:", account.id)))


def _account(text: str) -> Account:
    try:
        return Account.parse(text)
    except ValueError:
        platforms = ", ".join(Platform)
        raise ValueError(f"{text!r}: expected platform:workspace/ID, with a platform of {platforms}") from None
