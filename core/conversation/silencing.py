"""Silences from a card: the alert manager keeps quiet about what is alike in all that the group's alerts share."""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from core.actors import Actor, By
from core.alerts.group import AlertGroup, Silence
from core.alerts.silences import TOO_WIDE, UNCONNECTED, begin, kept, shared
from core.conversation import alert_cards as cards
from core.conversation.alert_updates import AlertUpdates
from core.conversation.desk import Desk, Outcome
from core.conversation.replies import expired_button, line, mention, when
from core.errors import ConflictError, UpstreamTimeout
from core.messages import Click, Platform, Reply
from core.planning import permissions
from core.ports.records import InboxEntry, Transaction
from core.ports.telemetry import AlertManager

WORKFLOW = "silence-alerts"
"""Of the library: asks an approver, then does it."""
_ODD = re.compile(r"[\x00-\x1f\"'=\\]+")
_LONGEST = 150
_UNSURE = (
    "The alert manager did not answer in time: it may have done it all the same. Press again: what is done is found."
)

Says = Callable[[InboxEntry, Click, Actor, str], Awaitable[Outcome]]
"""As if the person had typed a sentence where the button is."""


class Silencing:
    """Begins and ends silences, for those who may."""

    def __init__(
        self, desk: Desk, updates: AlertUpdates, manager: AlertManager | None, approval: Collection[str] = ()
    ) -> None:
        """`approval`: environments whose alerts are silenced only when somebody else agrees; "*": all."""
        self._approval = frozenset(approval)
        self._desk = desk
        self._updates = updates
        self._manager = manager

    async def click(
        self, entry: InboxEntry, click: Click, actor: Actor, what: str, group_id: str, says: Says
    ) -> Outcome:
        """A press of *Silence* or *End silence*. Where somebody else must agree, it starts a run that asks.

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
            return self._say(entry, line(UNCONNECTED))
        if what == cards.SILENCE and self._asks(group) and not group.silenced(self._desk.clock.now()):
            return await self._ask(entry, click, actor, group_id, group, says)
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
            after = kept(tx, group_id, change) or latest
            title = cards.headline(after.group)
            tx.audit.add(self._desk.audit_row(click, actor, action, group_id, "done", title))
            return self._updates.show(tx, after)

        return Outcome("alert", apply)

    def _asks(self, group: AlertGroup) -> bool:
        return "*" in self._approval or group.labels.get("environment", "") in self._approval

    async def _ask(
        self, entry: InboxEntry, click: Click, actor: Actor, group_id: str, group: AlertGroup, says: Says
    ) -> Outcome:
        if not shared(group):
            return self._say(entry, line(TOO_WIDE))
        named = _ODD.sub(" ", cards.headline(group))[:_LONGEST].strip() or "alerts"
        beneath = under_card(click)
        sentence = f'run {WORKFLOW} group={group_id} alerts="{named}"'
        return await says(replace(entry, item=beneath), beneath, actor, sentence)

    async def _begin(self, manager: AlertManager, group_id: str, group: AlertGroup, actor: Actor) -> Silence | str:
        """The silence that is on now; in words why there is none."""
        if known := group.silenced(self._desk.clock.now()):
            return f"{mention(known.by.account, known.by.name)} has silenced them already, until {when(known.until)}."
        comment = f"{cards.headline(group)}, from its card in chat"
        try:
            return await begin(manager, group_id, group, By(actor.account, actor.name), self._desk.clock, comment)
        except ConflictError as error:
            return error.message

    async def _end(self, manager: AlertManager, group: AlertGroup, actor: Actor) -> Silence | str:
        now = self._desk.clock.now()
        known = group.silenced(now)
        if known is None:
            return "No silence that was begun here is on any more."
        await manager.expire(known.id)
        return Silence(known.id, By(actor.account, actor.name), now)

    def _say(self, entry: InboxEntry, reply: Reply) -> Outcome:
        return Outcome("alerts", lambda tx: [self._desk.put_reply(tx, entry, reply, private=True)])


def under_card(click: Click) -> Click:
    """In the thread of the card, where the platform has such threads: a channel of alerts stays readable."""
    if click.place.platform is not Platform.SLACK or not click.message:
        return click
    return replace(click, place=replace(click.place, thread=click.place.thread or click.message), handle=None)
