"""All wording about incidents. Pure: values in, a `Reply` out."""

from collections.abc import Sequence
from datetime import datetime

from core.conversation.replies import ago, channel_link, mention, when
from core.incidents import service
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role, Severity, Status
from core.incidents.lifecycle import NEXT, Obstacle
from core.incidents.service import NotDone
from core.markup import literal
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Element,
    Field,
    Fields,
    File,
    Heading,
    Note,
    Option,
    Reply,
    Select,
    Text,
    Tone,
)

_ICONS = {
    Status.INVESTIGATING: "🔎",
    Status.IDENTIFIED: "🎯",
    Status.MONITORING: "👀",
    Status.RESOLVED: "✅",
    Status.CANCELLED: "⏹️",
}
_TONES = {Severity.SEV1: Tone.BAD, Severity.SEV2: Tone.BAD, Severity.SEV3: Tone.WARNING, Severity.SEV4: Tone.NEUTRAL}
_MEANS = {
    Severity.SEV1: "outage, data loss, breach",
    Severity.SEV2: "major, many people",
    Severity.SEV3: "partial, a workaround exists",
    Severity.SEV4: "minor",
}
_ACTIONS = {
    EntryKind.DECLARED: "declared",
    EntryKind.SEVERITY: "severity",
    EntryKind.STATUS: "status",
    EntryKind.TITLE: "title",
    EntryKind.ROLE: "role",
    EntryKind.NOTE: "note",
    EntryKind.MESSAGE: "said",
    EntryKind.UPDATE: "update",
    EntryKind.ROOM: "room",
    EntryKind.RUN: "run",
    EntryKind.QUERY: "asked",
    EntryKind.LINK: "link",
    EntryKind.RESOLVED: "resolved",
    EntryKind.CANCELLED: "called off",
    EntryKind.REOPENED: "reopened",
}
_NEWS = frozenset({EntryKind.SEVERITY, EntryKind.RESOLVED, EntryKind.CANCELLED, EntryKind.REOPENED, EntryKind.UPDATE})
"""What those who follow an incident from elsewhere are told."""
_ROOM_NEWS = _NEWS | {EntryKind.STATUS, EntryKind.ROLE, EntryKind.TITLE}
_TIMELINE_SHOWN = 40
_LINKS_SHOWN = 20


def headline(incident: Incident) -> str:
    """Severity, id and title in one plain line."""
    return f"{incident.severity.upper()} {incident.id}: {incident.title}"


def incident_card(incident: Incident, *, controls: bool) -> Reply:
    """How an incident stands; with `controls`, what may be done about it."""
    blocks: list[Block] = [Heading(f"{_ICONS[incident.status]} {headline(incident)}"), Fields(_facts(incident))]
    if incident.details:
        blocks.append(Text(literal(incident.details)))
    if incident.resolution:
        blocks.append(Text(f"**How it ended:** {literal(incident.resolution)}"))
    if controls:
        blocks += [Actions(row) for row in _controls(incident)]
    if incident.room_state.trouble:
        blocks.append(Note(f"It has no room of its own: {incident.room_state.trouble}"))
    blocks.append(Note(_footer(incident)))
    tone = Tone.GOOD if incident.status is Status.RESOLVED else _TONES[incident.severity]
    return Reply(tuple(blocks), f"{headline(incident)} is {incident.status}", tone if incident.open else Tone.GOOD)


def _facts(incident: Incident) -> tuple[Field, ...]:
    facts = [
        Field("Status", f"**{incident.status}**"),
        Field("Severity", f"**{incident.severity.upper()}** ({_MEANS[incident.severity]})"),
    ]
    if incident.service:
        facts.append(Field("Service", literal(incident.service)))
    if incident.room:
        facts.append(Field("Room", _room_link(incident)))
    for role in Role:
        holder = incident.roles.get(role)
        facts.append(Field(role.value.capitalize(), mention(holder.account, holder.name) if holder else "nobody yet"))
    return tuple(facts)


def _room_link(incident: Incident) -> str:
    room = incident.room
    if room is None:
        return "being opened"
    return "this thread" if room.thread else channel_link(room)


