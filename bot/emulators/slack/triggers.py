"""Triggers and response addresses: the short-lived rights that come with an interaction."""

from dataclasses import dataclass, field
from typing import Any

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.slack import limits
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.ids import Ids

Json = dict[str, Any]
_KEEP = 5_000


@dataclass(slots=True)
class Trigger:
    """The right to open one view for a person."""

    person: str
    ends: float
    origin: Json = field(default_factory=dict)
    view: str = ""
    """The modal it came from; views.push needs one."""
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer one interaction up to five times."""

    person: str
    channel: str
    ends: float
    message: str = ""
    """ts of the message that held the button."""
    uses: int = 0


class Triggers:
    """Hands out and redeems both kinds; the latest few thousand are known."""

    def __init__(self, clock: PlatformClock, ids: Ids, faults: FaultBoard, team: str) -> None:
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._team = team
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, person: str, origin: Json | None = None, *, view: str = "") -> str:
        """A new trigger id; dead on arrival under an `expire_triggers` fault."""
        dead = self._faults.take(FaultKind.EXPIRE_TRIGGERS) is not None
        id_ = f"{self._ids.micros()}.{self._team}.{self._ids.secret()}"
        ends = self._clock.now() + (0.0 if dead else limits.TRIGGER_LIFE)
        self._triggers[id_] = Trigger(person, ends, origin or {}, view)
        _trim(self._triggers)
        return id_

    def redeem(self, id_: object) -> Trigger:
        """Use a trigger up; SlackError when it is unknown, expired or was used before."""
        trigger = self._triggers.get(id_) if isinstance(id_, str) else None
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.ends <= self._clock.now():
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        trigger.used = True
        return trigger

    def response_path(self, person: str, channel: str, *, message: str = "") -> str:
        """The path of a new response address."""
        key = self._ids.secret()
        self._urls[key] = ResponseUrl(person, channel, self._clock.now() + limits.RESPONSE_URL_LIFE, message)
        _trim(self._urls)
        return f"/response/{self._team}/{key}"

    def response(self, key: str) -> ResponseUrl:
        """Count one use of a response address; SlackError (expired_url, used_url) when it is over."""
        url = self._urls.get(key)
        if url is None or url.ends <= self._clock.now():
            raise SlackError("expired_url")
        if url.uses >= limits.RESPONSE_URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url


def _trim(known: dict[str, Any]) -> None:
    if len(known) > 2 * _KEEP:
        for key in list(known)[:_KEEP]:
            del known[key]
