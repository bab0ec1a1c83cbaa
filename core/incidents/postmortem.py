"""The draft of a post-mortem: what the record knows is filled in, what only people know is asked. Pure; Markdown."""

from collections.abc import Sequence

from core.conversation.replies import ago
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role

_LANDMARKS = (
    (EntryKind.DECLARED, "Declared"),
    (EntryKind.UPDATE, "First update"),
    (EntryKind.RESOLVED, "Resolved"),
)


def draft(incident: Incident, timeline: Sequence[Entry], links: Sequence[Link]) -> str:
    """The whole document; times are UTC."""
    parts = [
        f"# {incident.id}: {_inline(incident.title)}",
        _facts(incident, timeline),
        "## Summary\n\n" + (_quoted(incident.resolution) or "_Two or three sentences that a newcomer understands._"),
        "## Impact\n\n" + (_quoted(incident.details) or "_Who was affected, how, and for how long?_"),
        "## Timeline\n\n" + _table(timeline),
        _updates(timeline),
        _links(links),
        "## Causes\n\n_What made this possible? Ask why until the answer is something we can change; name no culprit._",
        "## What went well\n\n_…_",
        "## What did not\n\n_…_",
        "## Actions\n\n| what | who | until |\n|---|---|---|\n| _…_ | | |",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(incident: Incident, timeline: Sequence[Entry]) -> str:
    rows = [("Severity", str(incident.severity)), ("Status", str(incident.status))]
    if incident.service:
        rows.append(("Service", _inline(incident.service)))
    rows.append(("Declared", f"{incident.declared_at:%Y-%m-%d %H:%M:%S} by {_inline(incident.declared_by.name)}"))
    holders = ((role, incident.roles.get(role)) for role in Role)
    rows += [(role.value.capitalize(), _inline(holder.name)) for role, holder in holders if holder]
    first = {kind: next((e.at for e in timeline if e.kind is kind), None) for kind, _ in _LANDMARKS}
    for kind, label in _LANDMARKS[1:]:
        at = first[kind] if kind is not EntryKind.RESOLVED else incident.ended_at
        if at:
            took = ago((at - incident.declared_at).total_seconds())
            rows.append((label, f"{at:%Y-%m-%d %H:%M:%S}, {took} after the declaration"))
    return "| | |\n|---|---|\n" + "\n".join(f"| **{name}** | {value} |" for name, value in rows)


def _table(timeline: Sequence[Entry]) -> str:
    lines = [
        f"| {entry.at:%Y-%m-%d %H:%M:%S} | {entry.kind} | {_inline(entry.by.name) if entry.by else 'Copilot'} | {_inline(entry.text)} |"
        for entry in sorted(timeline, key=lambda entry: entry.at)
    ]
    return "| UTC | what | who | |\n|---|---|---|---|\n" + "\n".join(lines)


def _updates(timeline: Sequence[Entry]) -> str:
    told = [entry for entry in timeline if entry.kind is EntryKind.UPDATE]
    if not told:
        return ""
    return "## What people were told\n\n" + "\n\n".join(f"**{entry.at:%H:%M}** {_quoted(entry.text)}" for entry in told)


def _links(links: Sequence[Link]) -> str:
    if not links:
        return ""
    lines = [
        f"- {link.kind}: {_inline(link.target)}" + (f" ({_inline(link.title)})" if link.title else "") for link in links
    ]
    return "## Alerts, runs, queries and links\n\n" + "\n".join(lines)


def _inline(text: str) -> str:
    """Text in a table cell or heading: one line, nothing that ends the cell."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _quoted(text: str) -> str:
    """Text of a person as a paragraph of its own; no line of it makes a heading."""
    return "\n".join(
        "\\" + line if line.startswith("#") else line.replace("<", "&lt;") for line in text.strip().splitlines()
    )
