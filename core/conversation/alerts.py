"""Alert groups as people meet them: a press of a button on a card becomes a change, a question or an incident."""

from collections.abc import Sequence
from dataclasses import replace

from core.actors import Actor, By
from core.alerts.group import Acknowledgement, AlertGroup
from core.conversation import alert_cards as cards
from core.conversation.alert_updates import AlertUpdates
from core.conversation.answers import Answers
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.findings import Findings
from core.conversation.investigations import investigated, suspect
from core.conversation.replies import expired_button, line
from core.conversation.silencing import Says, Silencing, under_card
from core.messages import Click
from core.planning import permissions, plan
from core.planning.executor import Executor
from core.ports.records import InboxEntry, Transaction
from core.telemetry.investigation import Suspect

ALERT = "alert"
"""Kind of the actions on cards: `alert:<what>:<id of the group>`."""
_PERMISSION = "incident:update"
_SEVERITIES = {"critical": "sev2", "page": "sev2", "error": "sev2", "warning": "sev3"}
_LONGEST = 150
"""Characters of an incident's title."""


class AlertHandler:
    """Turns clicks on alert cards into outcomes."""

    def __init__(
        self,
        desk: Desk,
        answers: Answers,
        updates: AlertUpdates,
        executor: Executor,
        findings: Findings,
        silencing: Silencing,
    ) -> None:
        self._desk = desk
        self._executor = executor
        self._findings = findings
        self._silencing = silencing
        self._answers = answers
        self._updates = updates

    async def click(self, entry: InboxEntry, click: Click, actor: Actor, rest: str, says: Says) -> Outcome:
        """A button of a group's card."""
        what, _, group_id = rest.partition(":")
        if what == cards.ACKNOWLEDGE:
            return self._acknowledge(entry, click, actor, group_id)
        if what in (cards.SILENCE, cards.UNSILENCE):
            return await self._silencing.click(entry, click, actor, what, group_id, says)
        stored = await self._desk.records.read(lambda tx: tx.alerts.get(group_id))
        if stored is None or what not in (cards.INVESTIGATE, cards.DECLARE, cards.LIST):
            return Outcome("expired", lambda tx: [self._desk.put_reply(tx, entry, expired_button(), private=True)])
        if what == cards.LIST:
            listing = cards.listing(stored.group)
            return Outcome("alerts", lambda tx: [self._desk.put_reply(tx, entry, listing, beneath=True)])
        beneath = under_card(click)
        if what == cards.INVESTIGATE:
            alert = suspect(stored.group)
            if alert and self._findings.investigates:
                return await self._investigate(entry, actor, alert)
            return await says(replace(entry, item=beneath), beneath, actor, _question(stored.group))
        return await says(replace(entry, item=beneath), beneath, actor, _declaration(stored.group, stored.id))

    def list(self, entry: InboxEntry) -> Outcome:
        """What fires now."""

        def apply(tx: Transaction) -> Sequence[str]:
            stored = tx.alerts.open(limit=cards.MOST_LISTED + 1)
            reply = cards.open_groups(stored, self._desk.clock.now())
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("alerts", apply)

    async def _investigate(self, entry: InboxEntry, actor: Actor, alert: Suspect) -> Outcome:
        permission = permissions.needed(plan.ListAlerts())
        verdict = self._desk.judge(actor, permission)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "turn.refused", permission, verdict, "investigate alerts")
        reply = await investigated(self._desk, self._executor, self._findings, alert, actor)
        return Outcome("alerts", lambda tx: [self._desk.put_reply(tx, entry, reply, beneath=True)])

    def _acknowledge(self, entry: InboxEntry, click: Click, actor: Actor, group_id: str) -> Outcome:
        verdict = self._desk.judge(actor, _PERMISSION)
        if not verdict.allowed:
            return self._desk.refuse(entry, actor, "alerts.acknowledge", _PERMISSION, verdict, "acknowledge alerts")

        def apply(tx: Transaction) -> Sequence[str]:
            stored = tx.alerts.get(group_id)
            if stored is None:
                return [self._desk.put_reply(tx, entry, expired_button(), private=True)]
            if known := stored.group.acknowledged:
                told = line(f"{known.by.name or 'Somebody'} has acknowledged it already.")
                return [self._desk.put_reply(tx, entry, told, private=True)]
            seen = Acknowledgement(By(actor.account, actor.name), self._desk.clock.now())
            after = tx.alerts.save(replace(stored, group=replace(stored.group, acknowledgement=seen)))
            title = cards.headline(after.group)
            tx.audit.add(self._desk.audit_row(click, actor, "alerts.acknowledge", group_id, "done", title))
            return self._updates.show(tx, after)

        return Outcome("alert", apply)


def _question(group: AlertGroup) -> str:
    if not group.service:
        return "why?"
    environment = group.labels.get("environment", "")
    return f"why {group.service}" + (f" in {environment}" if environment else "")


def _declaration(group: AlertGroup, group_id: str) -> str:
    """As the verb is typed. The key makes a second press lead to the same incident."""
    title = (cards.summary_line(group) or cards.headline(group)).replace("=", " ").replace('"', "'")[:_LONGEST]
    severity = _SEVERITIES.get(group.labels.get("severity", "").lower(), "sev3")
    return f"declare {title} severity={severity} key=alerts-{group_id}" + (
        f" service={group.service}" if group.service else ""
    )
