"""api.test, auth.test, bots.info, team.info."""

from typing import Any

from bot.emulators.slack import acme, shapes
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError

Json = dict[str, Any]


def api_test(call: Call) -> Json:
    """Echo the arguments."""
    if call.text("error"):
        raise SlackError(call.text("error"), args=call.args)
    return {"args": call.args}


def auth_test(call: Call) -> Json:
    """Who the token belongs to."""
    return {
        "url": f"https://{acme.TEAM_DOMAIN}.slack.example/",
        "team": acme.TEAM_NAME,
        "user": call.workspace.people[call.app.user].name,
        "team_id": acme.TEAM,
        "user_id": call.app.user,
        "bot_id": call.app.bot,
        "is_enterprise_install": False,
    }


def bots_info(call: Call) -> Json:
    """A bot by its bot id; the caller's own without one."""
    wanted = call.text("bot") or call.app.bot
    person = next((person for person in call.workspace.people.values() if person.bot_id == wanted), None)
    if person is None:
        raise SlackError("bot_not_found")
    profile = shapes.bot_profile(person)
    return {"bot": {**profile, "user_id": person.id}}


def team_info(_: Call) -> Json:
    """The workspace."""
    return {
        "team": {
            "id": acme.TEAM,
            "name": acme.TEAM_NAME,
            "domain": acme.TEAM_DOMAIN,
            "email_domain": "acme.example",
            "url": f"https://{acme.TEAM_DOMAIN}.slack.example/",
            "icon": {"image_default": True},
            "is_verified": False,
        }
    }


METHODS = {"api.test": api_test, "auth.test": auth_test, "bots.info": bots_info, "team.info": team_info}
