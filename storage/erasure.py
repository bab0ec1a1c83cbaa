"""Erases a person from every table, in one transaction. What is left of them is decided in `core.erasure`.

A table that is added later gets one line here: in RULES how a person is erased from it, or in IMPERSONAL why there is nothing to
erase. What is under way is left alone: an unhandled message and one that is being sent are gone in a moment, and erasing again
reaches what they left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json, to_json

from core import audit as chain
from core.erasure import Erased, from_audit, from_claim, from_event, from_incoming, without
from core.errors import ConflictError, NotFoundError
from core.messages import Account, Platform
from core.ports.records import AuditRow
from storage.audit import AuditStore
from storage.audit_chain import FIELDS, record_of
from storage.heard import HeardStore
from storage.sql import holds
from storage.tables import (
    account_links,
    action_tokens,
    alert_groups,
    approvals,
    audit,
    audit_seals,
    channel_settings,
    corrections,
    delegations,
    heard,
    inbox,
    incident_links,
    incident_timeline,
    incidents,
    kept_answers,
    message_refs,
    outbox,
    people,
    receipts,
    run_events,
    run_parameters,
    runs,
    sessions,
)

_Change = Callable[[Mapping[str, Any], Erased], Mapping[str, Any]]
"""The columns of a row that change, for a row."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a person is erased from a table."""

    table: str
    erase: Callable[[sa.Connection, Erased], int]
    """Returns how many rows changed or went."""


def erase(
    connection: sa.Connection, accounts: Iterable[Account], *, pseudonym: str, by: str, now: datetime
) -> dict[str, int]:
    """Erase the person who has these accounts, and record that it was done, by whom, for whom by pseudonym; how many rows of
    which table. ConflictError while the person takes part in an open run (it must still know them: nobody approves their own run,
    nobody counts twice); NotFoundError when nothing is known of them."""
    if connection.dialect.name == "sqlite":
        # What is deleted is overwritten, too, for as long as this connection lives.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    gone = _known(connection, frozenset(accounts), pseudonym)
    if busy := _open_runs(connection, gone):
        hint = "Let them end or cancel them (`cancel RUN-…`), then erase the person."
        raise ConflictError(f"The person takes part in runs that are open: {', '.join(busy)}.", hint=hint)
    rows = {rule.table: count for rule in RULES if (count := rule.erase(connection, gone))}
    if not rows:
        hint = "Accounts are written platform:workspace/ID, as `whoami` shows them."
        raise NotFoundError(f"Nothing is known of {', '.join(sorted(map(str, gone.accounts)))}.", hint=hint)
    AuditStore(connection).add(AuditRow(now, by, chain.ERASURE, pseudonym, "done", details={"rows": rows}))
    return rows


# --- who it is -----------------------------------------------------------------------------------------


def _known(connection: sa.Connection, accounts: frozenset[Account], pseudonym: str) -> Erased:
    """What belongs to the person: the names they went by, what they sent, their direct messages."""
    gone = Erased(accounts, pseudonym)
    known = people.c.account.in_([str(account) for account in accounts])
    names = set(connection.execute(sa.select(people.c.name).where(known)).scalars())
    rooms, entries = {str(account) for account in accounts}, set()
    for row in connection.execute(_mentions(inbox, gone, inbox.c.item)):
        item = from_json(row.item)
        person, place = item["person"], item["place"]
        if Account(Platform(person["account"]["platform"]), *_of(person["account"])) in accounts:
            entries.add(row.id)
            names.add(person["name"])
            if place["direct"]:
                rooms.add(f"{place['platform']}:{place['workspace']}/{place['channel']}")
    for row in connection.execute(_mentions(run_events, gone, run_events.c.data)):
        for by in map(row.data.get, ("by", "requester", "to", "on_behalf")):
            if by and Account(Platform(by["account"]["platform"]), *_of(by["account"])) in accounts:
                names.add(by["name"])
    return replace(gone, names=frozenset(filter(None, names)), rooms=frozenset(rooms), entries=frozenset(entries))


def _of(account: Mapping[str, str]) -> tuple[str, str]:
    return account["workspace"], account["id"]


def _open_runs(connection: sa.Connection, gone: Erased) -> list[str]:
    takes_part = sa.exists().where(run_events.c.run_id == runs.c.id, _any_id(gone, run_events.c.data))
    query = sa.select(runs.c.id).where(
        runs.c.finished_at.is_(None), sa.or_(takes_part, _any_id(gone, runs.c.requester))
    )
    found = []
    for run in connection.execute(query.order_by(runs.c.id)).scalars():
        events = sa.select(run_events.c.data).where(run_events.c.run_id == run)
        if any(from_event(data, gone) != data for data in connection.execute(events).scalars()):
            found.append(run)
    return found


# --- how -----------------------------------------------------------------------------------------------


