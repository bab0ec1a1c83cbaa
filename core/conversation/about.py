"""What the bot tells of itself, of the person who asks, and of the channel: help, home page, whoami, settings."""

from collections.abc import Sequence
from dataclasses import replace

from core.actors import Actor
from core.conversation import channels, replies
from core.conversation.answers import Answers
from core.conversation.approval_cards import Queue, queue_blocks
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.incidents import IncidentHandler
from core.conversation.runs import RunHandler
from core.intents.verbs import VERBS
from core.messages import Place, Platform, Reply, Turn
from core.planning import permissions, plan
from core.planning.policy import may_somewhere, roles_of
from core.ports.records import InboxEntry, Transaction


class AboutHandler:
    """Answers what people ask about the bot itself, and keeps the settings of channels."""

    def __init__(self, desk: Desk, answers: Answers, runs: RunHandler, incidents: IncidentHandler) -> None:
        self._desk = desk
        self._answers = answers
        self._runs = runs
        self._incidents = incidents

    def overview(self, actor: Actor, platform: Platform, here: Sequence[str] = ()) -> Reply:
        """What this person may do."""
        return replies.help_card(
            verbs=[verb for verb in VERBS if may_somewhere(actor, verb.permission, self._desk.grants)],
            roles=sorted(roles_of(actor)),
            can_run=self._runs.startable(actor),
            platform=platform,
            here=here,
        )

    def home(self, tx: Transaction, actor: Actor, place: Place, waiting: Queue) -> Reply:
        """The home page: what goes on, what waits for this person, and what they may do."""
        return replies.home(
            self.overview(actor, place.platform),
            incidents=self._incidents.open_lines(tx, actor, place),
            waiting=queue_blocks(waiting, self._desk.clock.now()),
        )

    def help(self, entry: InboxEntry, actor: Actor) -> Outcome:
        """Show what this person may do, and what this channel wants."""
        place = entry.item.place

        def apply(tx: Transaction) -> Sequence[str]:
            kept = tx.channels.get(place.lane)
            here = [channels.meaning(s, kept[s.name]).lower() for s in channels.SETTINGS if s.name in kept]
            reply = self.overview(actor, place.platform, here)
            return [self._answers.put(tx, entry, reply, private=is_command(entry.item))]

        return Outcome("help", apply)

    def show_channel(self, entry: InboxEntry) -> Outcome:
        """Show the settings of this channel, with the form that changes them."""

        def apply(tx: Transaction) -> Sequence[str]:
            kept = tx.channels.get(entry.item.place.lane)
            now = [(s.label, channels.meaning(s, kept.get(s.name, ""))) for s in channels.SETTINGS]
            return [self._answers.put(tx, entry, replies.channel_settings(now), private=is_command(entry.item))]

        return Outcome("settings", apply)

    def set_channel(self, entry: InboxEntry, actor: Actor, meant: plan.SetChannel) -> Outcome:
        """Change a setting of this channel."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            lane = entry.item.place.lane
            before = tx.channels.set(lane, meant.name, meant.value)
            row = desk.audit_row(entry.item, actor, "channel.set", f"{lane} {meant.name}", "done")
            tx.audit.add(replace(row, before=before, after=meant.value))
            return [desk.put_reply(tx, entry, replies.muted(meant.value is not None))]

        return Outcome("mute", apply)

    async def whoami(self, turn: Turn) -> Reply:
        """Show the person who they are to the bot, and why."""
        known = await self._desk.identity.explain(turn.person)

        def may(permission: str) -> bool:
            return self._desk.judge(known.actor, permission).allowed

        held = permissions.by_environment(self._desk.catalogue, self._permissions(known.actor), may)
        return replies.whoami(known, held)

    def _permissions(self, actor: Actor) -> list[str]:
        return sorted({p for role in roles_of(actor) for p in self._desk.grants.get(role, ())})
