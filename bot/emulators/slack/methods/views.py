"""views.open, push, update, publish."""

from typing import Any

from bot.emulators.slack import acme, limits
from bot.emulators.slack.blocks import with_ids
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import View
from bot.emulators.slack.views_check import check_view
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]


def open_(call: Call) -> Json:
    """A modal for the person behind the trigger."""
    content = check_view(call.json("view", "invalid_arguments"), kinds=("modal",))
    _unused_external_id(call, content)
    trigger = call.triggers.redeem(call.args.get("trigger_id"))
    view = new_view(call.workspace, trigger.person, content, origin=trigger.origin)
    call.workspace.show_view(view, new=True)
    return {"view": view.raw}


def push(call: Call) -> Json:
    """A modal on top of the one the trigger came from; at most three."""
    content = check_view(call.json("view", "invalid_arguments"), kinds=("modal",))
    _unused_external_id(call, content)
    trigger = call.triggers.redeem(call.args.get("trigger_id"))
    below = call.workspace.views.get(trigger.view)
    if below is None:
        raise SlackError("not_found")
    view = push_view(call.workspace, below, content)
    return {"view": view.raw}


def update(call: Call) -> Json:
    """New content for an open modal or a home."""
    external = call.text("external_id")
    view = call.workspace.view_by_external_id(external) if external else call.workspace.view_by_id(call.text("view_id"))
    if view is None:
        raise SlackError("not_found")
    if call.text("hash") and call.text("hash") != view.raw["hash"]:
        raise SlackError("hash_conflict")
    content = check_view(call.json("view", "invalid_arguments"), kinds=(view.raw["type"],))
    update_view(call.workspace, view, content)
    return {"view": view.raw}


def publish(call: Call) -> Json:
    """A person's app home."""
    person = call.workspace.people.get(call.text("user_id"))
    if person is None:
        raise SlackError("user_not_found")
    content = check_view(call.json("view", "invalid_arguments"), kinds=("home",))
    shown = call.workspace.homes.get(person.id)
    if call.text("hash") and (shown is None or call.text("hash") != shown.raw["hash"]):
        raise SlackError("hash_conflict")
    if shown is not None:
        update_view(call.workspace, shown, content)
    else:
        shown = new_view(call.workspace, person.id, content)
        call.workspace.show_view(shown, new=True)
    return {"view": shown.raw}


def new_view(
    workspace: Workspace, person: str, content: Json, *, origin: Json | None = None, below: View | None = None
) -> View:
    """A view object around checked content; not shown yet."""
    id_ = workspace.ids.new("V")
    raw: Json = {
        "id": id_,
        "team_id": acme.TEAM,
        "app_id": workspace.app.id,
        "app_installed_team_id": acme.TEAM,
        "bot_id": workspace.app.bot,
        "callback_id": "",
        "external_id": "",
        "private_metadata": "",
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "submit_disabled": False,
        "state": {"values": {}},
        "hash": workspace.ids.ts(),
        "root_view_id": below.raw["root_view_id"] if below else id_,
        "previous_view_id": below.id if below else None,
        **content,
    }
    with_ids(raw["blocks"])
    return View(id_, person, raw, origin=origin or (below.origin if below else {}))


def push_view(workspace: Workspace, below: View, content: Json) -> View:
    """Show checked content on top of a modal; SlackError (push_limit_reached) over three."""
    depth, lower = 1, below
    while lower.raw["previous_view_id"] in workspace.views:
        depth, lower = depth + 1, workspace.views[lower.raw["previous_view_id"]]
    if depth >= limits.VIEW_STACK:
        raise SlackError("push_limit_reached")
    view = new_view(workspace, below.person, content, below=below)
    workspace.show_view(view, new=True)
    return view


def update_view(workspace: Workspace, view: View, content: Json) -> None:
    """Replace a view's content with checked content."""
    with_ids(content["blocks"])
    optional = {"callback_id": "", "private_metadata": "", "submit": None, "close": None, "notify_on_close": False}
    view.raw = {**view.raw, **optional, **content, "hash": workspace.ids.ts()}
    view.errors = {}
    workspace.show_view(view, new=False)


def _unused_external_id(call: Call, content: Json) -> None:
    external = content.get("external_id")
    if external and call.workspace.view_by_external_id(external) is not None:
        raise SlackError("duplicate_external_id")


METHODS = {"views.open": open_, "views.publish": publish, "views.push": push, "views.update": update}
