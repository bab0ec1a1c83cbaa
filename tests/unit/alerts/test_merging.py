"""What notifications make of a group of alerts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actors import By
from core.alerts.alert import Alert, Notification, State
from core.alerts.group import KEPT, SPELLS, Acknowledgement, AlertGroup, Silence, merge
from core.alerts.stored import dump_group, load_group
from core.messages import Account, Platform

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = By(Account(Platform.SLACK, "T1", "U1"), "Dana")


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def told(*alerts: Alert, at: int = 0, cut: int = 0, **labels: str) -> Notification:
    return Notification("shop", "group", alerts, minute(at), labels, cut)


def fires(fingerprint: str = "f1", began: int = 0, **annotations: str) -> Alert:
    return Alert(fingerprint, "HighErrorRate", minute(began), None, {"service": fingerprint}, annotations)


def over(fingerprint: str = "f1", began: int = 0, ended: int = 5) -> Alert:
    return replace(fires(fingerprint, began), ended=minute(ended))


def after(*notifications: Notification) -> AlertGroup:
    first, *rest = notifications
    return reduce(merge, rest, merge(None, first))


_FINGERPRINTS = [f"f{number:03}" for number in range(KEPT + 5)]
_ALERTS = st.builds(
    lambda fingerprint, began, lasted, note: replace(
        fires(fingerprint, began, note=note), ended=None if lasted is None else minute(began + lasted)
    ),
    st.sampled_from(_FINGERPRINTS[:3] + _FINGERPRINTS[-3:]),
    st.integers(0, SPELLS + 5),
    st.none() | st.integers(0, 30),
    st.sampled_from("ab"),
)
_CROWD = told(*(fires(fingerprint) for fingerprint in _FINGERPRINTS))
_NOTIFICATIONS = st.just(_CROWD) | st.builds(
    lambda alerts, at, cut, team: told(*alerts, at=at, cut=cut, team=team),
    st.lists(_ALERTS, max_size=6),
    st.integers(0, 60),
    st.integers(0, 3),
    st.sampled_from("ab"),
)


@given(st.lists(_NOTIFICATIONS, min_size=1, max_size=8), st.data())
def test_any_order_and_any_repetition_give_the_same_group(
    notifications: list[Notification], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(notifications), max_size=5))
    shuffled = data.draw(st.permutations([*notifications, *again]))
    assert after(*shuffled) == after(*notifications)


@given(st.lists(_NOTIFICATIONS, min_size=1, max_size=8))
def test_every_alert_that_was_told_of_is_counted(notifications: list[Notification]) -> None:
    group = after(*notifications)
    assert set(group.tracks) == {alert.fingerprint for one in notifications for alert in one.alerts}
    assert len(group.kept) == min(KEPT, len(group.tracks))
    assert group.briefly == len(group.tracks) - len(group.kept)


def test_more_flaps_than_are_remembered_are_the_same_in_any_order() -> None:
    spells = [told(over(began=2 * number, ended=2 * number + 1), at=number) for number in range(SPELLS + 5)]
    group = after(*spells)
    assert group == after(*reversed(spells))
    assert group.tracks["f1"].flaps == SPELLS - 1


def test_a_late_firing_does_not_bring_back_what_is_over() -> None:
    assert after(told(over(), at=5), told(fires(), at=6)).state is State.RESOLVED


def test_what_fires_again_is_a_flap_and_fires() -> None:
    group = after(told(over()), told(fires(began=7), at=7))
    assert (group.state, group.tracks["f1"].flaps) == (State.FIRING, 1)


def test_a_group_is_over_when_all_of_it_is() -> None:
    group = after(told(fires("f1"), fires("f2")), told(over("f1"), at=5))
    assert (group.state, group.firing) == (State.FIRING, 1)
    assert merge(group, told(over("f2"), at=6)).state is State.RESOLVED


def test_an_alert_in_full_is_as_the_latest_notification_has_it() -> None:
    group = after(told(fires(value="95"), at=1), told(fires(value="99"), at=2))
    assert group.kept["f1"].alert.annotations == {"value": "99"}


def test_an_alert_that_is_not_kept_has_its_line() -> None:
    assert after(_CROWD).tracks[_FINGERPRINTS[-1]].title == f"HighErrorRate service={_FINGERPRINTS[-1]}"


def test_an_acknowledgement_holds_for_what_joins_it_and_ends_with_the_outbreak() -> None:
    group = replace(after(told(fires("f1"))), acknowledgement=Acknowledgement(DANA, minute(2)))
    joined = merge(group, told(fires("f2", began=3), at=3))
    assert joined.acknowledged is not None
    calm = merge(joined, told(over("f1"), over("f2", began=3), at=5))
    assert calm.acknowledged is not None
    assert merge(calm, told(fires("f1", began=9), at=9)).acknowledged is None


def test_another_group_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is not shop/group"):
        merge(after(told(fires())), replace(told(fires()), key="other"))


@given(st.lists(_NOTIFICATIONS, min_size=1, max_size=4), st.booleans())
def test_a_group_is_read_back_as_it_was_stored(notifications: list[Notification], cared_for: bool) -> None:
    group = after(*notifications)
    if cared_for:
        group = replace(
            group, acknowledgement=Acknowledgement(DANA, minute(2)), silence=Silence("s1", DANA, minute(90))
        )
    assert load_group(dump_group(group)) == group