def _rewrite(
    table: sa.Table, columns: Sequence[str], change: _Change, connection: sa.Connection, gone: Erased, *,
    where: sa.ColumnElement[bool] | None = None,
) -> int:  # fmt: skip
    """Change every row that holds an id of the person in one of the columns."""
    query = _mentions(table, gone, *(table.c[name] for name in columns))
    count = 0
    for row in connection.execute(query if where is None else query.where(where)).mappings().all():
        changed = {name: value for name, value in change(dict(row), gone).items() if value != row[name]}
        if changed:
            same = [column == row[column.name] for column in table.primary_key]
            connection.execute(sa.update(table).where(*same).values(changed))
            count += 1
    return count


def _columns(*names: str) -> _Change:
    """Without the person in these columns."""
    return lambda row, gone: {name: without(row[name], gone) for name in names}


def _rewriting(table: sa.Table, *columns: str, change: _Change | None = None) -> Rule:
    return Rule(table.name, partial(_rewrite, table, columns, change or _columns(*columns)))


def _delete(connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.delete(table).where(sa.or_(*conditions))).rowcount


def _people(connection: sa.Connection, gone: Erased) -> int:
    return _delete(connection, people, people.c.account.in_([str(account) for account in gone.accounts]))


def _inbox(connection: sa.Connection, gone: Erased) -> int:
    def change(row: Mapping[str, Any], gone: Erased) -> Mapping[str, Any]:
        item = from_incoming(from_json(row["item"]), gone)
        theirs = row["id"] in gone.entries
        return {
            "item": to_json(item).decode(),
            "claim": from_claim(row["claim"], gone) if theirs else row["claim"],
            "conversation": without(row["conversation"], gone),
            "error": "" if theirs else row["error"],
        }

    return _rewrite(inbox, ("item",), change, connection, gone, where=inbox.c.finished_at.is_not(None))


def _outbox(connection: sa.Connection, gone: Erased) -> int:
    """What waits to be sent to them goes; what waits for others goes without them."""
    waits = outbox.c.state.in_(("waiting", "parked"))
    to_them = sa.or_(_addressed(gone, outbox.c.address), outbox.c.lane.in_(gone.rooms))
    count = _delete(connection, outbox, sa.and_(waits, to_them))
    for row in connection.execute(sa.select(outbox.c.seq, outbox.c.delivery).where(waits)).all():
        delivery = from_json(row.delivery)
        if (left := without(delivery, gone)) != delivery:
            change = sa.update(outbox).where(outbox.c.seq == row.seq)
            connection.execute(change.values(delivery=to_json(left).decode()))
            count += 1
    return count


def _message_refs(connection: sa.Connection, gone: Erased) -> int:
    theirs = message_refs.c.subject.in_([f"turn:{entry}" for entry in gone.entries])
    return _delete(connection, message_refs, theirs, _addressed(gone, message_refs.c.address))


def _sessions(connection: sa.Connection, gone: Erased) -> int:
    theirs = [sessions.c.conversation == room for room in gone.rooms]
    theirs += [sessions.c.conversation.startswith(f"{room}/", autoescape=True) for room in gone.rooms]
    count = _delete(connection, sessions, *theirs, _addressed(gone, sessions.c.conversation))
    return count + _rewrite(sessions, ("pending",), _columns("pending"), connection, gone)


def _tokens(connection: sa.Connection, gone: Erased) -> int:
    theirs = action_tokens.c.subject.in_([f"turn:{entry}" for entry in gone.entries])
    return _delete(connection, action_tokens, theirs) + _rewrite(
        action_tokens, ("data",), _columns("data"), connection, gone
    )


def _heard(connection: sa.Connection, gone: Erased) -> int:
    """What they wrote is emptied; in what others wrote they are not named any more."""
    store = HeardStore(connection)
    emptied = sum(store.forget(account) for account in gone.accounts)
    return emptied + _rewrite(heard, ("text",), _columns("text"), connection, gone)


def _incident(row: Mapping[str, Any], gone: Erased) -> Mapping[str, Any]:
    """Title and resolution tell what happened, to whomever; what they reported in their own words goes."""
    left = {name: without(row[name], gone) for name in ("title", "details", "resolution", "declared_by", "place")}
    if left["declared_by"] != row["declared_by"]:
        left |= {"declared_by_name": gone.tombstone, "details": gone.tombstone if row["details"] else ""}
    left |= {name: without(row[name], gone) for name in ("members", "room_state")}
    left["roles"] = {
        role: [other, gone.tombstone if other != account else name]
        for role, (account, name) in row["roles"].items()
        for other in [without(account, gone)]
    }
    return left


def _incident_entry(row: Mapping[str, Any], gone: Erased) -> Mapping[str, Any]:
    by = without(row["by"], gone) if row["by"] else row["by"]
    if by != row["by"]:
        return {"by": by, "by_name": gone.tombstone, "text": gone.tombstone}
    return {"text": without(row["text"], gone)}


def _account_links(connection: sa.Connection, gone: Erased) -> int:
    accounts = [str(account) for account in gone.accounts]
    return _delete(connection, account_links, account_links.c.first.in_(accounts), account_links.c.second.in_(accounts))


def _delegations(connection: sa.Connection, gone: Erased) -> int:
    accounts = [str(account) for account in gone.accounts]
    return _delete(connection, delegations, delegations.c.giver.in_(accounts), delegations.c.taker.in_(accounts))


