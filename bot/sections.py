"""The tables of the settings: one class for each, with what is wrong said where it is found."""

import json
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
NamesByName = Annotated[dict[str, tuple[str, ...]], BeforeValidator(decoded)]


def url_of(*beginnings: str) -> AfterValidator:
    """Accepts addresses that begin like one of these, and none at all."""

    def check(value: str) -> str:
        if value and not value.startswith(beginnings):
            raise ValueError(f"expected an address that begins with {' or '.join(beginnings)}")
        return value

    return AfterValidator(check)


HttpUrl = Annotated[str, url_of("http://", "https://")]


def _token(value: SecretStr, *, needed: object, where: str, begins: tuple[str, ...] = ()) -> SecretStr:
    text = value.get_secret_value()
    if needed and not text:
        raise ValueError(f"is missing; {where}")
    if text and begins and not text.startswith(begins):
        raise ValueError(f"expected one that begins with {begins[0]}; {where}")
    return value


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


class Log(_Part):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    format: Literal["json", "console"] = Field("json", description="one JSON object a line, or for people")


class Delivery(_Part):
    """The delivery service that deploys."""

    url: HttpUrl = Field("", description="address of the delivery service; empty: its tools refuse")
    token: SecretStr = Field(SecretStr(""), description="bearer token for it")


class Limits(_Part):
    """Our own limits."""

    turns_per_minute_per_person: int = Field(60, ge=1, description="messages and clicks taken from one person a minute")
    turns_at_once: int = Field(64, ge=1, description="conversations handled at once by one process")
    runs_at_once: int = Field(16, ge=1, description="steps executed at once by one process")


class Memory(_Part):
    """What is remembered of conversations."""

    listen: bool = Field(
        True, description="remember messages of the channels the bot is in; false: only threads it takes part in"
    )
    days: int = Field(14, ge=1, le=3650, description="days after which a message that was heard is forgotten")
