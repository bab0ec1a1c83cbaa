"""Alerts in anybody's JSON: a mapping says where in the body their parts stand. A mapping only picks values, so its paths are plain
ones: `data.alerts.0.name`, keys and positions with dots between."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.alerts import reading
from core.alerts.alert import Alert, Notification, fingerprint_of
from core.errors import UserInputError


@dataclass(frozen=True, slots=True)
class AlertMapping:
    """Where the parts of an alert stand. All paths but `alerts` and `group` begin at the alert; "" for what there is not."""

    name: str
    """Path of its name; the one that must be there."""
    alerts: str = ""
    """Path of the list of alerts; "": the body is one alert."""
    group: str = ""
    """Path of the group's key, from the body; "": alerts of one request are one group by the name of its first."""
    fingerprint: str = ""
    """Path of what names the alert; "": its name and labels do."""
    state: str = ""
    """Path of the text that says how it stands; "": it fires unless it has ended."""
    resolved: frozenset[str] = frozenset({"resolved", "ok"})
    """What that text is, in small letters, when the alert is over."""
    started: str = ""
    """Path of its start; where there is none, each notification is one spell from when it came."""
    ended: str = ""
    labels: str = ""
    """Path of an object of texts."""
    annotations: str = ""
    """Path of an object of texts."""
    url: str = ""


def notification(data: bytes, mapping: AlertMapping, *, source: str, at: datetime) -> Notification:
    """What a request tells. UserInputError names the path of what does not fit."""
    body = reading.body_of(data)
    if mapping.alerts:
        found = reading.items(_at(body, mapping.alerts), mapping.alerts)
        alerts = tuple(_alert(one, mapping, f"{mapping.alerts}.{index}.", at) for index, one in enumerate(found))
    else:
        alerts = (_alert(body, mapping, "", at),)
    if mapping.group:
        key = reading.needed(_at(body, mapping.group), mapping.group)
    elif alerts:
        key = alerts[0].name
    else:
        raise UserInputError(f"{mapping.alerts} holds no alert, and no path says which group it is about.")
    return Notification(source, key, alerts, at)


def _alert(value: object, mapping: AlertMapping, within: str, at: datetime) -> Alert:
    def path(of: str) -> tuple[object, str]:
        return (_at(value, of) if of else None), within + of

    name, labels = reading.needed(*path(mapping.name)), reading.labels(*path(mapping.labels))
    over = reading.text(*path(mapping.state)).lower() in mapping.resolved
    ended = reading.instant(*path(mapping.ended))
    return Alert(
        reading.text(*path(mapping.fingerprint)) or fingerprint_of({**labels, "": name}),
        name,
        reading.instant(*path(mapping.started)) or at,
        # Where a state is told, it decides: some send an expected end with what fires.
        (ended or at) if over else None if mapping.state else ended,
        labels,
        reading.labels(*path(mapping.annotations)),
        reading.text(*path(mapping.url)),
    )


def _at(value: object, path: str) -> object:
    """What stands there; None for what is missing."""
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and len(step) < 6:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
