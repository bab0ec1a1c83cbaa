"""Histories of runs, fenced by their version, and the read models written with them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.errors import ConflictError
from core.ports.records import ApprovalView, RunView, StoredEvent
from storage.codec import dump_place, load_place
from storage.sql import AnyRow, LockSpace, insert_new, lock, upsert, word
from storage.tables import approvals, run_events, run_parameters, runs

_VIEW = (
    "workflow", "workflow_version", "status", "requester", "summary", "place",
    "started_at", "updated_at", "finished_at", "parameters", "slot", "slot_limit",
)  # fmt: skip

_START = insert_new(runs, ("id", "folded_id", "version", *_VIEW))
_ADVANCE = (
    sa.update(runs)
    .where(runs.c.id == sa.bindparam("run"), runs.c.version == sa.bindparam("expected"))
    .values(version=sa.bindparam("to_version"), **{name: sa.bindparam(f"to_{name}") for name in _VIEW})
)
_ADD_EVENT = sa.insert(run_events).inline()


def _advance_with_events() -> sa.Executable:
    """PostgreSQL: both in one statement, which saves a way to the server for each step of a run."""
    columns = [column for column in run_events.columns if column.name != "run_id"]
    lists = [sa.bindparam(column.name, type_=postgresql.ARRAY(column.type)) for column in columns]
    new = (
        sa.func.unnest(*lists)
        .table_valued(*(sa.column(column.name, column.type) for column in columns), name="new")
        .render_derived()
    )
    advanced = _ADVANCE.returning(runs.c.id.label("run_id")).cte("advanced")
    rows = sa.select(advanced.c.run_id, *new.c).select_from(sa.join(advanced, new, sa.true()))
    return sa.insert(run_events).from_select(["run_id", *(column.name for column in columns)], rows)


_ADVANCE_WITH_EVENTS = _advance_with_events()

_PUT_APPROVAL = upsert(approvals, [column.name for column in approvals.columns], keys=("id",))
_PUT_PARAMETER = upsert(run_parameters, ("run_id", "name", "value"), keys=("run_id", "name"))
_DROP_PARAMETERS = sa.delete(run_parameters).where(run_parameters.c.run_id == sa.bindparam("run"))

_HISTORY = (
    sa.select(run_events)
    .where(run_events.c.run_id == sa.bindparam("run"), run_events.c.version > sa.bindparam("after", type_=sa.Integer))
    .order_by(run_events.c.version)
)
_GET = sa.select(runs).where(runs.c.folded_id == sa.bindparam("folded"))
_APPROVAL = sa.select(approvals).where(approvals.c.id == sa.bindparam("approval"))
_OPEN_APPROVALS = (
    sa.select(approvals)
    .where(approvals.c.status == word("open"))
    .order_by(approvals.c.requested_at, approvals.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


_line = (
    sa.select(
        runs, sa.func.row_number().over(partition_by=runs.c.slot, order_by=(runs.c.started_at, runs.c.id)).label("nth")
    )
    .where(runs.c.status == word("pending"), runs.c.finished_at.is_(None))
    .subquery("line")
)
_PENDING = (
    sa.select(_line)
    .where(_line.c.nth <= sa.bindparam("each", type_=sa.Integer))
    .order_by(_line.c.started_at, _line.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_UNDER_WAY = sa.select(sa.func.sum(sa.case((runs.c.slot == sa.bindparam("which"), 1), else_=0)), sa.func.count()).where(
    runs.c.finished_at.is_(None), runs.c.status != word("pending")
)


class RunStore:
    """Implements `core.ports.records.Runs`. The row in `runs` holds the version; changing it is what appends wait for."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(
        self,
        run: RunView,
        *,
        expected_version: int,
        events: Sequence[StoredEvent],
        approvals: Sequence[ApprovalView] = (),
        replanned: bool = True,
    ) -> None:
        version = expected_version + len(events)
        if [event.version for event in events] != list(range(expected_version + 1, version + 1)):
            raise ValueError(f"events of {run.id} do not follow version {expected_version}")
        if expected_version == 0:
            self._start(run, version)
            self._add(run, events)
        else:
            self._advance(run, expected_version, version, events)
            if replanned:
                self._connection.execute(_DROP_PARAMETERS, {"run": run.id})
                self._put_parameters(run)
        for approval in approvals:
            row = asdict(approval)
            row["eligible_roles"] = list(row.pop("eligible"))
            self._connection.execute(_PUT_APPROVAL.on(self._connection), row)

    def history(self, run_id: str, *, after: int = 0) -> Sequence[StoredEvent]:
        rows = self._connection.execute(_HISTORY, {"run": run_id, "after": after})
        return [StoredEvent(row.version, row.kind, row.at, row.data, row.traceparent) for row in rows]

    def get(self, run_id: str) -> RunView | None:
        row = self._connection.execute(_GET, {"folded": run_id.casefold()}).first()
        return _run(row) if row else None

    def find(
        self,
        *,
        statuses: Sequence[str] = (),
        requester: str = "",
        parameter: tuple[str, str] | None = None,
        workflow: str = "",
        since: datetime | None = None,
        following: RunView | None = None,
        limit: int = 20,
    ) -> Sequence[RunView]:
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        if requester:
            query = query.where(runs.c.requester == requester)
        if workflow:
            query = query.where(runs.c.workflow == workflow)
        if since:
            query = query.where(runs.c.started_at >= since)
        if following:
            same_time = sa.and_(runs.c.started_at == following.started_at, runs.c.id < following.id)
            query = query.where(sa.or_(runs.c.started_at < following.started_at, same_time))
        if parameter:
            name, value = parameter
            named = run_parameters.c.run_id == runs.c.id, run_parameters.c.name == name
            query = query.where(sa.exists().where(*named, run_parameters.c.value == value))
        return [_run(row) for row in self._connection.execute(query)]

    def pending(self, *, each: int, limit: int = 1000) -> Sequence[RunView]:
        return [_run(row) for row in self._connection.execute(_PENDING, {"each": each, "most": limit})]

    def under_way(self, slot: str) -> tuple[int, int]:
        lock(self._connection, LockSpace.TURNS, "runs")
        in_slot, in_all = self._connection.execute(_UNDER_WAY, {"which": slot}).one()
        return int(in_slot or 0), int(in_all)

    def approval(self, approval_id: str) -> ApprovalView | None:
        row = self._connection.execute(_APPROVAL, {"approval": approval_id}).first()
        return _approval(row) if row else None

    def open_approvals(self, *, holders: Collection[str] | None = None, limit: int = 50) -> Sequence[ApprovalView]:
        query = _OPEN_APPROVALS
        if holders is not None:
            # As written in JSON each name stands between quotes, and so for itself alone.
            written = sa.type_coerce(approvals.c.eligible_roles, sa.Text)
            named = (written.contains(json.dumps(holder), autoescape=True) for holder in sorted(holders))
            query = query.where(sa.or_(sa.false(), *named))
        return [_approval(row) for row in self._connection.execute(query, {"most": limit})]

    def _start(self, run: RunView, version: int) -> None:
        row = {"id": run.id, "folded_id": run.id.casefold(), "version": version, **_view_row(run)}
        if self._connection.execute(_START.on(self._connection), row).first() is None:
            raise ConflictError(f"The run {run.id} exists already.")
        self._put_parameters(run)

    def _advance(self, run: RunView, expected: int, version: int, events: Sequence[StoredEvent]) -> None:
        row: dict[str, Any] = {f"to_{name}": value for name, value in _view_row(run).items()}
        row |= {"run": run.id, "expected": expected, "to_version": version}
        together = bool(events) and self._connection.dialect.name == "postgresql"
        if together:
            rows = [_event_row(event) for event in events]
            row |= {name: [each[name] for each in rows] for name in rows[0]}
        done = self._connection.execute(_ADVANCE_WITH_EVENTS if together else _ADVANCE, row)
        if done.rowcount == 0:
            raise ConflictError(f"The run {run.id} has changed meanwhile.")
        if not together:
            self._add(run, events)

    def _add(self, run: RunView, events: Sequence[StoredEvent]) -> None:
        if events:
            self._connection.execute(_ADD_EVENT, [{"run_id": run.id, **_event_row(event)} for event in events])

    def _put_parameters(self, run: RunView) -> None:
        if run.parameters:
            rows = [{"run_id": run.id, "name": name, "value": value} for name, value in run.parameters.items()]
            self._connection.execute(_PUT_PARAMETER.on(self._connection), rows)


def _view_row(run: RunView) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in _VIEW}
    return {**row, "place": dump_place(run.place) if run.place else None}


def _event_row(event: StoredEvent) -> dict[str, Any]:
    return {
        "version": event.version,
        "kind": event.kind,
        "at": event.at,
        "data": event.data,
        "traceparent": event.traceparent,
    }


def _run(row: AnyRow) -> RunView:
    view = {name: getattr(row, name) for name in _VIEW}
    return RunView(id=row.id, **{**view, "place": load_place(row.place) if row.place else None})


def _approval(row: AnyRow) -> ApprovalView:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    eligible = tuple(values.pop("eligible_roles"))
    return ApprovalView(**values, eligible=eligible)
