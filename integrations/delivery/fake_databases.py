"""The databases of the fake delivery service and their migrations: schemas, backups, and the requests about them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DATABASES = ("orders", "billing", "accounts")
FIRST, LATEST = 41, 43
"""Numbers of the schema that runs, and of the newest one."""
_ONE = "/v1/databases/{database}/environments/{environment}"


@dataclass
class _Database:
    schema: int = FIRST
    backups: dict[str, int] = field(default_factory=dict)
    """Schema by the id of the backup."""


class FakeDatabases:
    """One of each database in each environment."""

    def __init__(self) -> None:
        self._databases: dict[str, _Database] = {}
        self._done: dict[str, dict[str, Any]] = {}
        """Answers by idempotency key."""
        self._effects: Counter[str] = Counter()
        self._broken: set[int] = set()
        self._drops = 0

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.get(_ONE, self._show),
            web.post(f"{_ONE}/rehearsals", self._rehearse),
            web.post(f"{_ONE}/backups", self._back_up),
            web.post(f"{_ONE}/migrations", self._migrate),
            web.post(f"{_ONE}/restores", self._restore),
        ]

    def schema(self, database: str, environment: str) -> int:
        """The number of the schema that runs there."""
        return self._of(database, environment).schema

    def effects(self, kind: str) -> int:
        """How often something of this kind really happened: backup, migrate, restore."""
        return self._effects[kind]

    def break_schema(self, number: int) -> None:
        """Whatever runs on this schema fails its checks."""
        self._broken.add(number)

    def drop_migrations(self, times: int = 1) -> None:
        """Do the next migrations, but break the connection instead of answering."""
        self._drops += times

    def _of(self, database: str, environment: str) -> _Database:
        return self._databases.setdefault(f"{database}/{environment}", _Database())

    def _asked(self, request: web.Request) -> _Database:
        if request.match_info["database"] not in DATABASES:
            raise web.HTTPNotFound(
                text=json.dumps({"error": {"code": "NOT_FOUND", "message": f"There are {', '.join(DATABASES)}."}}),
                content_type="application/json",
            )
        return self._of(request.match_info["database"], request.match_info["environment"])

    async def _show(self, request: web.Request) -> web.Response:
        database = self._asked(request)
        sound = database.schema not in self._broken
        message = "All checks passed" if sound else "Rows are missing their foreign keys"
        return web.json_response(
            {"schema": database.schema, "latest": LATEST, "pending": LATEST - database.schema}
            | {"sound": sound, "message": message}
        )

    async def _rehearse(self, request: web.Request) -> web.Response:
        database = self._asked(request)
        return web.json_response({"schema": LATEST, "seconds": 4 * (LATEST - database.schema)})

    async def _back_up(self, request: web.Request) -> web.Response:
        database, key = self._asked(request), request.headers.get("Idempotency-Key", "")
        if not key:
            return error(400, "BAD_REQUEST", "An Idempotency-Key is needed.")
        if key not in self._done:
            self._effects["backup"] += 1
            id_ = f"bak-{self._effects['backup']}"
            database.backups[id_] = database.schema
            self._done[key] = {"backup": id_}
        return web.json_response(self._done[key], status=201)

    async def _migrate(self, request: web.Request) -> web.Response:
        """Knows no keys: a second call is a second migration."""
        database = self._asked(request)
        self._effects["migrate"] += 1
        database.schema = LATEST
        if self._drops and request.transport:
            self._drops -= 1
            request.transport.abort()
        return web.json_response({"schema": database.schema})

    async def _restore(self, request: web.Request) -> web.Response:
        database, body = self._asked(request), await request.json()
        schema = database.backups.get(str(body.get("backup", "")))
        if schema is None:
            return error(422, "UNKNOWN_BACKUP", "There is no such backup of this database.")
        if schema != database.schema:
            self._effects["restore"] += 1
            database.schema = schema
        return web.json_response({"schema": database.schema})


def error(status: int, code: str, message: str) -> web.Response:
    """An error as the contract words it."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
