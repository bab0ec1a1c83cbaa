"""What a notification changed, as events that start and wake runs. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from core.alerts.alert import Alert, Notification
from core.alerts.group import AlertGroup
from core.workflow.happenings import ALERT_FIRED, ALERT_RESOLVED, Happening
from core.workflow.steps.common import Scalar

_ODD = re.compile(r"\W+", re.ASCII)
_SUMMARIES = ("summary", "description", "message")
"""Annotations that say what is wrong, the shortest first by custom."""


def happenings(
    before: AlertGroup | None, after: AlertGroup, told: Notification, *, service_label: str = "service"
) -> Iterator[Happening]:
    """`alert.fired` for every spell that `told` began, `alert.resolved` for every one it ended, each once whatever comes late or again:
    a spell that was over before its start was told of has not fired. `service_label`: which label names the service."""
    seen: dict[tuple[str, datetime], Alert] = {}
    for alert in told.alerts:
        spell = (alert.fingerprint, alert.started)
        seen[spell] = max(seen.get(spell, alert), alert, key=lambda one: one.ended is not None)
    for (fingerprint, started), alert in seen.items():
        known = before.tracks.get(fingerprint) if before else None
        spells = after.tracks[fingerprint].spells
        if started not in spells:
            # It began before everything that is remembered of this alert.
            continue
        was_known = known is not None and started in known.spells
        was_over = known is not None and known.spells.get(started) is not None
        if spells[started] is None and not was_known:
            yield _happening(ALERT_FIRED, alert, told, service_label)
        elif spells[started] is not None and not was_over:
            yield _happening(ALERT_RESOLVED, alert, told, service_label)


def _happening(kind: str, alert: Alert, told: Notification, service_label: str) -> Happening:
    # A start alone names no alert, a fingerprint alone no spell of it.
    id_ = f"{told.source}/{alert.fingerprint}/{alert.started.timestamp():.6f}"
    fields: dict[str, Scalar] = {f"label_{_ODD.sub('_', name)}": value for name, value in alert.labels.items()}
    fields |= {
        "name": alert.name,
        "service": alert.labels.get(service_label, ""),
        "severity": alert.labels.get("severity", ""),
        "summary": summary_of(alert.annotations),
        "source": told.source,
        "group": told.key,
        "fingerprint": alert.fingerprint,
        "url": alert.url,
        "started": alert.started.isoformat(),
    }
    verb = "fired" if kind == ALERT_FIRED else "resolved"
    service = f" for {fields['service']}" if fields["service"] else ""
    return Happening(kind, id_, fields, f"{alert.name} {verb}{service}", told.at)


def summary_of(annotations: Mapping[str, str]) -> str:
    """What is wrong, in the sender's words; "" where it has none."""
    return next((annotations[name] for name in _SUMMARIES if annotations.get(name)), "")
