"""Small settings of channels."""

from collections.abc import Sequence

import sqlalchemy as sa

from storage.sql import upsert
from storage.tables import channel_settings

_PUT = upsert(channel_settings, ("lane", "name", "value"), keys=("lane", "name"))
_ALL = sa.select(channel_settings.c.name, channel_settings.c.value).where(
    channel_settings.c.lane == sa.bindparam("of_lane")
)
_NAMED = (channel_settings.c.lane == sa.bindparam("of_lane"), channel_settings.c.name == sa.bindparam("named"))
_ONE = sa.select(channel_settings.c.value).where(*_NAMED)
_HAVING = (
    sa.select(channel_settings.c.lane, channel_settings.c.value)
    .where(channel_settings.c.name == sa.bindparam("named"))
    .order_by(channel_settings.c.lane)
)
_DROP = sa.delete(channel_settings).where(*_NAMED)


class ChannelSettingStore:
    """Implements `core.ports.records.ChannelSettings`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, lane: str) -> dict[str, str]:
        return {row.name: row.value for row in self._connection.execute(_ALL, {"of_lane": lane})}

    def set(self, lane: str, name: str, value: str | None) -> str | None:
        named = {"of_lane": lane, "named": name}
        before: str | None = self._connection.execute(_ONE, named).scalar()
        if value is None:
            self._connection.execute(_DROP, named)
        else:
            self._connection.execute(_PUT.on(self._connection), {"lane": lane, "name": name, "value": value})
        return before

    def having(self, name: str) -> Sequence[tuple[str, str]]:
        return [(row.lane, row.value) for row in self._connection.execute(_HAVING, {"named": name})]
