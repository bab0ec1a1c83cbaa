"""What is read from the bodies of alerts, and what is refused."""

import json
from datetime import UTC, datetime

import pytest

from core.alerts import alertmanager, mapped
from core.alerts.alert import Notification, State
from core.alerts.mapped import AlertMapping
from core.alerts.reading import MOST_ALERTS, MOST_LABELS, MOST_TEXT
from core.errors import UserInputError

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00Z"


def alert(**changes: object) -> dict[str, object]:
    return {
        "status": "firing",
        "labels": {"alertname": "HighErrorRate", "service": "checkout"},
        "annotations": {"summary": "5 % of requests fail"},
        "startsAt": "2026-03-02T10:00:00.123456789+01:00",
        "endsAt": NEVER,
        "generatorURL": "http://prometheus.test/graph",
        "fingerprint": "1a30ba71cca2921f",
    } | changes


def payload(*alerts: object, **changes: object) -> dict[str, object]:
    return {
        "version": "4",
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "status": "firing",
        "receiver": "copilot",
        "commonLabels": {"service": "checkout"},
        "truncatedAlerts": 3,
        "alerts": list(alerts or (alert(),)),
    } | changes


def read(body: object) -> Notification:
    return alertmanager.notification(json.dumps(body).encode(), source="shop", at=NOW)


def pick(body: object, mapping: AlertMapping) -> Notification:
    return mapped.notification(json.dumps(body).encode(), mapping, source="shop", at=NOW)


def test_a_payload_of_alertmanager_is_read() -> None:
    told = read(payload())
    assert (told.source, told.key, told.cut) == ("shop", '{}:{alertname="HighErrorRate"}', 3)
    assert told.labels == {"service": "checkout"}
    (one,) = told.alerts
    assert (one.fingerprint, one.name, one.state) == ("1a30ba71cca2921f", "HighErrorRate", State.FIRING)
    assert one.started == datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
    assert (one.ended, one.url) == (None, "http://prometheus.test/graph")


def test_what_fires_has_no_end_whatever_is_expected() -> None:
    assert read(payload(alert(endsAt="2026-03-02T11:00:00Z"))).alerts[0].ended is None


@pytest.mark.parametrize(
    ("ends", "ended"), [("2026-03-02T09:10:00Z", datetime(2026, 3, 2, 9, 10, tzinfo=UTC)), (NEVER, NOW)]
)
def test_what_is_resolved_has_an_end(ends: str, ended: datetime) -> None:
    assert read(payload(alert(status="resolved", endsAt=ends))).alerts[0].ended == ended


def test_without_a_fingerprint_the_labels_name_the_alert() -> None:
    same, other = alert(fingerprint=None), alert(fingerprint=None, labels={"alertname": "Other"})
    first, second, third = (one.fingerprint for one in read(payload(same, alert(fingerprint=""), other)).alerts)
    assert first == second != third


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "the body must be an object, not a list"),
        (payload(version="3"), "version must be '4'"),
        (payload(groupKey=""), "groupKey is missing or empty"),
        (payload(alerts={}), "alerts must be a list, not an object"),
        (payload("x"), "alerts[0] must be an object, not a text"),
        (payload(alert(), alert(startsAt="now")), "alerts[1].startsAt must be a time"),
        (payload(alert(startsAt="2026-03-02T09:00:00")), "alerts[0].startsAt must be a time with its offset"),
        (payload(alert(startsAt=True)), "alerts[0].startsAt must be a time"),
        (payload(alert(startsAt=NEVER)), "alerts[0].startsAt is missing"),
        (payload(alert(status="pending")), "alerts[0].status must be firing or resolved"),
        (payload(alert(labels={"a": 1})), "alerts[0].labels.a must be a text, not a number"),
        (payload(alert(labels={f"l{n}": "" for n in range(MOST_LABELS + 1)})), f"at most {MOST_LABELS}"),
        (payload(truncatedAlerts=-1), "truncatedAlerts must be a whole number"),
        (payload(alerts=[0] * (MOST_ALERTS + 1)), f"at most {MOST_ALERTS}"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(body: object, said: str) -> None:
    with pytest.raises(UserInputError) as refused:
        read(body)
    assert said in refused.value.message


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"version": NaN}', b"[" * 100_000])
def test_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(UserInputError, match="no JSON"):
        alertmanager.notification(data, source="shop", at=NOW)


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(UserInputError) as refused:
        read(payload(alert(startsAt="hunter2")))
    assert "hunter2" not in refused.value.message


def test_texts_are_fit_for_every_database() -> None:
    told = read(payload(alert(annotations={"a": "x\x00\ud800" + "y" * MOST_TEXT})))
    assert told.alerts[0].annotations["a"] == ("x?" + "y" * MOST_TEXT)[:MOST_TEXT]


def test_a_mapping_finds_alerts_in_any_json() -> None:
    body = {
        "data": {
            "events": [{"rule": {"title": "Disk"}, "tags": {"host": "a"}, "is": "OK", "from": 1772442000, "id": "7"}]
        },
        "monitor": "m1",
    }
    told = pick(body, AlertMapping(alerts="data.events", name="rule.title", labels="tags", state="is", started="from", fingerprint="id",
        group="monitor"))  # fmt: skip
    (one,) = told.alerts
    assert (told.key, one.name, one.fingerprint, one.labels) == ("m1", "Disk", "7", {"host": "a"})
    assert (one.started, one.ended) == (datetime.fromtimestamp(1772442000, UTC), NOW)


def test_the_body_may_be_one_alert() -> None:
    told = pick({"name": "Disk", "list": ["x", {"url": "http://a.test"}]}, AlertMapping(name="name", url="list.1.url"))
    (one,) = told.alerts
    assert (told.key, one.started, one.state, one.url) == ("Disk", NOW, State.FIRING, "http://a.test")


def test_without_a_state_an_end_says_that_it_is_over() -> None:
    body = {"name": "Disk", "ended": "2026-03-02T09:10:00Z", "state": "bad"}
    assert pick(body, AlertMapping(name="name", ended="ended")).alerts[0].state is State.RESOLVED
    assert pick(body, AlertMapping(name="name", ended="ended", state="state")).alerts[0].state is State.FIRING


def test_names_tell_alerts_without_labels_apart() -> None:
    told = pick({"all": [{"n": "Disk"}, {"n": "CPU"}]}, AlertMapping(alerts="all", name="n"))
    assert len({one.fingerprint for one in told.alerts}) == 2


@pytest.mark.parametrize(
    ("body", "mapping", "said"),
    [
        ({"all": [{"n": "Disk"}, {}]}, AlertMapping(alerts="all", name="n"), "all.1.n is missing"),
        ({"all": []}, AlertMapping(alerts="all", name="n"), "all holds no alert"),
        ({"n": "Disk"}, AlertMapping(alerts="all.2", name="n"), "all.2 must be a list, not null"),
        ({"n": "Disk", "l": ["x"]}, AlertMapping(name="n", labels="l"), "l must be an object, not a list"),
        ({"n": "Disk", "l": []}, AlertMapping(name="n", group="l.0"), "l.0 is missing"),
    ],
)
def test_a_mapping_that_does_not_fit_names_the_path(body: object, mapping: AlertMapping, said: str) -> None:
    with pytest.raises(UserInputError) as refused:
        pick(body, mapping)
    assert said in refused.value.message
