"""The only reader of the environment: COPILOT_… variables over copilot.toml over defaults. Built on call, then frozen."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from rapidfuzz import process

from core.errors import UserInputError
from core.messages import Account, Place, Platform

PREFIX = "COPILOT_"
CONFIG_VARIABLE = "COPILOT_CONFIG"
_NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "COPILOT_DEMO_PORT"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slack(_Part):
    """How to reach Slack."""

    enabled: bool = Field(False, description="connect to Slack")
    bot_token: SecretStr = Field(SecretStr(""), description="bot token, xoxb-…")
    app_token: SecretStr = Field(
        SecretStr(""), description="app-level token with connections:write, xapp-…; for mode socket"
    )
    signing_secret: SecretStr = Field(SecretStr(""), description="signing secret; for mode http")
    mode: Literal["socket", "http"] = Field("socket", description="Socket Mode, or HTTP events on /slack/events")
    api_url: str = Field("https://slack.com/api/", description="address of the Web API")
    ping_seconds: float = Field(
        2.0, gt=0, description="pause between pings of the socket; it counts as dead after four"
    )

    @model_validator(mode="after")
    def _complete(self) -> "Slack":
        if not self.enabled:
            return self
        if not self.bot_token.get_secret_value():
            raise ValueError("slack.bot_token is missing; Slack calls it Bot User OAuth Token (OAuth & Permissions)")
        if self.mode == "socket" and not self.app_token.get_secret_value():
            raise ValueError(
                "slack.app_token is missing; make one with connections:write (Basic Information, App-Level Tokens)"
            )
        if self.mode == "http" and not self.signing_secret.get_secret_value():
            raise ValueError("slack.signing_secret is missing; it stands under Basic Information, App Credentials")
        return self


class Discord(_Part):
    """How to reach Discord."""

    enabled: bool = Field(False, description="connect to Discord")
    token: SecretStr = Field(SecretStr(""), description="bot token")
    guild_ids: tuple[str, ...] = Field((), description="servers to serve; the first one decides in direct messages")
    api_url: str = Field("", description="address of the API when it is not Discord's own")

    @model_validator(mode="after")
    def _complete(self) -> "Discord":
        if self.enabled and not self.token.get_secret_value():
            raise ValueError("discord.token is missing; the Developer Portal shows it once under Bot, Reset Token")
        return self


class Http(_Part):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port; 0 takes a free one")


class Log(_Part):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    format: Literal["json", "console"] = Field("json", description="one JSON object a line, or for people")


class Delivery(_Part):
    """The delivery service that deploys."""

    url: str = Field("", description="address of the delivery service; empty: its tools are off")
    token: SecretStr = Field(SecretStr(""), description="bearer token for it")


class Limits(_Part):
    """Our own limits."""

    turns_per_minute_per_person: int = Field(60, ge=1, description="messages and clicks taken from one person a minute")
    turns_at_once: int = Field(64, ge=1, description="conversations handled at once by one process")
    runs_at_once: int = Field(16, ge=1, description="steps executed at once by one process")


def _default_permissions() -> dict[str, tuple[str, ...]]:
    return {
        "member": ("help", "ask", "status", "settings"),
        "operator": ("run", "cancel"),
        "approver": (),
        "admin": ("*",),
    }


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    database_url: str = Field("sqlite:///copilot.db", description="sqlite:///PATH or postgresql://…")
    queue: Literal["sql", "nats"] = Field("sql", description="what dispatches work: the database, or NATS JetStream")
    nats_url: str = Field("", description="nats://…; needed for queue nats, and carries events between replicas")
    redis_url: str = Field("", description="redis://…; a cache and rate limits shared by replicas")
    slack: Slack = Slack()
    discord: Discord = Discord()
    http: Http = Http()
    log: Log = Log()
    delivery: Delivery = Delivery()
    limits: Limits = Limits()
    roles: dict[str, tuple[str, ...]] = Field(
        {},
        description="who holds which roles: platform:workspace/ID, discord:GUILD/role:ID or email:*@acme.example → roles",
    )
    permissions: dict[str, tuple[str, ...]] = Field(
        default_factory=_default_permissions,
        description="role → permissions, verb:target:environment with * as wildcard",
    )
    same_person: tuple[tuple[str, ...], ...] = Field(
        (), description="groups of accounts that belong to one person each"
    )
    approval_channels: tuple[str, ...] = Field(
        (), description="where approvals are asked for: platform:workspace/CHANNEL"
    )
    workflows: tuple[Path, ...] = Field((), description="folders with workflow definitions, besides the library")
    clock_offset: float = Field(0.0, ge=0, description="seconds that the bot's clock runs ahead, for drills")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
        return value

    @field_validator("roles")
    @classmethod
    def _known_accounts(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for key in value:
            if not key.startswith("email:"):
                _account(key)
        return value

    @field_validator("same_person")
    @classmethod
    def _known_people(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for account in (account for group in value for account in group):
            _account(account)
        return value

    @field_validator("approval_channels")
    @classmethod
    def _known_places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            place(text)
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.queue == "nats" and not self.nats_url:
            raise ValueError("nats_url is missing; queue nats needs one")
        return self

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


def place(text: str) -> Place:
    """`slack:T1/C1` → the channel; ValueError otherwise."""
    found = _account(text)
    return Place(found.platform, found.workspace, found.id)


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; UserInputError names every faulty one with its value and what was expected."""
    environment = os.environ if environment is None else environment
    named = path or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    values = _read_file(named or Path("copilot.toml"), must_exist=named is not None)
    faults = list(_unknown_variables(environment))
    _merge(values, _from_environment(environment))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults += _faults(error)
    if faults:
        raise UserInputError(
            "The settings are wrong:\n  " + "\n  ".join(faults), hint="`copilot check --options` lists every setting."
        )
    return settings


