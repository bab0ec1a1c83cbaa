"""What may become of an incident; when reminders are due."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actors import By
from core.incidents.incident import CLOSED, EntryKind, Incident, Role, Severity, Status
from core.incidents.lifecycle import NEXT, Changed, Obstacle, Refused, Wanted, change, post_update, take_role
from core.incidents.reminders import CADENCE, due_at
from core.messages import Account, Place, Platform
from core.quiet_hours import QuietHours

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = By(Account(Platform.SLACK, "T1", "U1"), "Dana")
LEE = By(Account(Platform.SLACK, "T1", "U2"), "Lee")
PLACE = Place(Platform.SLACK, "T1", "C1")


def incident(**changes: object) -> Incident:
    fresh = Incident("INC-1", "Checkout fails", Severity.SEV2, Status.INVESTIGATING, DANA, START, START, PLACE)
    return replace(fresh, **changes)  # type: ignore[arg-type]


def closed(**changes: object) -> Incident:
    return incident(status=Status.RESOLVED, ended_at=START, resolution="rolled back", **changes)


def changed(before: Incident, wanted: Wanted) -> Changed:
    after = change(before, wanted, by=LEE, at=START + timedelta(minutes=5))
    assert isinstance(after, Changed)
    return after


@given(st.sampled_from(Status), st.sampled_from(Status), st.sampled_from(["", "  ", "rolled back"]))
def test_only_what_the_table_allows_happens(before: Status, after: Status, because: str) -> None:
    end = START if before in CLOSED else None
    result = change(incident(status=before, ended_at=end), Wanted(status=after, because=because), by=LEE, at=START)
    if before is after:
        assert result == Refused(Obstacle.SAME)
    elif after not in NEXT[before]:
        assert result == Refused(Obstacle.CLOSED if before in CLOSED else Obstacle.NOT_NEXT)
    elif after in CLOSED and not because.strip():
        assert result == Refused(Obstacle.NO_REASON)
    else:
        assert isinstance(result, Changed)
        assert result.incident.status is after
        assert (result.incident.ended_at is not None) == (after in CLOSED)


def test_several_changes_happen_together_each_with_its_entry() -> None:
    result = changed(incident(), Wanted(Severity.SEV1, Status.IDENTIFIED, "All checkouts fail"))
    assert (result.incident.severity, result.incident.status) == (Severity.SEV1, Status.IDENTIFIED)
    assert result.incident.title == "All checkouts fail"
    assert [entry.kind for entry in result.entries] == [EntryKind.TITLE, EntryKind.SEVERITY, EntryKind.STATUS]
    assert all(entry.by == LEE for entry in result.entries)


def test_a_severity_changes_alone() -> None:
    result = changed(incident(), Wanted(Severity.SEV4))
    assert (result.incident.severity, result.incident.status) == (Severity.SEV4, Status.INVESTIGATING)
    assert [entry.text for entry in result.entries] == ["sev2 → sev4"]


def test_a_refused_part_refuses_the_whole() -> None:
    assert change(incident(), Wanted(Severity.SEV1, Status.RESOLVED), by=LEE, at=START) == Refused(Obstacle.NO_REASON)


def test_nothing_wanted_is_the_same() -> None:
    assert change(incident(), Wanted(Severity.SEV2), by=LEE, at=START) == Refused(Obstacle.SAME)
    assert change(incident(), Wanted(title=""), by=LEE, at=START) == Refused(Obstacle.SAME)


def test_a_closed_one_keeps_its_severity() -> None:
    assert change(closed(), Wanted(Severity.SEV1), by=LEE, at=START) == Refused(Obstacle.CLOSED)


@pytest.mark.parametrize(
    ("status", "kind"), [(Status.RESOLVED, EntryKind.RESOLVED), (Status.CANCELLED, EntryKind.CANCELLED)]
)
def test_closing_keeps_how_it_ended(status: Status, kind: EntryKind) -> None:
    result = changed(incident(), Wanted(status=status, because=" rolled back "))
    assert result.incident.resolution == "rolled back"
    assert result.incident.ended_at == START + timedelta(minutes=5)
    assert [(entry.kind, entry.text) for entry in result.entries] == [(kind, "rolled back")]


@pytest.mark.parametrize(("because", "text"), [("errors are back", "errors are back"), ("", "reopened")])
def test_reopening_starts_the_search_anew_and_gives_the_key_away(because: str, text: str) -> None:
    result = changed(closed(dedup_key="alert-1"), Wanted(status=Status.INVESTIGATING, because=because))
    assert result.incident.open
    assert (result.incident.resolution, result.incident.dedup_key) == ("", "")
    assert [(entry.kind, entry.text) for entry in result.entries] == [(EntryKind.REOPENED, text)]


def test_a_status_change_keeps_the_key() -> None:
    assert changed(incident(dedup_key="alert-1"), Wanted(status=Status.MONITORING)).incident.dedup_key == "alert-1"


def test_whoever_takes_a_role_is_a_member_and_takes_it_from_the_one_before() -> None:
    first = take_role(incident(members=(DANA.account,)), Role.COMMANDER, by=DANA, at=START)
    assert isinstance(first, Changed)
    assert first.incident.members == (DANA.account,)
    second = take_role(first.incident, Role.COMMANDER, by=LEE, at=START)
    assert isinstance(second, Changed)
    assert second.incident.roles == {Role.COMMANDER: LEE}
    assert second.incident.members == (DANA.account, LEE.account)
    assert "instead of Dana" in second.entries[0].text
    assert take_role(second.incident, Role.COMMANDER, by=LEE, at=START) == Refused(Obstacle.SAME)


def test_nobody_takes_a_role_in_what_is_over() -> None:
    assert take_role(closed(), Role.SCRIBE, by=LEE, at=START) == Refused(Obstacle.CLOSED)


def test_a_private_one_is_seen_by_its_members_and_in_its_room_alone() -> None:
    room = Place(Platform.SLACK, "T1", "C9")
    secret = incident(private=True, members=(DANA.account,), room=room)
    assert secret.seen_by(frozenset({DANA.account}))
    assert not secret.seen_by(frozenset({LEE.account}), PLACE)
    assert secret.seen_by(frozenset({LEE.account}), replace(room, thread="1.2"))
    in_thread = replace(secret, room=replace(PLACE, thread="1.0"))
    assert not in_thread.seen_by(frozenset({LEE.account}), replace(PLACE, thread="2.0"))
    assert in_thread.seen_by(frozenset({LEE.account}), replace(PLACE, thread="1.0"))
    assert not replace(secret, room=None).seen_by(frozenset({LEE.account}), room)


def test_an_update_is_due_after_the_cadence_of_the_severity() -> None:
    for severity, cadence in CADENCE.items():
        assert due_at(incident(severity=severity)) == START + cadence
    told = post_update(incident(), "no change", by=LEE, at=START + timedelta(hours=2)).incident
    assert due_at(told) == START + timedelta(hours=3)
    assert (told.updates, told.last_update_at) == (1, START + timedelta(hours=2))
    assert due_at(closed()) is None


NIGHT = QuietHours(time(22), time(7), ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-03-02T20:59", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "2026-03-03T06:00"),
        ("2026-03-03T02:00", "2026-03-03T06:00"),
        ("2026-03-03T06:00", "2026-03-03T06:00"),
        # The clocks go forward in this night.
        ("2026-03-28T22:00", "2026-03-29T05:00"),
    ],
)
def test_quiet_hours_hold_a_reminder_up_until_they_end(moment: str, expected: str) -> None:
    assert NIGHT.end_after(datetime.fromisoformat(moment + "Z")) == datetime.fromisoformat(expected + "Z")


def test_quiet_hours_within_one_day() -> None:
    lunch = QuietHours(time(12), time(13), ZoneInfo("UTC"))
    assert lunch.end_after(START) == START
    assert lunch.end_after(START.replace(hour=12, minute=30)) == START.replace(hour=13)


def test_quiet_hours_never_hold_up_a_grave_incident() -> None:
    at_night = START.replace(hour=20)
    assert due_at(incident(declared_at=at_night), NIGHT) == at_night + timedelta(hours=1)
    assert due_at(incident(declared_at=at_night, severity=Severity.SEV3), NIGHT) == datetime(2026, 3, 3, 6, tzinfo=UTC)