def _controls(incident: Incident) -> list[tuple[Element, ...]]:
    token = incident.tokens
    if not incident.open:
        return [
            (
                Button("Draft the post-mortem", f"do:{token[service.POSTMORTEM]}", ButtonStyle.PRIMARY),
                Button("Reopen …", f"form:reopen:{incident.id}"),
            )
        ]
    severities = tuple(Option(f"{s.upper()}: {_MEANS[s]}", s.value) for s in Severity if s is not incident.severity)
    closing = (Status.RESOLVED, Status.CANCELLED)
    statuses = tuple(Option(s.value.capitalize(), s.value) for s in Status if s in NEXT[incident.status] and s not in closing)  # fmt: skip
    roles = tuple(
        Button(f"I am {role}", f"do:{token[f'{service.ROLE}/{role}']}") for role in Role if role not in incident.roles
    )
    rows: list[tuple[Element, ...]] = [
        (
            Button("Write an update …", f"form:update:{incident.id}", ButtonStyle.PRIMARY),
            Button("Resolve …", f"form:resolve:{incident.id}"),
            Button("Call off …", f"form:calloff:{incident.id}"),
        ),
        (
            Select("Change the status", f"do:{token[service.STATUS]}", statuses),
            Select("Change the severity", f"do:{token[service.SEVERITY]}", severities),
        ),
    ]
    return [*rows, roles] if roles else rows


def _footer(incident: Incident) -> str:
    parts = [
        f"`{incident.id}`",
        f"declared by {mention(incident.declared_by.account, incident.declared_by.name)} at {when(incident.declared_at)}",
    ]
    if incident.private:
        parts.append("🔒 only its members see it")
    if incident.last_update_at:
        parts.append(f"last update at {when(incident.last_update_at)}")
    if incident.ended_at:
        parts.append(f"took {ago((incident.ended_at - incident.declared_at).total_seconds())}")
    return " · ".join(parts)


def news(incident: Incident, entry: Entry, *, room: bool) -> Reply | None:
    """A message of its own for an entry that people must notice; None for everything else. `room`: for its own room."""
    if entry.kind not in (_ROOM_NEWS if room else _NEWS):
        return None
    who = f" · {mention(entry.by.account, entry.by.name)}" if entry.by else ""
    where = "" if room or incident.room is None or incident.room.thread else f" · room {channel_link(incident.room)}"
    title = f"**{incident.severity.upper()} {incident.id}** {literal(incident.title)}"
    icon = "📣" if entry.kind is EntryKind.UPDATE else _ICONS[incident.status]
    text = literal(entry.text)
    head = f"{icon} {title}" if not room else f"{icon} **{_ACTIONS[entry.kind].capitalize()}**"
    said = text if entry.kind is EntryKind.UPDATE else f"{text}" if room else f"{_ACTIONS[entry.kind]}: {text}"
    tone = Tone.GOOD if entry.kind is EntryKind.RESOLVED else _TONES[incident.severity]
    return Reply((Text(f"{head}\n{said}"), Note(f"{incident.status}{who}{where}")), f"{incident.id}: {entry.text[:150]}", tone)  # fmt: skip


def reminder(incident: Incident, now: datetime) -> Reply:
    """Nobody has written an update for long."""
    since = ago((now - (incident.last_update_at or incident.declared_at)).total_seconds())
    holder = incident.roles.get(Role.COMMUNICATIONS) or incident.roles.get(Role.COMMANDER)
    whom = f"{mention(holder.account, holder.name)}, people" if holder else "People"
    text = (
        f"⏰ {whom} have heard nothing about **{incident.id}** for {since}. One sentence will do, even “no change yet”."
    )
    buttons = (
        Button("Write an update …", f"form:update:{incident.id}", ButtonStyle.PRIMARY),
        Button("Remind me later", f"do:{incident.tokens[service.SNOOZE]}"),
    )
    return Reply((Text(text), Actions(buttons)), f"{incident.id}: an update is due", Tone.WARNING)


def snoozed(incident: Incident) -> Reply:
    """The reminder was put off."""
    return _line(f"I remind you of **{incident.id}** later.")


def declared(incident: Incident, *, fresh: bool) -> Reply:
    """To the person who declared it."""
    if not fresh:
        return _line(f"**{incident.id}** is open for this already: {literal(incident.title)}.")
    if incident.private:
        return _line(
            f"**{incident.id}** is open, for its members alone. I open a private room and invite you; nothing is said here."
        )
    return _line(f"**{incident.id}** is open. Its card follows it, and I open a room for it.")


def changed(incident: Incident) -> Reply:
    """To the person who changed something, where the card is elsewhere."""
    return _line(f"**{incident.id}**: {incident.severity.upper()}, {incident.status}.")


def told(incident: Incident, places: int) -> Reply:
    """An update went out."""
    where = "one place" if places == 1 else f"{places} places"
    return _line(f"The update on **{incident.id}** goes to {where}.")


def noted(incident: Incident) -> Reply:
    """Something is on the timeline."""
    return _line(f"It is on the timeline of **{incident.id}**.")


