"""Messages as they were heard, read by their exact place only."""

from collections.abc import Iterable

import sqlalchemy as sa

from core.context.bounds import STORED
from core.messages import Account, Heard, Person, Place, Withdrawn
from core.ports.records import Recalled
from core.redaction import redact
from storage.sql import AnyRow, upsert, word
from storage.tables import heard, sessions

_PUT = upsert(heard, [column.name for column in heard.columns], keys=("lane", "message"), newest="changed_at")
_NEVER_AGAIN = 1e18
"""`changed_at` of a message that was deleted: no state of it is newer."""
_NOTHING: dict[str, object] = {"author": "", "name": "", "is_bot": False, "text": ""}
"""What is left of a message that was deleted."""

_HERE = sa.and_(heard.c.lane == sa.bindparam("in_lane"), heard.c.thread == sa.bindparam("in_thread"))
_LATEST = (
    sa.select(heard)
    .where(_HERE, heard.c.sent_at <= sa.bindparam("until", type_=sa.Double), heard.c.text != word(""))
    .order_by(heard.c.sent_at.desc(), heard.c.message.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_ONE = sa.select(heard).where(
    heard.c.lane == sa.bindparam("in_lane"), heard.c.message == sa.bindparam("of"), heard.c.thread == word("")
)
_WITHDRAW = (
    sa.update(heard)
    .where(heard.c.lane == sa.bindparam("in_lane"), heard.c.message == sa.bindparam("of"))
    .values(**_NOTHING, changed_at=_NEVER_AGAIN)
)
_FIRST_TO_GO = (
    sa.select(heard.c.sent_at)
    .where(_HERE)
    .order_by(heard.c.sent_at.desc())
    .limit(sa.literal_column("1"))
    .offset(sa.bindparam("keep", type_=sa.Integer))
)
_reply = heard.alias("reply")
_TOO_MANY = (
    sa.select(heard.c.lane, heard.c.message)
    .where(
        _HERE,
        heard.c.sent_at <= sa.bindparam("until", type_=sa.Double),
        ~sa.exists().where(_reply.c.lane == heard.c.lane, _reply.c.thread == heard.c.message),
    )
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_KEY = sa.tuple_(heard.c.lane, heard.c.message)
_OLD = (
    sa.select(heard.c.lane, heard.c.message)
    .where(heard.c.sent_at < sa.bindparam("until", type_=sa.Double))
    .order_by(heard.c.sent_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_TRIM = sa.delete(heard).where(_KEY.in_(_TOO_MANY))
_EXPIRE = sa.delete(heard).where(_KEY.in_(_OLD))


class HeardStore:
    """Implements `core.ports.records.HeardMessages`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, heard: Heard) -> None:
        # The one door in: masked first, since a secret that is cut in two is recognised no more.
        text = redact(heard.text)[:STORED]
        self._put(
            heard.place,
            heard.message,
            author=str(heard.person.account),
            name=heard.person.name,
            is_bot=heard.person.is_bot,
            text=text,
            sent_at=heard.sent_at,
            changed_at=heard.changed_at,
        )

    def withdraw(self, withdrawn: Withdrawn, *, yet_to_come: bool = True) -> None:
        row = {"in_lane": withdrawn.place.lane, "of": withdrawn.message}
        known = self._connection.execute(_WITHDRAW, row).rowcount
        if yet_to_come and not known:
            times = {"sent_at": withdrawn.sent_at, "changed_at": _NEVER_AGAIN}
            self._put(withdrawn.place, withdrawn.message, **_NOTHING, **times)

    def recall(self, place: Place, *, limit: int, until: float) -> Recalled:
        here = {"in_lane": place.lane, "in_thread": place.thread or "", "until": until, "most": limit}
        rows = list(self._connection.execute(_LATEST, here))[::-1]
        messages = tuple(_heard(row, place) for row in rows)
        if not place.thread:
            return Recalled(messages)
        root = self._row(place, place.thread)
        first = (_heard(root, _channel(place)),) if root and root.text else ()
        return Recalled((*first, *messages), complete=root is not None)

    def one(self, place: Place, message: str) -> Heard | None:
        row = self._row(place, message)
        return _heard(row, _channel(place)) if row and row.text else None

    def trim(self, place: Place, *, keep: int, limit: int) -> int:
        here = {"in_lane": place.lane, "in_thread": place.thread or ""}
        until = self._connection.execute(_FIRST_TO_GO, {**here, "keep": keep}).scalar()
        if until is None:
            return 0
        return self._connection.execute(_TRIM, {**here, "until": until, "most": limit}).rowcount

    def expire(self, before: float, *, limit: int) -> int:
        return self._connection.execute(_EXPIRE, {"until": before, "most": limit}).rowcount

    def forget(self, account: Account) -> int:
        names = {str(account), str(Account(account.platform, "", account.id))}
        theirs = heard.c.author.in_(names)
        places = sa.select(heard.c.lane, heard.c.thread, heard.c.direct).where(theirs).distinct()
        found = list(self._connection.execute(places))
        direct = {row.lane for row in found if row.direct}
        self._forget_questions(account, found, direct)
        # Emptied, not deleted: else the platform could be asked for them again.
        erase = sa.update(heard).where(theirs | heard.c.lane.in_(direct), heard.c.text != word(""))
        return self._connection.execute(erase.values(**_NOTHING, changed_at=_NEVER_AGAIN)).rowcount

    def _forget_questions(self, account: Account, found: Iterable[AnyRow], direct: set[str]) -> None:
        """Sessions are named by their place: what waits in conversations that the person took part in is dropped."""
        name = sessions.c.conversation
        conversations = {f"{row.lane}/{row.thread}" if row.thread else row.lane for row in found}
        alone = sa.and_(
            name.startswith(f"{account.platform}:{account.workspace}/", autoescape=True),
            name.endswith(f"/@{account.id}", autoescape=True),
        )
        within = [name.startswith(f"{lane}/", autoescape=True) for lane in direct]
        self._connection.execute(
            sa.update(sessions).where(sa.or_(name.in_(conversations), alone, *within)).values(pending={})
        )

    def _row(self, place: Place, message: str) -> AnyRow | None:
        return self._connection.execute(_ONE, {"in_lane": place.lane, "of": message}).first()

    def _put(self, place: Place, message: str, **values: object) -> None:
        row = {"lane": place.lane, "message": message, "thread": place.thread or "", "direct": place.direct, **values}
        self._connection.execute(_PUT.on(self._connection), row)


def _heard(row: AnyRow, place: Place) -> Heard:
    person = Person(Account.parse(row.author), row.name, row.is_bot)
    return Heard(place, row.message, person, row.text, row.sent_at, row.changed_at)


def _channel(place: Place) -> Place:
    return Place(place.platform, place.workspace, place.channel, direct=place.direct)