def _receipts(connection: sa.Connection, gone: Erased) -> int:
    """Their questions go, and others no longer name them."""
    own = receipts.c.account.in_([str(account) for account in gone.accounts])
    deleted = _delete(connection, receipts, own, receipts.c.lane.in_(gone.rooms))
    return deleted + _rewriting(receipts, "content").erase(connection, gone)


def _kept_answers(connection: sa.Connection, _gone: Erased) -> int:
    """All of them: packed as they are none can be searched, and each is only asked again. Nor does it count: who they name is not known."""
    _delete(connection, kept_answers, sa.true())
    return 0


def _corrections(connection: sa.Connection, gone: Erased) -> int:
    """Theirs, and those of others that name them: what is left of such a sentence is no example of anything."""
    named = [holds(corrections.c.text, name) for name in gone.names]
    own = corrections.c.account.in_([str(account) for account in gone.accounts])
    return _delete(connection, corrections, own, _any_id(gone, corrections.c.text), *named)


def _audit(connection: sa.Connection, gone: Erased) -> int:
    """The texts go, and with them their salts: the chain holds what was committed to, and stays valid."""
    searched = [audit.c[name] for name in ("actor", "target", "reason", "place", "details", "before", "after")]
    named = [holds(column, name) for column in searched for name in (*gone.names, *gone.rooms)]
    query = sa.select(audit).where(sa.or_(_any_id(gone, *searched), *named)).order_by(audit.c.id)
    count = 0
    for row in connection.execute(query).all():
        record = record_of(row)
        left = from_audit(record, gone)
        if left != record:
            _replace(connection, record, left)
            count += 1
    return count


def _replace(connection: sa.Connection, record: AuditRow, left: AuditRow) -> None:
    said = dict(chain.texts(left))
    gone = [path for path, text in chain.texts(record) if said.get(path) != text]
    sealed = audit_seals.c.record == record.id
    salts = connection.execute(sa.select(audit_seals.c.salts).where(sealed)).scalar()
    if salts is not None:
        kept = chain.erase(record, salts, gone)
        connection.execute(sa.update(audit_seals).where(sealed).values(salts=kept))
    values = {name: getattr(left, name) for name in FIELDS if getattr(left, name) != getattr(record, name)}
    connection.execute(sa.update(audit).where(audit.c.id == record.id).values(values))


# --- where they are named ------------------------------------------------------------------------------


def _any_id(gone: Erased, *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """A first look: some id of theirs stands there, perhaps as part of a longer word."""
    return sa.or_(*(holds(column, account.id) for column in columns for account in gone.accounts))


def _mentions(table: sa.Table, gone: Erased, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Rows that may hold an id or a name of theirs in these columns."""
    named = (holds(column, name) for column in columns for name in gone.names)
    return sa.select(table).where(sa.or_(_any_id(gone, *columns), *named)).order_by(*table.primary_key)


def _addressed(gone: Erased, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Keys of what only they may see, and of their part in a channel."""
    return sa.or_(
        *(
            sa.and_(
                column.startswith(f"{account.platform}:{account.workspace}/", autoescape=True),
                column.endswith(f"{mark}{account.id}", autoescape=True),
            )
            for account in gone.accounts
            for mark in ("@", "~")
        )
    )


RULES = (
    Rule("inbox", _inbox),
    Rule("outbox", _outbox),
    Rule("message_refs", _message_refs),
    Rule("sessions", _sessions),
    Rule("action_tokens", _tokens),
    Rule("people", _people),
    Rule("channel_settings", lambda connection, gone: _delete(
        connection, channel_settings, channel_settings.c.lane.in_(gone.rooms)
    )),
    _rewriting(runs, "requester", "summary", "parameters", "place", "slot"),
    _rewriting(run_parameters, "value"),
    _rewriting(run_events, "data", change=lambda row, gone: {"data": from_event(row["data"], gone)}),
    _rewriting(approvals, "requested_by", "eligible_roles"),
    Rule("heard", _heard),
    _rewriting(incidents, "declared_by", "members", "roles", "room_state", "title", "details", "resolution", change=_incident),
    _rewriting(incident_timeline, "by", "text", change=_incident_entry),
    _rewriting(incident_links, "target", "title"),
    _rewriting(alert_groups, "content"),
    Rule("account_links", _account_links),
    Rule("delegations", _delegations),
    Rule("corrections", _corrections),
    Rule("receipts", _receipts),
    Rule("kept_answers", _kept_answers),
    Rule("audit", _audit),
)  # fmt: skip
"""Every table that may name a person. The inbox is read before (`_known`), and so are the histories."""

IMPERSONAL = {
    "work_items": "points to runs",
    "timers": "point to runs and approvals",
    "audit_seals": "hashes, and salts that go with the texts of `audit`",
    "audit_chain": "hashes",
    "leases": "names of processes",
    "run_waits": "point to runs",
    "firings": "names of schedules and triggers, ids of events and runs",
    "sealed_values": "of open runs, whose people cannot be erased meanwhile; gone with the end of the run",
}
"""Tables that hold nothing personal, with the reason."""
