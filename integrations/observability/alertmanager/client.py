"""Prometheus' Alertmanager, by its HTTP API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml)."""

from collections.abc import Collection
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.ports.telemetry import ActiveAlert, ActiveSilence, Matcher
from integrations.http import Reach, ServiceClient, Watch, reading

SERVICE = "alertmanager"


class AlertmanagerClient:
    """Implements `core.ports.telemetry.AlertManager`."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`watch`: told of its breaker."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def alerts(self) -> tuple[ActiveAlert, ...]:
        """See `AlertManager.alerts`."""
        found = await self._http.get_json("/api/v2/alerts")
        if not isinstance(found, list):
            raise UpstreamProtocolError(SERVICE, "Alertmanager answered something that is no list of alerts.")
        with reading(SERVICE, "alerts"):
            return tuple(map(_alert, found))

    async def silence(
        self, matchers: Collection[Matcher], start: datetime, end: datetime, *, by: str, comment: str, key: str
    ) -> str:
        """See `AlertManager.silence`. Sent once: a second request would make a second silence. The key ends the comment, which is
        the only place for it."""
        body = {
            "matchers": [
                {"name": one.label, "value": one.value, "isRegex": one.regex, "isEqual": one.equal} for one in matchers
            ],
            "startsAt": start.isoformat(),
            "endsAt": end.isoformat(),
            "createdBy": by,
            "comment": f"{comment} {_marked(key)}",
        }
        made = (await self._http.post_once("/api/v2/silences", body)).get("silenceID")
        if not isinstance(made, str) or not made:
            raise UpstreamProtocolError(SERVICE, "Alertmanager answered no id for the silence.")
        return made

    async def silence_of(self, key: str) -> ActiveSilence | None:
        """See `AlertManager.silence_of`."""
        found = await self._http.get_json("/api/v2/silences")
        if not isinstance(found, list):
            raise UpstreamProtocolError(SERVICE, "Alertmanager answered something that is no list of silences.")
        with reading(SERVICE, "silences"):
            on = [
                ActiveSilence(str(one["id"]), datetime.fromisoformat(one["endsAt"]))
                for one in found
                if one["status"]["state"] == "active" and str(one["comment"]).endswith(_marked(key))
            ]
        return max(on, key=lambda one: one.until, default=None)

    async def expire(self, silence: str) -> None:
        """See `AlertManager.expire`. One that Alertmanager has forgotten is over too."""
        path = f"/api/v2/silence/{quote(silence, safe='')}"
        try:
            found = await self._http.get(path)
            status = found.get("status")
            if isinstance(status, dict) and status.get("state") == "expired":
                return  # to end it again is an error 500 in some versions
            await self._http.delete(path)
        except UpstreamRejected as error:
            if error.reason != "404":
                raise


def _marked(key: str) -> str:
    return f"[{key}]"


def _alert(one: dict[str, Any]) -> ActiveAlert:
    return ActiveAlert(
        str(one["fingerprint"]),
        _texts(one["labels"]),
        _texts(one.get("annotations") or {}),
        datetime.fromisoformat(one["startsAt"]),
        str(one.get("generatorURL") or ""),
        tuple(map(str, one["status"].get("silencedBy") or ())),
    )


def _texts(labels: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in labels.items()}
