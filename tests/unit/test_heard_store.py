"""A26 as a property: whatever is said, edited, deleted and forgotten anywhere, a place tells only what was said in it."""

from dataclasses import replace

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.messages import Account, Heard, Person, Place, Platform, Withdrawn
from storage.heard import HeardStore
from storage.tables import heard, metadata, sessions

_ENGINE = sa.create_engine("sqlite://")
_ACCOUNTS = st.builds(Account, st.sampled_from(Platform), st.sampled_from(["", "1", "2"]), st.sampled_from(["1", "2"]))
_PLACES = st.builds(
    Place, st.sampled_from([Platform.SLACK, Platform.DISCORD]), st.sampled_from(["", "1", "2"]), st.sampled_from(["1", "2", "12"]),
    st.none() | st.sampled_from(["1", "2", "3"]),
)  # fmt: skip
_PUT = st.tuples(st.just("put"), _PLACES, st.sampled_from(["1", "2", "3"]), _ACCOUNTS, st.floats(0, 9))
_GONE = st.tuples(st.just("gone"), _PLACES, st.sampled_from(["1", "2", "3"]), _ACCOUNTS, st.just(0.0))
_FORGET = st.tuples(st.just("forget"), _PLACES, st.just(""), _ACCOUNTS, st.just(0.0))


@given(st.lists(_PUT | _GONE | _FORGET, max_size=25), _PLACES)
@settings(max_examples=80, deadline=None)
def test_a26_a_place_tells_only_what_was_said_in_it(
    acts: list[tuple[str, Place, str, Account, float]], asked: Place
) -> None:
    with _ENGINE.connect() as connection:
        metadata.create_all(connection, [heard, sessions])
        store = HeardStore(connection)
        forgotten: set[Account] = set()
        for act, place, message, by, changed_at in acts:
            if act == "put":
                forgotten.discard(by)
                store.put(Heard(place, message, Person(by), f"{place} {by}", 1.0, changed_at))
            elif act == "gone":
                store.withdraw(Withdrawn(place, message, 1.0))
            else:
                forgotten.add(by)
                store.forget(by)
        found = store.recall(asked, limit=50, until=10.0).messages
        connection.rollback()
    here = {str(asked), str(replace(asked, thread=None))}
    assert {message.text.partition(" ")[0] for message in found} <= here
    assert not forgotten & {message.person.account for message in found}
