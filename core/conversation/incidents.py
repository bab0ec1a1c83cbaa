"""Incidents as people meet them: what they say, press, fill in and mark becomes a change, and the change an answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from core.actors import Actor, By, everybody
from core.conversation import dialogues
from core.conversation import incident_cards as cards
from core.conversation.desk import Desk, Outcome, is_command
from core.conversation.incident_updates import IncidentUpdates
from core.errors import BotError, UserInputError
from core.incidents import service
from core.incidents.incident import Entry, EntryKind, Incident, Link, Report, Role, Severity, Status, severity_of
from core.incidents.lifecycle import Obstacle, Wanted
from core.incidents.postmortem import draft
from core.incidents.service import NotDone, Seen
from core.intents.incidents import MAX_TITLE
from core.messages import PIN, Click, Marked, Place, Platform, Reply, Submission
from core.nlp.interpretation import EntityType
from core.planning import permissions, plan
from core.ports.platforms import ReadsMessages, Written
from core.ports.records import ActionToken, InboxEntry, Transaction
from core.quiet_hours import QuietHours
from core.workflow.happenings import Happening
from core.workflow.triggers import deliver

log = structlog.get_logger()

MARKS = frozenset({PIN, "pushpin", "round_pushpin", "memo", "📌", "📍", "📝"})
"""Marks that put a message on the timeline: the names that Slack gives them, the characters that Discord does."""
_UNREADABLE = "(a message that could not be read)"

Change = Callable[[Transaction, service.Means], service.Done | NotDone]
"""One of the functions of `core.incidents.service`, with everything but the transaction and the means given."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that belongs to an incident: for its timeline, and as a linked alert when a program wrote it."""

    entry: Entry
    alert: Link | None = None

    @staticmethod
    def of(written: Written, place: Place, message: str) -> "_Message":
        at = datetime.fromtimestamp(written.sent_at, UTC)
        text, reference = written.text or "(without text)", _reference(place, message)
        entry = Entry(at, EntryKind.MESSAGE, text, By(written.author, written.name), reference)
        return _Message(entry, Link.alert(text, reference) if written.of_program else None)


