"""All wording about alerts. Pure: values in, a `Reply` out."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

from core.alerts.alert import State
from core.alerts.group import AlertGroup, Kept, Track
from core.alerts.happening import summary_of
from core.conversation.replies import ago, mention, when
from core.markup import literal
from core.messages import Actions, Block, Button, ButtonStyle, Field, Fields, File, Heading, Note, Reply, Text, Tone
from core.ports.records import StoredGroup

ACKNOWLEDGE, INVESTIGATE, DECLARE, LIST = "acknowledge", "investigate", "declare", "list"
SILENCE, UNSILENCE = "silence", "unsilence"
"""What the buttons of a card do: `alert:<what>:<id of the group>`."""
MOST_LISTED = 15
_SHOWN = 10
"""Alerts of a group with a line on its card."""
_ICONS = {State.FIRING: "🔥", State.RESOLVED: "✅"}
_LONGEST_PAGE = 1000
"""Characters of an address; a longer one costs a card more than it gives."""
_COMMON = 6
"""Common labels on a card."""


def headline(group: AlertGroup) -> str:
    """Name and state of a group in one plain line."""
    name = group.labels.get("alertname") or _first_name(group)
    if group.state is State.RESOLVED:
        return f"{name}: resolved"
    total = len(group.tracks)
    return f"{name}: firing" if total == 1 else f"{name}: {group.firing} of {total} firing"


def group_card(group: AlertGroup, now: datetime, group_id: str = "", *, silences: bool = False) -> Reply:
    """How a group stands. What has no line here is counted; `listing` has all of it. `group_id`: for its buttons; "" for none.
    `silences`: whether its alerts can be kept silent."""
    blocks: list[Block] = [Heading(f"{_ICONS[group.state]} {headline(group)}")]
    if summary := _summary(group):
        blocks.append(Text(literal(summary)))
    blocks.append(Fields(_facts(group, now)))
    tracks = _ordered(group)
    # Of an only alert everything stands above.
    lines = [_line(track, now, "" if len(tracks) == 1 else track.title) for track in tracks[:_SHOWN]]
    blocks.append(Text("\n".join(f"- {line}" for line in lines) or "No alert of it is known."))
    if group_id and (buttons := _buttons(group, group_id, now, silences=silences)):
        blocks.append(Actions(buttons))
    blocks.append(Note(_footer(group, len(tracks) - _SHOWN)))
    seen = group.acknowledged is not None
    tone = Tone.GOOD if group.state is State.RESOLVED else Tone.WARNING if seen else Tone.BAD
    return Reply(tuple(blocks), headline(group), tone)


def _buttons(group: AlertGroup, group_id: str, now: datetime, *, silences: bool) -> tuple[Button, ...]:
    listed = (Button("List", f"alert:{LIST}:{group_id}"),) if len(group.tracks) > _SHOWN else ()
    if group.state is State.RESOLVED:
        return listed
    declare = Button(
        "Declare incident",
        f"alert:{DECLARE}:{group_id}",
        ButtonStyle.DANGER,
        "Declare an incident about these alerts? People are told of it.",
    )
    investigate = Button("Investigate", f"alert:{INVESTIGATE}:{group_id}")
    acknowledge = Button("Acknowledge", f"alert:{ACKNOWLEDGE}:{group_id}", ButtonStyle.PRIMARY)
    silent = (_silence(group_id, on=group.silenced(now) is not None),) if silences else ()
    return (*(() if group.acknowledged else (acknowledge,)), investigate, *silent, declare, *listed)


def _silence(group_id: str, *, on: bool) -> Button:
    if on:
        return Button("End silence", f"alert:{UNSILENCE}:{group_id}")
    asked = (
        "Keep the alert manager quiet about these alerts, and new ones alike, for 2 hours? Nobody is told of them then."
    )
    return Button("Silence 2 h", f"alert:{SILENCE}:{group_id}", confirm=asked)


def open_groups(stored: Sequence[StoredGroup], now: datetime) -> Reply:
    """What fires, the latest news first."""
    if not stored:
        return Reply((Text("No alert fires, as far as I was told."),), "No alert fires.")
    lines = []
    for one in stored[:MOST_LISTED]:
        seen = one.group.acknowledged
        who = f", {mention(seen.by.account, seen.by.name)} looks after it" if seen else ""
        since = ago((now - one.group.first_seen).total_seconds())
        lines.append(f"- 🔥 **{literal(headline(one.group))}** for {since}{who}")
    blocks: list[Block] = [Text("\n".join(lines))]
    if len(stored) > MOST_LISTED:
        blocks.append(Note(f"**Not all is shown**: only the {MOST_LISTED} with the latest news."))
    count = min(len(stored), MOST_LISTED)
    return Reply(tuple(blocks), f"{count} groups of alerts fire." if count > 1 else "One group of alerts fires.")


def summary_line(group: AlertGroup) -> str:
    """What is wrong, in the words of the sender, on one line."""
    return " ".join(_summary(group).split())


def listing(group: AlertGroup) -> Reply:
    """Every alert of a group as a file."""
    tracks = _ordered(group)
    lines = [f"{track.state:<8}  {track.started:%Y-%m-%d %H:%M:%S}Z  {track.title}" for track in tracks]
    text = f"All {len(tracks)} alerts of this group, firing ones first. Times are when they began."
    return Reply((Text(text), File("alerts.txt", "\n".join(lines).encode(), "text/plain")), text)


def _facts(group: AlertGroup, now: datetime) -> tuple[Field, ...]:
    common = [(name, value) for name, value in sorted(group.labels.items()) if name != "alertname" and value]
    facts = [Field(literal(name), literal(value)) for name, value in common[:_COMMON]]
    if acknowledged := group.acknowledged:
        who = mention(acknowledged.by.account, acknowledged.by.name)
        facts.append(Field("Acknowledged", f"{who} at {when(acknowledged.at)}"))
    else:
        facts.append(Field("Acknowledged", "nobody yet" if group.firing else "nobody"))
    if silence := group.silenced(now):
        facts.append(
            Field("Silenced", f"until {when(silence.until)} by {mention(silence.by.account, silence.by.name)}")
        )
    return tuple(facts)


def _line(track: Track, now: datetime, title: str) -> str:
    flaps = "" if not track.flaps else f", fired {track.flaps + 1} times"
    if track.ended:
        lasted = ago((track.ended - track.started).total_seconds())
        return f"✅ {literal(title)} (lasted {lasted}{flaps})" if title else f"✅ it lasted {lasted}{flaps}"
    lasts = ago((now - track.started).total_seconds())
    return f"🔥 {literal(title)} (for {lasts}{flaps})" if title else f"🔥 for {lasts}{flaps}"


def _footer(group: AlertGroup, more: int) -> str:
    parts = [f"first seen at {when(group.first_seen)}", f"last news at {when(group.last_seen)}"]
    if more > 0:
        parts.insert(0, f"and {more} more: *List* has all of them")
    if group.cut:
        parts.append(f"the sender left out {group.cut} or more besides")
    if page := _page(group):
        parts.append(f"[where it comes from]({page})")
    return " · ".join(parts)


def _page(group: AlertGroup) -> str:
    """The sender's page of the alert that fires longest; "" for what is no address of one."""
    for one in _kept(group):
        if len(one.alert.url) > _LONGEST_PAGE:
            continue
        try:
            address = urlsplit(one.alert.url)
        except ValueError:
            continue
        if address.scheme in ("http", "https") and address.hostname and not address.username and not address.password:
            # What ends a link in our markup is written as the address may have it.
            return quote(one.alert.url, safe="%/:=&?#+,;@.-")
    return ""


def _kept(group: AlertGroup) -> Sequence[Kept]:
    """The alert that fires longest first, then any other."""
    return sorted(
        group.kept.values(), key=lambda one: (one.alert.ended is not None, one.alert.started, one.alert.fingerprint)
    )


def _ordered(group: AlertGroup) -> Sequence[Track]:
    """Firing ones first, of those the longest-lasting; then the latest to end."""
    firing = [track for track in group.tracks.values() if track.ended is None]
    over = [(track.ended, track.title, track) for track in group.tracks.values() if track.ended is not None]
    return [
        *sorted(firing, key=lambda track: (track.started, track.title)),
        *(track for *_, track in sorted(over, key=lambda one: (-one[0].timestamp(), one[1]))),
    ]


def _summary(group: AlertGroup) -> str:
    """Of the kept alert that fires longest; of any other where none does."""
    return next((summary for one in _kept(group) if (summary := summary_of(one.alert.annotations))), "")


def _first_name(group: AlertGroup) -> str:
    return next((group.kept[fingerprint].alert.name for fingerprint in sorted(group.kept)), group.key)