def describe_options() -> list[tuple[str, str, str]]:
    """(name, default, description) of every setting, nested ones with dots."""
    return list(_describe(Settings, ""))


def _account(text: str) -> Account:
    try:
        return Account.parse(text)
    except ValueError:
        platforms = ", ".join(Platform)
        raise ValueError(f"{text!r}: expected platform:workspace/ID, with a platform of {platforms}") from None


def _describe(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, info in model.model_fields.items():
        default = info.get_default(call_default_factory=True)
        if isinstance(default, _Part):
            yield from _describe(type(default), f"{prefix}{name}.")
        else:
            shown = "" if isinstance(default, SecretStr) else str(default)
            yield f"{prefix}{name}", shown, info.description or ""


def _read_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise UserInputError(f"There is no settings file {path}.") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserInputError(f"{path} is no valid TOML: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """COPILOT_SLACK__BOT_TOKEN=… → {"slack": {"bot_token": …}}; values that look like TOML arrays or tables are read as such."""
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in _NOT_SETTINGS:
            *outer, last = variable.removeprefix(PREFIX).lower().split("__")
            target = values
            for name in outer:
                target = target.setdefault(name, {})
            target[last] = _value(text)
    return values


def _value(text: str) -> object:
    if text.startswith(("[", "{")):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    known = {PREFIX + name.upper().replace(".", "__") for name, _, _ in describe_options()}
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in known | _NOT_SETTINGS:
            near = process.extractOne(variable, known, score_cutoff=70)
            yield f"{variable}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _merge(into: dict[str, Any], over: Mapping[str, Any]) -> None:
    for name, value in over.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _faults(error: ValidationError) -> Iterator[str]:
    known = [name for name, _, _ in describe_options()]
    secrets = ("token", "secret", "url")
    for fault in error.errors():
        name = ".".join(map(str, fault["loc"])) or "settings"
        if fault["type"] == "extra_forbidden":
            # Unknown variables are reported by their own name already.
            near = process.extractOne(name, known, score_cutoff=60)
            yield f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")
            continue
        message = fault["msg"].removeprefix("Value error, ")
        value = fault["input"]
        shown = isinstance(value, str | int | float | bool) and not name.endswith(secrets)
        yield f"{name} = {value!r}: {message}" if shown else f"{name}: {message}"
