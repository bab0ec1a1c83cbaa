"""One group of alerts, and what a notification makes of it. Merging is commutative and idempotent: the same notifications, in any
order and however often, give the same group, so that a late or a repeated delivery does no harm."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.actors import By
from core.alerts.alert import Alert, Notification, State

KEPT = 50
"""Alerts of a group that are kept in full. Those with the lowest fingerprints: whichever came first, they are the same ones."""
SPELLS = 20
"""Latest spells of an alert that are remembered, and so the most that are counted."""
_TITLE = 120


@dataclass(frozen=True, slots=True)
class Track:
    """What is remembered of every alert of a group, also of those that are not kept in full."""

    title: str
    """Name and labels in a line."""
    spells: Mapping[datetime, datetime | None]
    """Start → end; None while it fires. An end, once told, stays: of two the later one."""

    @property
    def started(self) -> datetime:
        """When the latest spell began."""
        return max(self.spells)

    @property
    def ended(self) -> datetime | None:
        """When the latest spell ended; None while it fires."""
        return self.spells[self.started]

    @property
    def state(self) -> State:
        """As of its latest spell: an older one whose end was never told is over."""
        return State.FIRING if self.ended is None else State.RESOLVED

    @property
    def flaps(self) -> int:
        """How often it fired again after its first spell; at most `SPELLS` - 1."""
        return len(self.spells) - 1


@dataclass(frozen=True, slots=True)
class Kept:
    """An alert in full, as the latest notification has it."""

    alert: Alert
    at: datetime
    """When that notification came."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody looks after it."""

    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """Kept silent in the alert manager."""

    id: str
    by: By
    until: datetime


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts that belong together: one message in a channel."""

    source: str
    key: str
    first_seen: datetime
    last_seen: datetime
    """When the latest notification came."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Shared by all of them, as the latest notification says."""
    tracks: Mapping[str, Track] = field(default_factory=dict)
    """Every alert that was ever told of, by fingerprint."""
    kept: Mapping[str, Kept] = field(default_factory=dict)
    """At most `KEPT` of them in full, by fingerprint."""
    cut: int = 0
    """The most alerts that the sender left out of a notification."""
    acknowledgement: Acknowledgement | None = None
    silence: Silence | None = None
    service_label: str = "service"
    """Which label names the service, by the settings of the source."""

    @property
    def firing(self) -> int:
        """How many fire."""
        return sum(track.state is State.FIRING for track in self.tracks.values())

    @property
    def service(self) -> str:
        """What all of its alerts are about; "" where they say nothing, or differ."""
        named = {one.alert.labels.get(self.service_label, "") for one in self.kept.values()}
        return self.labels.get(self.service_label) or (next(iter(named)) if len(named) == 1 else "")

    @property
    def state(self) -> State:
        """Firing while any of them fires."""
        return State.FIRING if self.firing else State.RESOLVED

    @property
    def acknowledged(self) -> Acknowledgement | None:
        """The acknowledgement while it holds: what began only afterwards, with everything else over, nobody has seen yet."""
        seen = self.acknowledgement
        if seen is None or not self.firing:
            return seen
        fires = (track for track in self.tracks.values() if track.state is State.FIRING)
        return seen if any(track.started <= seen.at for track in fires) else None

    def silenced(self, now: datetime) -> Silence | None:
        """The silence that is on."""
        return self.silence if self.silence and self.silence.until > now else None

    @property
    def briefly(self) -> int:
        """How many are known by their line only."""
        return len(self.tracks) - len(self.kept)


def merge(group: AlertGroup | None, told: Notification) -> AlertGroup:
    """The group after a notification; a new one where there was none. ValueError when it tells of another group."""
    if group is None:
        group = AlertGroup(told.source, told.key, told.at, told.at, told.labels)
    if (group.source, group.key) != (told.source, told.key):
        raise ValueError(f"{told.source}/{told.key} is not {group.source}/{group.key}")
    tracks, kept = dict(group.tracks), dict(group.kept)
    for alert in told.alerts:
        tracks[alert.fingerprint] = _tracked(tracks.get(alert.fingerprint), alert)
        new, old = Kept(alert, told.at), kept.get(alert.fingerprint)
        kept[alert.fingerprint] = new if old is None else max(old, new, key=_newness)
    # Whoever is among the lowest in the end always was: nothing that is kept has to be found again.
    lowest = sorted(kept)[:KEPT]
    later = max((group.last_seen, _order(group.labels)), (told.at, _order(told.labels)))
    return replace(
        group,
        first_seen=min(group.first_seen, told.at),
        last_seen=later[0],
        labels=dict(later[1]),
        tracks=tracks,
        kept={fingerprint: kept[fingerprint] for fingerprint in lowest},
        cut=max(group.cut, told.cut),
    )


def _tracked(track: Track | None, alert: Alert) -> Track:
    title = _title(alert)
    if track is None:
        return Track(title, {alert.started: alert.ended})
    ends = [end for end in (track.spells.get(alert.started), alert.ended) if end is not None]
    spells = {**track.spells, alert.started: max(ends, default=None)}
    latest = sorted(spells)[-SPELLS:]
    return Track(max(track.title, title), {start: spells[start] for start in latest})


def _title(alert: Alert) -> str:
    labels = (f"{name}={value}" for name, value in sorted(alert.labels.items()) if name != "alertname")
    return " ".join((alert.name, *labels))[:_TITLE]


def _newness(kept: Kept) -> tuple[object, ...]:
    """Orders what was told of one alert, the newest last; whole, so that no two are a matter of luck."""
    alert = kept.alert
    ended = alert.ended.timestamp() if alert.ended else 0.0
    content = (alert.name, alert.url, _order(alert.labels), _order(alert.annotations))
    return (alert.started, ended, kept.at, content)


def _order(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))
