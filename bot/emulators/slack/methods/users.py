"""users.info, list, lookupByEmail, profile.get and usergroups."""

from typing import Any

from bot.emulators.slack import acme, limits, shapes
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import UserGroup

Json = dict[str, Any]


def info(call: Call) -> Json:
    """One user."""
    return {"user": shapes.user(call.person(), email=_email(call))}


def list_(call: Call) -> Json:
    """All users."""
    people = list(call.workspace.people.values())
    if not call.text("limit") and not call.text("cursor") and len(people) > limits.LIST_WITHOUT_PAGES:
        raise SlackError("limit_required")
    found, metadata = call.page(people, default=limits.PAGE_MOST)
    email = _email(call)
    cache = int(call.workspace.clock.now())
    return {"members": [shapes.user(person, email=email) for person in found], "cache_ts": cache, **metadata}


def lookup_by_email(call: Call) -> Json:
    """The user with an e-mail address."""
    id_ = call.workspace.person_with_email(call.need("email"))
    if id_ is None or call.workspace.people[id_].deactivated:
        raise SlackError("users_not_found")
    return {"user": shapes.user(call.workspace.people[id_], email=True)}


def profile(call: Call) -> Json:
    """One user's profile."""
    return {"profile": shapes.profile(call.person(), email=_email(call))}


def groups(call: Call) -> Json:
    """All user groups."""
    include = call.flag("include_users")
    return {"usergroups": [_group(group, include=include) for group in call.workspace.groups.values()]}


def group_users(call: Call) -> Json:
    """The members of a user group."""
    group = call.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _email(call: Call) -> bool:
    return "users:read.email" in call.app.scopes


def _group(group: UserGroup, *, include: bool) -> Json:
    found: Json = {
        "id": group.id,
        "team_id": acme.TEAM,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "date_create": 1_700_000_000,
        "date_update": 1_700_000_000,
        "date_delete": 0,
        "user_count": len(group.members),
        "prefs": {"channels": [], "groups": []},
    }
    return {**found, "users": list(group.members)} if include else found


METHODS = {
    "usergroups.list": groups,
    "usergroups.users.list": group_users,
    "users.info": info,
    "users.list": list_,
    "users.lookupByEmail": lookup_by_email,
    "users.profile.get": profile,
}
