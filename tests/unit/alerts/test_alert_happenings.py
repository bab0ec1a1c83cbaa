"""Which events follow from what notifications tell."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from core.alerts.alert import Notification
from core.alerts.group import AlertGroup, merge
from core.alerts.happening import happenings
from core.workflow.happenings import ALERT_FIRED, ALERT_RESOLVED, Happening
from tests.unit.alerts.test_merging import fires, minute, over, told


def followed(*notifications: Notification) -> list[Happening]:
    group: AlertGroup | None = None
    found: list[Happening] = []
    for one in notifications:
        after = merge(group, one)
        found += happenings(group, after, one)
        group = after
    return found


def kinds(found: Iterable[Happening]) -> list[str]:
    return [one.kind for one in found]


def test_a_spell_fires_and_is_resolved_once_each() -> None:
    again = told(fires(), at=1)
    found = followed(told(fires()), again, told(over(), at=5), told(over(), at=6), again)
    assert kinds(found) == [ALERT_FIRED, ALERT_RESOLVED]
    assert found[0].id == found[1].id


def test_each_spell_is_an_event_of_its_own() -> None:
    found = followed(told(fires()), told(over()), told(fires(began=7)))
    assert kinds(found) == [ALERT_FIRED, ALERT_RESOLVED, ALERT_FIRED]
    assert found[0].id != found[2].id


def test_what_was_over_before_its_start_was_told_has_not_fired() -> None:
    assert kinds(followed(told(over()), told(fires()))) == [ALERT_RESOLVED]


def test_one_notification_with_start_and_end_tells_of_the_end() -> None:
    assert kinds(followed(told(over(), fires()))) == [ALERT_RESOLVED]


def test_an_event_has_what_definitions_ask_for() -> None:
    (found,) = followed(told(fires("checkout", summary="5 % fail")))
    assert (found.fields["service"], found.fields["label_service"]) == ("checkout", "checkout")
    assert (found.fields["name"], found.fields["summary"], found.fields["source"]) == (
        "HighErrorRate",
        "5 % fail",
        "shop",
    )
    assert (found.text, found.at) == ("HighErrorRate fired for checkout", minute(0))


def test_another_label_may_name_the_service() -> None:
    one = told(fires("checkout"))
    (found,) = happenings(None, merge(None, one), one, service_label="app")
    assert (found.fields["service"], found.text) == ("", "HighErrorRate fired")


_TOLD = st.builds(
    lambda began, ended, at: told(
        fires(began=began) if ended is None else over(began=began, ended=began + ended), at=at
    ),
    st.integers(0, 3),
    st.none() | st.integers(1, 5),
    st.integers(0, 20),
)


@given(st.lists(_TOLD, max_size=10))
def test_no_event_is_told_twice_in_any_order(notifications: list[Notification]) -> None:
    found = [(one.kind, one.id) for one in followed(*notifications)]
    assert len(found) == len(set(found))
    ended = {str(a.started) for one in notifications for a in one.alerts if a.ended}
    assert len([kind for kind, _ in found if kind == ALERT_RESOLVED]) == len(ended)