class IncidentHandler:
    """Turns plans, clicks, forms and marks about incidents into outcomes."""

    def __init__(
        self,
        desk: Desk,
        updates: IncidentUpdates,
        *,
        platforms: Mapping[Platform, object],
        quiet: QuietHours | None = None,
        enabled: bool = True,
    ) -> None:
        """`platforms`: connectors; those that are `ReadsMessages` are asked for messages that were marked."""
        self.enabled = enabled
        """Whether incidents can be declared and followed here."""
        self._desk = desk
        self._updates = updates
        self._platforms = platforms
        self._quiet = quiet
        self._forms: dict[str, Callable[[InboxEntry, Submission, Actor], Awaitable[Outcome]]] = {
            "declare": self._declare_form,
            "update": self._update_form,
            "resolve": self._closing_form(Status.RESOLVED),
            "calloff": self._closing_form(Status.CANCELLED),
            "reopen": self._closing_form(Status.INVESTIGATING),
        }

    def means(self, lanes: list[str]) -> service.Means:
        """For changes; the lanes of the cards that follow are added to `lanes`."""

        def announce(tx: Transaction, incident: Incident, entries: Sequence[Entry]) -> None:
            lanes.extend(self._updates.announce(tx, incident, entries))

        def happened(tx: Transaction, incident: Incident, happening: Happening) -> None:
            delivered = deliver(tx, self._desk.means(lanes), self._desk.starting, happening)
            for run in delivered.started:
                title = f"{run.id} {run.definition.title}"
                entry = Entry(happening.at, EntryKind.RUN, f"started {title}", source=f"{run.id}/started")
                service.link(tx, means, incident.id, Link("run", run.id, title), entry, at=happening.at)

        means = service.Means(self._desk.ids, announce, self._quiet, happened)
        return means

    def knows_form(self, name: str) -> bool:
        """Whether this is a form about incidents."""
        return name in self._forms

    # --- what people say -------------------------------------------------------------------------------

    def write(self, entry: InboxEntry, actor: Actor, meant: plan.IncidentWrite) -> Outcome:
        """Carry out a change that policy allows."""
        self._require_enabled()
        origin, seen = self._desk.origin(entry.item), self._seen(actor, entry.item.place)
        match meant:
            case plan.Declare(report=report):
                return self._declare(entry, actor, report)
            case plan.ChangeIncident(incident_id=id_, wanted=wanted):
                return self._do(
                    entry,
                    lambda tx, means: service.change(tx, means, id_, wanted, actor, seen(tx), origin=origin),
                    cards.changed,
                )
            case plan.UpdateIncident(incident_id=id_, text=text):
                return self._update(entry, actor, id_, text)
            case plan.TakeRole(incident_id=id_, role=role):
                return self._do(
                    entry,
                    lambda tx, means: service.take_role(tx, means, id_, role, actor, seen(tx), origin=origin),
                    cards.changed,
                )
            case plan.NoteIncident(incident_id=id_, text=text):
                noted = Entry(origin.at, EntryKind.NOTE, text, By.of(actor), source=f"item:{entry.id}")
                return self._do(
                    entry,
                    lambda tx, means: service.note(tx, means, id_, noted, actor, seen(tx), origin=origin),
                    cards.noted,
                )
            case plan.Attach(incident_id=id_, link=link):
                text = link.title or link.target
                linked = Entry(origin.at, EntryKind.LINK, text, By.of(actor), source=f"link:{link.target}")

                def attach(tx: Transaction, means: service.Means) -> service.Done | NotDone:
                    incident = service.find(tx, id_, seen(tx))
                    if incident is None:
                        return NotDone()
                    service.link(tx, means, incident.id, link, linked, at=origin.at)
                    return service.Done(incident)

                return self._do(entry, attach, cards.noted)

    def read(self, entry: InboxEntry, actor: Actor, meant: plan.IncidentRead) -> Outcome:
        """Show what this person may see."""
        self._require_enabled()
        seen = self._seen(actor, entry.item.place)

        def apply(tx: Transaction) -> Sequence[str]:
            reply, about = self._shown(tx, meant, seen(tx))
            return [self._desk.put_reply(tx, entry, reply, private=_discreetly(entry, *about))]

        return Outcome("incident", apply)

    def _shown(self, tx: Transaction, meant: plan.IncidentRead, seen: Seen) -> tuple[Reply, Sequence[Incident]]:
        """What to show, and the incidents that it tells of."""
        if isinstance(meant, plan.ListIncidents):
            found = service.listed(tx, seen, open_only=meant.open_only, service=meant.service)
            return cards.incident_list(found, self._desk.clock.now(), open_only=meant.open_only), found
        incident = service.find(tx, meant.incident_id, seen)
        if incident is None:
            return cards.not_done(NotDone()), ()
        match meant:
            case plan.ShowIncident():
                reply = cards.incident_card(incident, controls=True)
            case plan.ShowTimeline():
                reply = cards.timeline(incident, tx.incidents.timeline(incident.id), tx.incidents.links(incident.id))
            case plan.DraftPostmortem():
                reply = self._postmortem(tx, incident)
        return reply, (incident,)

    def _postmortem(self, tx: Transaction, incident: Incident) -> Reply:
        document = draft(incident, tx.incidents.timeline(incident.id), tx.incidents.links(incident.id))
        return cards.postmortem(incident, document)

    def open_lines(self, tx: Transaction, actor: Actor, place: Place) -> list[str]:
        """What is open, as far as this person may know, a line each."""
        now = self._desk.clock.now()
        found = service.listed(tx, self._seen(actor, place)(tx), open_only=True) if self.enabled else ()
        return [cards.incident_line(incident, now) for incident in found]

    # --- what people press and fill in -----------------------------------------------------------------

    def click(self, entry: InboxEntry, click: Click, actor: Actor, token: ActionToken) -> Outcome | None:
        """A button or menu on an incident's card; None when the token is about something else."""
        id_ = str(token.data.get("incident", ""))
        seen, origin = self._seen(actor, click.place), self._desk.origin(click)
        value = click.values[0] if click.values else ""
        match token.purpose:
            case service.SEVERITY if value in list(Severity):
                wanted = Wanted(severity=Severity(value))
            case service.STATUS if value in list(Status):
                wanted = Wanted(status=Status(value))
            case service.ROLE:
                role = Role(token.data["role"])
                return self._allowed(entry, actor, plan.TakeRole(id_, role)) or self._quietly(
                    entry, lambda tx, means: service.take_role(tx, means, id_, role, actor, seen(tx), origin=origin)
                )
            case service.SNOOZE:
                return self._allowed(entry, actor, plan.UpdateIncident(id_, "")) or self._do(
                    entry,
                    lambda tx, means: service.snooze(tx, means, id_, actor, seen(tx), origin=origin),
                    cards.snoozed,
                )
            case service.POSTMORTEM:
                meant = plan.DraftPostmortem(id_)
                return self._allowed(entry, actor, meant) or self.read(entry, actor, meant)
            case _:
                return None
        return self._allowed(entry, actor, plan.ChangeIncident(id_, wanted)) or self._quietly(
            entry, lambda tx, means: service.change(tx, means, id_, wanted, actor, seen(tx), origin=origin)
        )

    async def submission(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        """A form about incidents was sent; the right to do it is judged now."""
        self._require_enabled()
        return await self._forms[form.form](entry, form, actor)

    async def _declare_form(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        fields = {name: value.strip() for name, value in form.fields.items()}
        report = Report(
            title=fields.get("title", "")[:MAX_TITLE],
            severity=severity_of(fields.get("severity", "")) or Severity.SEV3,
            service=fields.get("service", ""),
            details=fields.get("details", ""),
            private=fields.get("visibility") == "private",
        )
        if not report.title:
            raise UserInputError("Say what is wrong.", hint="The first field of the form is for that.")
        refused = self._allowed(entry, actor, plan.Declare(report))
        if refused:
            return refused
        first = await self._first_message(form)
        return self._declare(entry, actor, report, first)

    async def _first_message(self, form: Submission) -> _Message | None:
        """The message whose menu was used: it begins the timeline."""
        channel, _, message = form.token.rpartition("/")
        if not message:
            return None
        place = form.place if not channel else replace(form.place, channel=channel)
        written = await self._written(place, message)
        return _Message.of(written, place, message) if written else None

    async def _update_form(self, entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
        text = form.fields.get("text", "").strip()
        if not text:
            raise UserInputError("An update needs a sentence.", hint="Even “no change yet” helps.")
        refused = self._allowed(entry, actor, plan.UpdateIncident(form.token, text))
        return refused or self._update(entry, actor, form.token, text)

    def _closing_form(self, status: Status) -> Callable[[InboxEntry, Submission, Actor], Awaitable[Outcome]]:
        async def close(entry: InboxEntry, form: Submission, actor: Actor) -> Outcome:
            wanted = Wanted(status=status, because=form.fields.get("text", "").strip())
            meant = plan.ChangeIncident(form.token, wanted)
            return self._allowed(entry, actor, meant) or self.write(entry, actor, meant)

        return close

    # --- what people mark ------------------------------------------------------------------------------

    async def marked(self, entry: InboxEntry, item: Marked, actor: Actor) -> Outcome:
        """A message in a room was marked: it goes on the timeline with the time when it was written."""
        if item.mark not in MARKS or not self._desk.judge(actor, "incident:update").allowed:
            return Outcome("", lambda _tx: ())
        written = await self._written(item.place, item.message)
        if written:
            marked = _Message.of(written, item.place, item.message)
        else:
            of = _reference(item.place, item.message)
            marked = _Message(Entry(self._desk.clock.now(), EntryKind.MESSAGE, _UNREADABLE, By.of(actor), of))
        seen, origin = self._seen(actor, item.place), self._desk.origin(item)

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            done = service.note(tx, self.means(lanes), "", marked.entry, actor, seen(tx), origin=origin)
            if marked.alert and done.incident:
                tx.incidents.link(done.incident.id, marked.alert, now=origin.at)
            return lanes

        return Outcome("incident", apply)

    async def _written(self, place: Place, message: str) -> Written | None:
        reader = self._platforms.get(place.platform)
        if not isinstance(reader, ReadsMessages):
            return None
        try:
            return await reader.written(place, message)
        except BotError as error:
            log.warning("incident.message_unread", place=str(place), error=error.message)
            return None

    # --- common ----------------------------------------------------------------------------------------

    def _declare(self, entry: InboxEntry, actor: Actor, report: Report, first: _Message | None = None) -> Outcome:
        desk, item = self._desk, entry.item
        origin = desk.origin(item)
        # Where everybody looks: a thread is seen by those who are in it already.
        place = replace(item.place, thread=None)

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            means = self.means(lanes)
            done = service.declare(tx, means, report, actor, origin=origin, place=place)
            if first and done.fresh:
                tx.incidents.log(done.incident.id, first.entry)
            if first and first.alert and done.fresh:
                tx.incidents.link(done.incident.id, first.alert, now=origin.at)
            dialogues.named(tx, item, desk.clock, EntityType.INCIDENT, done.incident.id, service=done.incident.service)
            reply = cards.declared(done.incident, fresh=done.fresh)
            return [*lanes, desk.put_reply(tx, entry, reply, private=_discreetly(entry, done.incident))]

        return Outcome("incident", apply)

    def _update(self, entry: InboxEntry, actor: Actor, id_: str, text: str) -> Outcome:
        desk = self._desk
        seen, origin = self._seen(actor, entry.item.place), desk.origin(entry.item)

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            done = service.post_update(tx, self.means(lanes), id_, text, actor, seen(tx), origin=origin)
            if isinstance(done, NotDone):
                reply = cards.not_done(done)
            else:
                reply = cards.told(done.incident, self._updates.audience(tx, done.incident))
            about = (done.incident,) if done.incident else ()
            return [*lanes, desk.put_reply(tx, entry, reply, private=_discreetly(entry, *about))]

        return Outcome("incident", apply)

    def _do(self, entry: InboxEntry, change: Change, said: Callable[[Incident], Reply]) -> Outcome:
        """Change something and say so."""

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            done = change(tx, self.means(lanes))
            about = (done.incident,) if done.incident else ()
            reply = cards.not_done(done) if isinstance(done, NotDone) else said(done.incident)
            return [*lanes, self._desk.put_reply(tx, entry, reply, private=_discreetly(entry, *about))]

        return Outcome("incident", apply)

    def _quietly(self, entry: InboxEntry, change: Change) -> Outcome:
        """Change something that the card shows by itself; only what does not happen is told, to this person alone."""

        def apply(tx: Transaction) -> Sequence[str]:
            lanes: list[str] = []
            done = change(tx, self.means(lanes))
            if isinstance(done, NotDone) and done.obstacle is not Obstacle.SAME:
                lanes.append(self._desk.put_reply(tx, entry, cards.not_done(done), private=True))
            return lanes

        return Outcome("incident", apply)

    def _allowed(self, entry: InboxEntry, actor: Actor, meant: plan.Plan) -> Outcome | None:
        """None when policy allows it, else the refusal."""
        permission = permissions.needed(meant)
        verdict = self._desk.judge(actor, permission)
        if verdict.allowed:
            return None
        return self._desk.refuse(entry, actor, permission.replace(":", "."), permission, verdict, "change the incident")

    def _require_enabled(self) -> None:
        if not self.enabled:
            raise UserInputError(
                "Incidents are switched off here.", hint="Whoever runs this bot can set incidents.enabled."
            )

    def asked(self, tx: Transaction, entry: InboxEntry, actor: Actor, question: str, found: str) -> list[str]:
        """A question that was asked in the room of an incident belongs to it, with its answer."""
        id_ = service.of_room(tx, entry.item.place)
        if not id_:
            return []
        lanes: list[str] = []
        at = self._desk.clock.now()
        said = Entry(at, EntryKind.QUERY, f"{question} → {found}", By.of(actor), f"item:{entry.id}")
        service.link(tx, self.means(lanes), id_, Link("query", f"{question} ({entry.id[:8]})", found), said, at=at)
        return lanes

    def _seen(self, actor: Actor, place: Place) -> Callable[[Transaction], Seen]:
        """Through whose eyes; links between accounts are read in the transaction that relies on them."""
        identity = self._desk.identity

        def look(tx: Transaction) -> Seen:
            mine = everybody(actor.account, lambda a: identity.accounts(a) | tx.people.linked(a))
            return Seen(mine, place)

        return look


def _discreetly(entry: InboxEntry, *about: Incident) -> bool:
    """Whether only the person who asked may read the answer: to a command, and of private incidents wherever others read along."""
    place = entry.item.place
    return is_command(entry.item) or (not place.direct and any(i.private and not i.is_room(place) for i in about))


def _reference(place: Place, message: str) -> str:
    return f"message:{place.channel}/{message}"
