"""Modals on the person's side: filling in, sending, closing, and what the app answers."""

from typing import Any

from bot.emulators.common.faults import ControlError
from bot.emulators.slack import payloads
from bot.emulators.slack.call import Platform
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.methods.views import push_view, update_view
from bot.emulators.slack.model import View
from bot.emulators.slack.views_check import check_view

Json = dict[str, Any]
_TROUBLE = "We had some trouble connecting. Try again?"
_REQUIRED = "Please complete this required field."
_SINGLE = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_MULTIPLE = {
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}


class Forms:
    """Sends `view_submission` and `view_closed`, and carries out `response_action`."""

    def __init__(self, platform: Platform, courier: Courier) -> None:
        self._platform = platform
        self._courier = courier

    def submit(self, view: View, fields: Json) -> Json:
        """Fill in `fields` (by action_id or block_id) and send. What the client itself refuses is answered, not sent."""
        values, errors = _fill(view, fields)
        if errors:
            return self._refuse(view, errors)
        view.raw = {**view.raw, "state": {"values": values}}
        workspace = self._platform.workspace
        payload = payloads.interaction(workspace, workspace.people[view.person], "view_submission")
        payload |= {
            "trigger_id": self._platform.triggers.trigger(view.person, view.origin, view=view.id),
            "view": view.raw,
            "response_urls": [],
        }
        self._courier.interaction(
            "interactive",
            "view_submission",
            payload,
            answered=lambda answer: self._answered(view, answer),
            failed=lambda _: self._failed(view, _TROUBLE),
        )
        return {"sent": True}

    def close(self, view: View, *, all_: bool = False) -> None:
        """Close a modal by hand; the app is told when it asked for that."""
        workspace = self._platform.workspace
        workspace.close_view(view)
        if view.raw["notify_on_close"]:
            payload = payloads.interaction(workspace, workspace.people[view.person], "view_closed")
            payload |= {"view": view.raw, "is_cleared": all_}
            self._courier.interaction("interactive", "view_closed", payload, answered=_nothing, failed=_nothing)

    def _refuse(self, view: View, errors: Json) -> Json:
        view.errors = errors
        self._platform.workspace.show_view(view, new=False)
        return {"sent": False, "errors": errors}

    def _answered(self, view: View, answer: object) -> None:
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or action is None:
            self._platform.workspace.close_view(view)
            return
        try:
            self._act(view, action, answer)
        except SlackError as error:
            self._failed(view, f"{_TROUBLE} ({error.code})")

    def _act(self, view: View, action: object, answer: Json) -> None:
        workspace = self._platform.workspace
        match action:
            case "errors":
                self._refuse(view, _known_errors(view, answer.get("errors")))
            case "clear":
                for other in [other for other in workspace.views.values() if other.person == view.person]:
                    workspace.close_view(other)
            case "update":
                update_view(workspace, view, check_view(answer.get("view"), kinds=("modal",)))
            case "push":
                push_view(workspace, view, check_view(answer.get("view"), kinds=("modal",)))
            case _:
                raise SlackError("invalid_response_action")

    def _failed(self, view: View, text: str) -> None:
        channel = view.origin.get("channel")
        self._platform.workspace.log.append("interaction_failed", person=view.person, channel=channel, text=text)


def _known_errors(view: View, errors: object) -> Json:
    inputs = {block["block_id"] for block in view.raw["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors")
    return errors


def _fill(view: View, fields: Json) -> tuple[Json, Json]:
    values: Json = {}
    errors: Json = {}
    left = dict(fields)
    for block in view.raw["blocks"]:
        element = block.get("element") if block["type"] == "input" else None
        if element is None:
            continue
        key = element["action_id"] if element["action_id"] in left else block["block_id"]
        value = state_of(element, left.pop(key, None))
        problem = _problem(block, element, value)
        if problem:
            errors[block["block_id"]] = problem
        values[block["block_id"]] = {element["action_id"]: value}
    if left:
        raise ControlError(f"the form has no input {', '.join(sorted(left))}")
    return values, errors


def state_of(element: Json, typed: object) -> Json:
    """An input's entry in the state, for what the person typed or chose (None: left as it was)."""
    kind = str(element["type"])
    if kind in _SINGLE:
        initial = element.get(_SINGLE[kind].replace("selected", "initial"))
        return {"type": kind, _SINGLE[kind]: initial if typed is None else typed}
    if kind in _MULTIPLE:
        return {"type": kind, _MULTIPLE[kind]: typed if isinstance(typed, list) else []}
    if kind in {"multi_static_select", "checkboxes"}:
        chosen = (
            element.get("initial_options", []) if typed is None else [chosen_option(element, t) for t in _many(typed)]
        )
        return {"type": kind, "selected_options": chosen}
    if kind in {"static_select", "radio_buttons", "overflow", "external_select"}:
        option = element.get("initial_option") if typed is None else chosen_option(element, typed)
        return {"type": kind, "selected_option": option}
    text = element.get("initial_value") if typed is None else str(typed)
    return {"type": kind, "value": text or None}


def chosen_option(element: Json, value: object) -> Json:
    """The option with this value; ControlError when there is none."""
    options = [*element.get("options", ())]
    for group in element.get("option_groups", ()):
        options += group["options"]
    for option in options:
        if option.get("value") == value:
            found: Json = option
            return found
    raise ControlError(f"no option {value!r}; there are: {', '.join(str(option.get('value')) for option in options)}")


def _many(typed: object) -> list[object]:
    return typed if isinstance(typed, list) else [typed]


def _problem(block: Json, element: Json, value: Json) -> str:
    chosen = next((item for name, item in value.items() if name != "type"), None)
    if not chosen:
        return "" if block.get("optional") else _REQUIRED
    if isinstance(chosen, str) and len(chosen) > element.get("max_length", 3000):
        return f"Please shorten this to {element.get('max_length', 3000)} characters or fewer."
    if isinstance(chosen, str) and len(chosen) < element.get("min_length", 0):
        return f"Please use at least {element['min_length']} characters."
    return ""


def _nothing(_: object) -> None:
    """Nobody waits for this answer."""