def not_done(outcome: NotDone) -> Reply:
    """Nothing changed, and why."""
    incident = outcome.incident
    match outcome.obstacle:
        case None:
            text = "I know no such incident here. Name it (`INC-42`), or say it in its room."
        case Obstacle.CLOSED:
            text = f"**{incident.id if incident else 'It'}** is over. `incident INC-… status=investigating` reopens it."
        case Obstacle.NOT_NEXT:
            text = "That status cannot follow the present one."
        case Obstacle.NO_REASON:
            text = "To close an incident, say how it ended: `resolve rolled back to 2.3`."
        case Obstacle.SAME:
            text = "It is so already."
    return Reply(
        (Text(text), Note("`/copilot incidents` lists what is open. Nothing was changed.")), text, Tone.WARNING
    )


def incident_list(found: Sequence[Incident], now: datetime, *, open_only: bool) -> Reply:
    """Incidents, latest first."""
    if not found:
        text = "No incident is open." if open_only else "There are no incidents."
        return Reply((Text(text), Note("`/copilot declare` opens one.")), text)
    lines = [f"- {incident_line(incident, now)}" for incident in found]
    return Reply(
        (Heading("Incidents"), Text("\n".join(lines))), f"{len(found)} incidents; latest: {headline(found[0])}"
    )


def incident_line(incident: Incident, now: datetime) -> str:
    """One incident in a list."""
    room = f", {_room_link(incident)}" if incident.room and not incident.room.thread else ""
    age = ago((now - incident.declared_at).total_seconds())
    title = f"**{incident.id}** {incident.severity.upper()} {literal(incident.title)}"
    return f"{_ICONS[incident.status]} {title}: {incident.status}, {age} old{room}"


def timeline(incident: Incident, entries: Sequence[Entry], links: Sequence[Link] = ()) -> Reply:
    """What happened, in order; the newest part of a long one, and all of it as a file. Below: what is linked."""
    shown = entries[-_TIMELINE_SHOWN:]
    lines = [f"`{entry.at:%H:%M:%S}` **{_ACTIONS[entry.kind]}** {_who(entry)}{literal(entry.text)}" for entry in shown]
    blocks: list[Block] = [Heading(f"Timeline of {incident.id}"), Text("\n".join(lines) or "Nothing yet.")]
    if links:
        linked = "\n".join(f"- {_linked(link)}" for link in links[-_LINKS_SHOWN:])
        blocks.append(Text(f"**Linked**\n{linked}"))
    if len(entries) > len(shown):
        whole = "\n".join(
            f"{e.at:%Y-%m-%d %H:%M:%S}Z  {e.kind}  {e.by.name if e.by else '-'}  {e.text}" for e in entries
        )
        blocks += [
            File(f"{incident.id}-timeline.txt", whole.encode(), "text/plain"),
            Note(f"The last {len(shown)} of {len(entries)} entries; the file has all of them."),
        ]
    else:
        blocks.append(Note("Times are UTC. React to a message with 📌, or pin it, and it stands here too."))
    return Reply(tuple(blocks), f"{incident.id}: {len(entries)} entries")


def _linked(link: Link) -> str:
    """ "alert HighErrorRate https://…": a message that brought an alert has no address that people could follow."""
    target = "" if link.target.startswith("message:") else literal(link.target)
    return " ".join(part for part in (f"**{link.kind}**", literal(link.title), target) if part)


def _who(entry: Entry) -> str:
    return f"{literal(entry.by.name)}: " if entry.by else ""


def postmortem(incident: Incident, document: str) -> Reply:
    """The draft, as a file."""
    return Reply(
        (
            Text(f"Here is the draft of the post-mortem of **{incident.id}**. What only people know is marked in it."),
            File(f"{incident.id}-postmortem.md", document.encode(), "text/markdown", f"Post-mortem of {incident.id}"),
        ),
        f"Draft of the post-mortem of {incident.id}",
    )


def topic(incident: Incident) -> str:
    """The topic of its room, in plain words."""
    holder = incident.roles.get(Role.COMMANDER)
    commander = f" | commander: {holder.name}" if holder else ""
    return f"{_ICONS[incident.status]} {headline(incident)} | {incident.status}{commander}"


def fill(question: str, label: str, action: str) -> Reply:
    """Something must be said first; the button opens the form for it."""
    return Reply((Text(question), Actions((Button(label, action, ButtonStyle.PRIMARY),))), question.replace("*", ""))


def _line(text: str) -> Reply:
    return Reply((Text(text),), text.replace("*", "").replace("`", ""))
