"""Silences from a card: the alert manager keeps quiet about what is alike in all that the group's alerts share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.actors import Actor, By
from core.alerts.group import AlertGroup, Silence
from core.conversation import alert_cards as cards
from core.conversation.alert_updates import AlertUpdates
from core.conversation.desk import Desk, Outcome
from core.conversation.replies import expired_button, line, mention, when
from core.errors import UpstreamTimeout
from core.messages import Click, Reply
from core.planning import permissions
from core.ports.records import InboxEntry, Transaction
from core.ports.telemetry import AlertManager, Matcher

LENGTH = timedelta(hours=2)
_UNCONNECTED = "No alert manager is connected: `alertmanager.url` names one."
_TOO_WIDE = (
    "These alerts do not share a name, so a silence of them would cover others, too. Make one in the alert manager."
)
_UNSURE = (
    "The alert manager did not answer in time: it may have done it all the same. Press again: what is done is found."
)


class Silencing:
    """Begins and ends silences, for those who may."""

    def __init__(self, desk: Desk, updates: AlertUpdates, manager: AlertManager | None) -> None:
        self._desk = desk
        self._updates = updates
        self._manager = manager

    async def click(self, entry: InboxEntry, click: Click, actor: Actor, what: str, group_id: str) -> Outcome:
        """A press of *Silence* or *End silence*.

        Raises:
            UpstreamError: the alert manager did not do it.
        """
        stored = await self._desk.records.read(lambda tx: tx.alerts.get(group_id))
        if stored is None:
            return self._say(entry, expired_button())
        group, action = stored.group, f"alerts.{what}"
        permission = permissions.silence(group.labels.get("environment", ""))
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, action, permission, verdict, "silence alerts")
        if self._manager is None:
            return self._say(entry, line(_UNCONNECTED))
        try:
            if what == cards.UNSILENCE:
                change = await self._end(self._manager, group, actor)
            else:
                change = await self._begin(self._manager, group_id, group, actor)
        except UpstreamTimeout:
            return self._say(entry, line(_UNSURE))

        def apply(tx: Transaction) -> Sequence[str]:
            latest = tx.alerts.get(group_id)
            if latest is None:
                return [self._desk.put_reply(tx, entry, expired_button(), private=True)]
            if isinstance(change, str):
                # The card offered what is over: it is brought up to date, too.
                answer = self._desk.put_reply(tx, entry, line(change), private=True)
                return [answer, *self._updates.show(tx, latest)]
            after = tx.alerts.save(replace(latest, group=replace(latest.group, silence=change)))
            title = cards.headline(after.group)
            tx.audit.add(self._desk.audit_row(click, actor, action, group_id, "done", title))
            return self._updates.show(tx, after)

        return Outcome("alert", apply)

    async def _begin(self, manager: AlertManager, group_id: str, group: AlertGroup, actor: Actor) -> Silence | str:
        """The silence that is on now; in words why there is none."""
        now = self._desk.clock.now()
        if known := group.silenced(now):
            return f"{mention(known.by.account, known.by.name)} has silenced them already, until {when(known.until)}."
        matchers = shared(group)
        if not matchers:
            return _TOO_WIDE
        by = By(actor.account, actor.name)
        # Begun by a press whose answer was lost, by us or on the way: it counts as this one.
        if begun := await manager.silence_of(group_id):
            return Silence(begun.id, by, begun.until)
        comment = f"{cards.headline(group)}, from its card in chat"
        named = actor.name or str(actor.account)
        id_ = await manager.silence(matchers, now, now + LENGTH, by=named, comment=comment, key=group_id)
        return Silence(id_, by, now + LENGTH)

    async def _end(self, manager: AlertManager, group: AlertGroup, actor: Actor) -> Silence | str:
        now = self._desk.clock.now()
        known = group.silenced(now)
        if known is None:
            return "No silence that was begun here is on any more."
        await manager.expire(known.id)
        return Silence(known.id, By(actor.account, actor.name), now)

    def _say(self, entry: InboxEntry, reply: Reply) -> Outcome:
        return Outcome("alerts", lambda tx: [self._desk.put_reply(tx, entry, reply, private=True)])


def shared(group: AlertGroup) -> tuple[Matcher, ...]:
    """What picks these alerts and those that come alike; nothing where they do not share even a name."""
    if not group.labels.get("alertname"):
        return ()
    return tuple(Matcher(name, value) for name, value in sorted(group.labels.items()) if value)
