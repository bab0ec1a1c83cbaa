"""What is left at the end of a scenario, in a form that two plays of it can be compared by."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.tables import approvals, audit, incident_timeline, incidents, run_events, runs, timers
from tests.chaos.play import Play, left
from tests.flows.world import World

_VARIES = (
    (re.compile(r"<#\w+>"), "<#channel>"),
    (re.compile(r"\b(RUN|APR)-[0-9A-Z]{6}\b"), r"\1"),
    (re.compile(r"\b(do|form:\w+):[\w-]{6,}"), r"\1"),
    (re.compile(r"\d+(\.\d+)*"), "#"),
)
"""Names, numbers and times, which differ from play to play."""
_WORDS = frozenset({"text", "content", "label", "title", "description", "name", "value", "custom_id", "action_id"})
"""Fields of the platforms' messages that hold what people read or press."""
_PARTS = frozenset({"text", "blocks", "attachments", "content", "embeds", "components"})
"""Of a message: what it says, besides whose and what kind of message it is."""
_COUNTED = re.compile(r"(Approved|Denied): #/#\.")
"""Told to who decides, unless the bot knows for sure that they see it on the card: dead before it noted which message that is, it does not."""
_EFFECTS = ("deploy", "rollback", "drain", "undrain", "upgrade")
_ON_DATABASES = ("backup", "migrate", "restore")
_ATTEMPTS = frozenset(
    {
        "step.started",
        "step.progressed",
        "step.postponed",
        "step.backoff_ended",
        "step.interrupted",
        "step.answered",
    }
)
"""Events of which a play in which the bot dies may have another number."""
_ABOUT_ATTEMPTS = frozenset({"step.interrupt", "step.answer", "step.drop"})
"""Their audit rows."""


@dataclass(frozen=True)
class Picture:
    """The outcome."""

    messages: dict[str, tuple[str, ...]]
    """What stands in each channel or thread, in order."""
    whispers: frozenset[str]
    """What was told to one person; may come twice, since nobody can look whether it came."""
    effects: dict[str, int]
    """What happened in the delivery service."""
    runs: tuple[str, ...]
    histories: tuple[tuple[str, ...], ...]
    """Of each run what happened and to what, without attempts; sorted, since what goes on side by side has no order."""
    approvals: tuple[str, ...]
    incidents: tuple[str, ...]
    timeline: dict[str, int]
    """What the timelines tell, by kind."""
    audited: dict[str, int]
    left: int
    """Work, turns and messages that nobody has finished."""
    timers: int


async def picture(play: Play) -> Picture:
    """Look at everything."""
    messages: dict[str, tuple[str, ...]] = {}
    whispers: set[str] = set()
    for world in {id(world): world for world in (play.here, play.there)}.values():
        told = await _messages(world)
        whispers |= {said for where, said in told if where == _PRIVATE and not _COUNTED.search(said)}
        for where, said in told:
            if where != _PRIVATE:
                messages[where] = (*messages.get(where, ()), said)

    def unit(connection: sa.Connection) -> Picture:
        rows = connection.execute(sa.select(audit.c.action, audit.c.outcome))
        return Picture(
            messages,
            frozenset(whispers),
            {kind: play.here.delivery.effects(kind) for kind in _EFFECTS}
            | {kind: play.here.delivery.databases.effects(kind) for kind in _ON_DATABASES},
            tuple(sorted(connection.execute(sa.select(runs.c.status)).scalars())),
            _histories(connection),
            tuple(sorted(connection.execute(sa.select(approvals.c.status)).scalars())),
            tuple(sorted(connection.execute(sa.select(incidents.c.status)).scalars())),
            dict(Counter(connection.execute(sa.select(incident_timeline.c.kind)).scalars())),
            dict(Counter(f"{row.action} {row.outcome}" for row in rows if row.action not in _ABOUT_ATTEMPTS)),
            left(connection),
            int(connection.execute(sa.select(sa.func.count()).select_from(timers)).scalar_one()),
        )

    return await play.records.read(lambda tx: unit(tx.connection))


def _histories(connection: sa.Connection) -> tuple[tuple[str, ...], ...]:
    rows = connection.execute(sa.select(run_events.c.run_id, run_events.c.kind, run_events.c.data))
    found: dict[str, list[str]] = {}
    for row in rows:
        again = row.kind == "step.failed" and row.data.get("retry_at")
        if row.kind not in _ATTEMPTS and not again:
            found.setdefault(row.run_id, []).append(f"{row.kind} {row.data.get('step', '')}".strip())
    return tuple(sorted(tuple(sorted(events)) for events in found.values()))


def differences(found: Picture, expected: Picture) -> list[str]:
    """What is not as it should be, one line each."""
    return [
        f"{name}: {_told(getattr(found, name), getattr(expected, name))}"
        for name in Picture.__dataclass_fields__
        if getattr(found, name) != getattr(expected, name)
    ]


def _told(found: object, expected: object) -> str:
    if isinstance(found, frozenset) and isinstance(expected, frozenset):
        return f"lacks {sorted(expected - found)}, and has {sorted(found - expected)} besides"
    return f"{found} instead of {expected}"


_PRIVATE = "private"
_PLACEHOLDER = '["content="]'
"""Of a Discord command whose "thinking ..." was shown before the bot died with it uncommitted: the person asks again, and the platform
ends what was shown. An answer that is missing shows by itself."""


async def _messages(world: World) -> list[tuple[str, str]]:
    state = await world.control.state()
    direct = {channel["id"] for channel in state["channels"] if channel["kind"] == "direct"}
    found = []
    for message in state["messages"]:
        # That a topic was set is told by the platform: setting it again is told again.
        if message["author"] == world.names.bot and message["raw"].get("subtype") != "channel_topic":
            private = message["private_to"] or message["channel"] in direct
            where = _PRIVATE if private else _place(world, message, state)
            said = _said(message["raw"])
            if said != _PLACEHOLDER:
                found.append((where, said))
    return found


def _place(world: World, message: dict[str, Any], state: dict[str, Any]) -> str:
    names = {channel["id"]: channel["name"] for channel in state["channels"]}
    kinds = {channel["id"]: channel["kind"] for channel in state["channels"]}
    thread = bool(message["thread"]) or kinds.get(message["channel"]) == "thread"
    # Without numbers: PostgreSQL counts on where an incident's number was taken by what came to nothing.
    name = re.sub(r"\d+", "#", names.get(message["channel"], "?"))
    return f"{world.site.name}#{'thread' if thread else name}"


def _said(raw: dict[str, Any]) -> str:
    text = json.dumps(_words({name: raw[name] for name in _PARTS & raw.keys()}), ensure_ascii=False)
    for pattern, instead in _VARIES:
        text = pattern.sub(instead, text)
    return text


def _words(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [f"{name}={value[name]}" for name in sorted(_WORDS & value.keys()) if isinstance(value[name], str)]
        return own + [word for name in sorted(value) for word in _words(value[name])]
    return [word for one in value for word in _words(one)] if isinstance(value, list) else []
