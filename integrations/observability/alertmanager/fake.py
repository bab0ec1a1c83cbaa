"""The API of Alertmanager on loopback, with silences that work and the webhook that it sends, over alerts that its owner gives."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from aiohttp import web

from integrations.loopback import Loopback

_NEVER = "0001-01-01T00:00:00Z"
"""The end of an alert that still fires, as the webhook writes it."""


@dataclass(frozen=True, slots=True)
class Given:
    """An alert that the manager was told of. `end`: None while it fires."""

    labels: Mapping[str, str]
    start: datetime
    end: datetime | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits, the same for the same labels."""
        return hashlib.sha256(repr(sorted(self.labels.items())).encode()).hexdigest()[:16]


class AlertmanagerFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(self, alerts: Sequence[Given], *, now: datetime, token: str = "") -> None:
        """`now`: what it takes for the present, moved by its owner. `token`: as in `Loopback`."""
        self.alerts = list(alerts)
        self.now = now
        self.silences: dict[str, dict[str, Any]] = {}
        """By id, ended ones too."""
        routes = [
            web.get("/api/v2/alerts", self._alerts),
            web.get("/api/v2/silences", self._all),
            web.post("/api/v2/silences", self._silence),
            web.get("/api/v2/silence/{id}", self._look),
            web.delete("/api/v2/silence/{id}", self._expire),
        ]
        super().__init__(routes, token=token)

    def silenced(self) -> list[str]:
        """Services of the alerts that are silent now."""
        return [alert.labels.get("service", "") for alert in self.alerts if self._silencing(alert)]

    async def notify(self, url: str, *, by: Sequence[str] = ("alertname",), most: int = 0) -> list[int]:
        """Send webhooks (version 4) to `url`, one a group, silenced alerts left out; the statuses they were answered with.
        `by`: labels that make a group. `most`: alerts in one message, 0 for all; how many were cut is told in it."""
        groups: dict[tuple[str, ...], list[Given]] = defaultdict(list)
        for alert in self.alerts:
            if not self._silencing(alert):
                groups[tuple(alert.labels.get(label, "") for label in by)].append(alert)
        async with httpx.AsyncClient(trust_env=False) as client:
            return [
                (await client.post(url, json=self._message(dict(zip(by, key, strict=True)), group, most))).status_code
                for key, group in groups.items()
            ]

    def _message(self, labels: Mapping[str, str], group: Sequence[Given], most: int) -> dict[str, Any]:
        sent = group[:most] if most else group
        named = ", ".join(f'{label}="{value}"' for label, value in labels.items())
        return {
            "version": "4",
            "groupKey": f"{{}}:{{{named}}}",
            "truncatedAlerts": len(group) - len(sent),
            "status": "firing" if any(self._fires(alert) for alert in sent) else "resolved",
            "receiver": "copilot",
            "groupLabels": dict(labels),
            "commonLabels": _common([alert.labels for alert in sent]),
            "commonAnnotations": _common([alert.annotations for alert in sent]),
            "externalURL": self.url,
            "alerts": [
                {
                    "status": "firing" if self._fires(alert) else "resolved",
                    "labels": dict(alert.labels),
                    "annotations": dict(alert.annotations),
                    "startsAt": alert.start.isoformat(),
                    "endsAt": alert.end.isoformat() if alert.end and not self._fires(alert) else _NEVER,
                    "generatorURL": alert.url,
                    "fingerprint": alert.fingerprint,
                }
                for alert in sent
            ],
        }

    async def _alerts(self, request: web.Request) -> web.Response:
        return web.json_response([self._shown(alert) for alert in self.alerts if self._fires(alert)])

    def _shown(self, alert: Given) -> dict[str, Any]:
        silenced = self._silencing(alert)
        return {
            "annotations": dict(alert.annotations),
            "endsAt": self.now.isoformat(),
            "fingerprint": alert.fingerprint,
            "receivers": [{"name": "copilot"}],
            "startsAt": alert.start.isoformat(),
            "status": {
                "inhibitedBy": [],
                "silencedBy": silenced,
                "state": "suppressed" if silenced else "active",
            },
            "updatedAt": self.now.isoformat(),
            "generatorURL": alert.url,
            "labels": dict(alert.labels),
        }

    async def _silence(self, request: web.Request) -> web.Response:
        asked = await request.json()
        start, end = (datetime.fromisoformat(asked[name]) for name in ("startsAt", "endsAt"))
        if end <= start or not asked["matchers"]:
            return web.json_response("silence invalid", status=400)
        id_ = f"00000000-0000-4000-8000-{len(self.silences):012}"
        self.silences[id_] = {**asked, "id": id_, "start": start, "end": end}
        return web.json_response({"silenceID": id_})

    async def _look(self, request: web.Request) -> web.Response:
        found = self.silences.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        return web.json_response(self._told(found))

    async def _all(self, _request: web.Request) -> web.Response:
        return web.json_response([self._told(one) for one in self.silences.values()])

    def _told(self, silence: Mapping[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in silence.items() if name not in ("start", "end")}
        return {**shown, "endsAt": silence["end"].isoformat(), "status": {"state": self._state(silence)}}

    async def _expire(self, request: web.Request) -> web.Response:
        found = self.silences.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        if self._state(found) == "expired":
            return web.json_response(f"silence {found['id']} already expired", status=500)
        found["end"] = self.now
        return web.Response()

    def _state(self, silence: Mapping[str, Any]) -> str:
        if self.now >= silence["end"]:
            return "expired"
        return "active" if self.now >= silence["start"] else "pending"

    def _fires(self, alert: Given) -> bool:
        return alert.end is None or alert.end > self.now

    def _silencing(self, alert: Given) -> list[str]:
        return [
            id_
            for id_, silence in self.silences.items()
            if self._state(silence) == "active" and all(_matches(one, alert.labels) for one in silence["matchers"])
        ]


def _matches(matcher: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher["name"], "")
    wanted = str(matcher["value"])
    holds = re.fullmatch(wanted, value) is not None if matcher["isRegex"] else value == wanted
    return holds == bool(matcher.get("isEqual", True))


def _common(all_: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = all_
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}
