"""conversations.join, leave, invite, kick."""

from typing import Any

from bot.emulators.slack import acme, limits, shapes
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Channel

Json = dict[str, Any]


def join(call: Call) -> Json:
    """The app becomes a member of a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    extra: Json = {}
    if call.workspace.is_member(channel):
        extra = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    else:
        call.chat.join(channel, call.workspace.people[call.app.user])
    return {"channel": shapes.channel(channel, call.app), **extra}


def leave(call: Call) -> Json:
    """The app leaves."""
    channel = call.channel()
    if channel.general:
        raise SlackError("cant_leave_general")
    if not call.workspace.is_member(channel):
        return {"not_in_channel": True}
    call.chat.leave(channel, call.workspace.people[call.app.user])
    return {}


def invite(call: Call) -> Json:
    """Add people. One failure fails all, unless `force` is set."""
    channel = call.joined_channel()
    wanted = call.words("users")
    if not wanted:
        raise SlackError("no_user")
    if len(wanted) > limits.INVITED:
        raise SlackError("invalid_arguments")
    problems = {user: problem for user in wanted if (problem := _invite_problem(call, channel, user))}
    if problems and (not call.flag("force") or len(problems) == len(wanted)):
        errors = [{"user": user, "ok": False, "error": problem} for user, problem in problems.items()]
        raise SlackError(next(iter(problems.values())), errors=errors)
    for user in wanted:
        if user not in problems:
            call.chat.join(channel, call.workspace.people[user], call.app.user)
    answer: Json = {"channel": shapes.channel(channel, call.app)}
    errors = [{"user": user, "ok": False, "error": problem} for user, problem in problems.items()]
    return {**answer, "errors": errors} if errors else answer


def kick(call: Call) -> Json:
    """Remove a person."""
    channel = call.joined_channel()
    person = call.person()
    if person.id == call.app.user:
        raise SlackError("cant_kick_self")
    if channel.general:
        raise SlackError("cant_kick_from_general")
    if person.id not in channel.members:
        raise SlackError("not_in_channel")
    call.chat.leave(channel, person)
    return {}


def _invite_problem(call: Call, channel: Channel, user: str) -> str:
    person = call.workspace.people.get(user)
    if person is None:
        return "user_not_found"
    if user == call.app.user:
        return "cant_invite_self"
    if person.deactivated or person.team not in {acme.TEAM, *channel.shared_with}:
        return "cant_invite"
    return "already_in_channel" if user in channel.members else ""


METHODS = {
    "conversations.invite": invite,
    "conversations.join": join,
    "conversations.kick": kick,
    "conversations.leave": leave,
}
