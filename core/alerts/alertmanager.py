"""The webhook of Alertmanager, version 4 of its payload (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config)."""

from dataclasses import replace
from datetime import datetime

from core.alerts import reading
from core.alerts.alert import Alert, Notification, State, fingerprint_of
from core.errors import UserInputError

VERSION = "4"
_NAME = "alertname"


def notification(data: bytes, *, source: str, at: datetime) -> Notification:
    """What a request tells. UserInputError names the path of what does not fit."""
    body = reading.body_of(data)
    version = reading.text(body.get("version"), "version")
    if version != VERSION:
        raise UserInputError(
            f"version must be {VERSION!r}.",
            hint='This address takes the webhook of Alertmanager; others need kind="json".',
        )
    alerts = reading.items(body.get("alerts"), "alerts")
    return Notification(
        source,
        reading.needed(body.get("groupKey"), "groupKey"),
        tuple(_alert(alert, f"alerts[{index}]", at) for index, alert in enumerate(alerts)),
        at,
        reading.labels(body.get("commonLabels"), "commonLabels"),
        reading.count(body.get("truncatedAlerts"), "truncatedAlerts"),
    )


def _alert(value: object, path: str, at: datetime) -> Alert:
    fields = reading.mapping(value, path)
    labels = reading.labels(fields.get("labels"), f"{path}.labels")
    started = reading.instant(fields.get("startsAt"), f"{path}.startsAt")
    if started is None:
        raise UserInputError(f"{path}.startsAt is missing or empty.")
    status = reading.needed(fields.get("status"), f"{path}.status")
    if status not in tuple(State):
        raise UserInputError(f"{path}.status must be {State.FIRING} or {State.RESOLVED}.")
    alert = Alert(
        # Alertmanagers before 0.22 send none.
        reading.text(fields.get("fingerprint"), f"{path}.fingerprint") or fingerprint_of(labels),
        labels.get(_NAME, "alert"),
        started,
        labels=labels,
        annotations=reading.labels(fields.get("annotations"), f"{path}.annotations"),
        url=reading.text(fields.get("generatorURL"), f"{path}.generatorURL"),
    )
    # What fires may have an end, too: when it will be over unless it is told of again.
    ended = reading.instant(fields.get("endsAt"), f"{path}.endsAt")
    return alert if status == State.FIRING else replace(alert, ended=ended or at)
