"""Brings the room of an incident in line with the incident: opened, topic, people, pinned card. Whatever died half-way is done the
next time, and nothing is done twice: what holds already is on the record."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from core.errors import BotError, UnavailableError, UpstreamRejected
from core.incidents import service
from core.incidents.incident import Incident, RoomState, Severity
from core.incidents.service import Means
from core.messages import Account, MessageRef, Place, Platform
from core.ports.clock import Clock
from core.ports.platforms import OpensRooms, OpensThreads
from core.ports.queue import WorkDelivery, WorkQueue
from core.ports.records import Records, Transaction
from core.workflow.conflicts import write

log = structlog.get_logger()

_LOOK_AGAIN = 0.5
"""Seconds until the card that a thread hangs on, or that is to be pinned, is looked for again."""
_MOST_DELIVERIES = 40
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class RoomPolicy:
    """What rooms are made of."""

    kind: str = "channel"
    """channel, thread (on the incident's card), or none."""
    responders: Callable[[Severity, Platform], Sequence[Account]] = lambda _severity, _platform: ()
    """Who is invited by severity, by their accounts on the platform of the room."""


class RoomKeeper:
    """Handles deliveries of the queue `service.ROOMS`. Holds no state between them."""

    def __init__(
        self,
        records: Records,
        platforms: Mapping[Platform, object],
        *,
        clock: Clock,
        means: Means,
        topic: Callable[[Incident], str],
        policy: RoomPolicy,
    ) -> None:
        """`platforms`: connectors; rooms are opened where they are `OpensRooms`. `topic`: words the room's topic."""
        self._records = records
        self._platforms = platforms
        self._clock = clock
        self._means = means
        self._topic = topic
        self._policy = policy

    async def handle(self, delivery: WorkDelivery) -> None:
        """Do what is missing and settle the delivery."""
        id_, attempt = delivery.item.key, delivery.item.attempt
        try:
            if attempt > _MOST_DELIVERIES:
                await delivery.reject(f"given up after {_MOST_DELIVERIES} deliveries")
            elif await self.bring_up(id_):
                await delivery.ack()
            else:
                await delivery.retry(_LOOK_AGAIN)
        except UnavailableError as error:
            log.warning("room.unsettled", incident=id_, reason=error.message)
        except BotError as error:
            log.warning("room.postponed", incident=id_, reason=error.message)
            await delivery.retry(error.delay or min(60.0, 0.5 * 2**attempt))
        except Exception:  # a bug in one room must not stop the worker
            log.exception("room.broke", incident=id_)
            await delivery.retry(30.0)

    async def bring_up(self, incident_id: str) -> bool:
        """True when everything holds; False when something is to be looked for again soon."""
        incident = await self._records.read(lambda tx: tx.incidents.get(incident_id))
        if incident is None or self._policy.kind == "none":
            return True
        if incident.room is None:
            if not incident.open or incident.place.platform not in self._platforms:
                return True
            incident = await self._open(incident)
            if incident is None or incident.room is None:
                return incident is not None
        connector = self._platforms.get(incident.room.platform)
        if incident.room.thread or not isinstance(connector, OpensRooms):
            return True
        pinned = bool(incident.room_state.pinned) or await self._pin(connector, incident, incident.room)
        await self._dress(connector, await self._again(incident), incident.room)
        return pinned

    async def _open(self, incident: Incident) -> Incident | None:
        """The incident with its room; without one when there can be none; None when it is to be tried again soon."""
        connector = self._platforms[incident.place.platform]
        trouble = ""
        if isinstance(connector, OpensRooms) and self._policy.kind == "channel":
            try:
                room = await connector.open_room(incident.place, name_of(incident), private=incident.private)
                return await self._note(incident, room, RoomState())
            except UpstreamRejected as error:
                trouble = f"{error.message} {error.hint}".strip()
                log.warning("room.refused", incident=incident.id, reason=error.reason)
        if incident.private:
            # A thread in an open channel is no place for it.
            return await self._note(incident, None, RoomState(trouble=trouble or "private rooms need a channel"))
        card = await self._card(incident, incident.place)
        if card is None:
            return None
        thread = replace(card.place, thread=card.parts[0])
        if isinstance(connector, OpensThreads):
            thread = await connector.open_thread(card.place, card.parts[0], name_of(incident))
        return await self._note(incident, thread, RoomState(trouble=trouble))

    async def _dress(self, connector: OpensRooms, incident: Incident, room: Place) -> Incident:
        """People, then the topic: Discord lets one be set twice in ten minutes, and nobody shall wait outside for that."""
        wanted = (*incident.members, *self._policy.responders(incident.severity, room.platform))
        missing = [
            account
            for account in dict.fromkeys(wanted)
            if account.platform is room.platform and account not in incident.room_state.invited
        ]
        if missing and incident.open:
            await _tolerantly(incident, connector.invite(room, missing))
            state = replace(incident.room_state, invited=(*incident.room_state.invited, *missing))
            incident = await self._note(incident, room, state)
        topic = self._topic(incident)
        if topic != incident.room_state.topic:
            await _tolerantly(incident, connector.set_topic(room, topic))
            incident = await self._note(incident, room, replace(incident.room_state, topic=topic))
        return incident

    async def _pin(self, connector: OpensRooms, incident: Incident, room: Place) -> bool:
        card = await self._card(incident, room)
        if card is None:
            return False
        await _tolerantly(incident, connector.pin(card))
        await self._note(incident, room, replace(incident.room_state, pinned=card.parts[0]))
        return True

    async def _again(self, incident: Incident) -> Incident:
        """The incident as it stands by now."""
        return await self._records.read(lambda tx: tx.incidents.get(incident.id)) or incident

    async def _card(self, incident: Incident, place: Place) -> MessageRef | None:
        return await self._records.read(lambda tx: tx.outbox.ref(f"incident:{incident.id}", place))

    async def _note(self, incident: Incident, room: Place | None, state: RoomState) -> Incident:
        """Record what holds of the room, on the incident as it stands by then."""

        def unit(tx: Transaction) -> Incident:
            current = tx.incidents.get(incident.id) or incident
            members = tuple(dict.fromkeys((*current.members, *state.invited)))
            known = replace(current, members=members)
            return service.set_room(tx, self._means, known, room or current.room, state, at=self._clock.now())

        return await write(self._records, unit)


async def _tolerantly(incident: Incident, call: Awaitable[None]) -> None:
    """Await a call whose refusal is no reason to do without the rest of the room."""
    try:
        await call
    except UpstreamRejected as error:
        log.warning("room.incomplete", incident=incident.id, reason=error.reason, error=error.message)


def name_of(incident: Incident) -> str:
    """`inc-42-checkout-fails-in-europe`: lower case, digits and dashes; of a private incident the id alone."""
    words = "" if incident.private else incident.title.lower()
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in words)
    slug = "-".join(part for part in plain.split("-") if part)
    return f"{incident.id.lower()}-{slug}"[:_NAME_LENGTH].rstrip("-")


async def serve(queue: WorkQueue, keeper: RoomKeeper, *, lease: float) -> None:
    """Handle deliveries until cancelled. `lease`: seconds until another process takes over; longer than all calls of one look."""
    async with (
        asyncio.TaskGroup() as group,
        aclosing(queue.deliveries(service.ROOMS, lease=lease, prefetch=4)) as items,
    ):
        async for delivery in items:
            group.create_task(keeper.handle(delivery))
