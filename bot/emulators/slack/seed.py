"""Adds people and channels, one by one or by the thousand."""

from typing import Any

from bot.emulators.common import names
from bot.emulators.common.faults import ControlError
from bot.emulators.slack import acme, shapes
from bot.emulators.slack.model import ChannelKind, Person
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]


def grow(workspace: Workspace, wish: Json) -> Json:
    """Add what is wished for: `people` and `channels` (numbers), or one `person` or `channel`."""
    answer: Json = {}
    for name in wish:
        if name not in {"people", "channels", "person", "channel"}:
            raise ControlError(f"unknown field {name!r}; known: people, channels, person, channel")
    for n in range(_count(wish, "people")):
        _made_up_person(workspace, n)
    for n in range(_count(wish, "channels")):
        _made_up_channel(workspace, n)
    if "person" in wish:
        answer["person"] = shapes.control_person(_person(workspace, _object(wish, "person")), workspace.app)
    if "channel" in wish:
        answer["channel"] = _channel(workspace, _object(wish, "channel"))
    return answer


def _made_up_person(workspace: Workspace, n: int) -> None:
    name = names.person_name(n)
    handle = name.lower().replace(" ", ".")
    id_ = workspace.ids.new("U")
    workspace.add_person(Person(id_, handle, name, acme.TEAM, names.colour(n), email=f"{handle}@acme.example"))


def _made_up_channel(workspace: Workspace, n: int) -> None:
    workspace.add_channel(_free(workspace, names.channel_name(n)), members=(acme.LEE,))


def _person(workspace: Workspace, wish: Json) -> Person:
    name = str(wish.get("name") or "newcomer").lower()
    return workspace.add_person(
        Person(
            str(wish.get("id") or workspace.ids.new("U")),
            name,
            str(wish.get("display_name") or name.title()),
            acme.OTHER_TEAM if wish.get("stranger") else acme.TEAM,
            str(wish.get("colour") or names.colour(len(workspace.people))).removeprefix("#"),
            email=str(wish.get("email") or f"{name}@acme.example"),
            timezone=str(wish.get("timezone") or "Europe/London"),
            bot_id=workspace.ids.new("B") if wish.get("bot") else "",
            app_id=workspace.ids.new("A") if wish.get("bot") else "",
            guest=bool(wish.get("guest")),
            deactivated=bool(wish.get("deactivated")),
            roles=[str(role) for role in wish.get("roles") or ()],
        )
    )


def _channel(workspace: Workspace, wish: Json) -> Json:
    kind: ChannelKind = "private" if wish.get("kind") == "private" else "channel"
    members = [str(member) for member in wish.get("members") or (acme.LEE,)]
    if unknown := [member for member in members if member not in workspace.people]:
        raise ControlError(f"no such people: {', '.join(unknown)}")
    name = str(wish.get("name") or "new-channel")
    if workspace.channel_named(name) is not None:
        raise ControlError(f"there is a #{name} already")
    channel = workspace.add_channel(
        name, kind=kind, members=members, id_=str(wish.get("id") or ""), topic=str(wish.get("topic") or "")
    )
    return shapes.control_channel(channel, workspace.app)


def _free(workspace: Workspace, name: str) -> str:
    return name if workspace.channel_named(name) is None else f"{name}-{workspace.ids.new('').lower()[-6:]}"


def _count(wish: Json, name: str) -> int:
    count = wish.get(name, 0)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 100_000:
        raise ControlError(f"{name} must be a whole number up to 100,000")
    return count


def _object(wish: Json, name: str) -> Json:
    found = wish[name]
    if not isinstance(found, dict):
        raise ControlError(f"{name} must be an object")
    return found
