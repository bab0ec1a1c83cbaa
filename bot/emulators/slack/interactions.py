"""Commands, buttons, menus and shortcuts: sent to the bot, and what the person sees of the outcome."""

from collections.abc import Callable
from typing import Any

from bot.emulators.common.faults import ControlError
from bot.emulators.slack import payloads
from bot.emulators.slack.call import Platform
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.forms import chosen_option, state_of
from bot.emulators.slack.model import Channel, Message, Person, View
from bot.emulators.slack.responses import Responses

Json = dict[str, Any]
_TEXT_OF_FAILURE = {"timeout": "operation_timeout"}
"""Everything else is shown as dispatch_failed."""


class Interactions:
    """Sends interactions with a fresh trigger and response address."""

    def __init__(self, platform: Platform, courier: Courier, responses: Responses) -> None:
        self._platform = platform
        self._workspace = platform.workspace
        self._courier = courier
        self._responses = responses

    def command(self, person: Person, channel: Channel, name: str, text: str) -> Json:
        """A slash command. Its acknowledgement may carry a message."""
        payload = payloads.command(self._workspace, person, channel, name, text)
        payload |= self._rights(person, channel.id)

        def answered(answer: object) -> None:
            if isinstance(answer, dict) and answer:
                try:
                    self._responses.say(channel, person.id, answer)
                except SlackError:
                    self._show_failure(person, channel.id, _command_failed(name, "dispatch_failed"))

        def failed(reason: str) -> None:
            self._show_failure(person, channel.id, _command_failed(name, reason))

        self._courier.interaction("slash_commands", "slash_commands", payload, answered=answered, failed=failed)
        return {"trigger_id": payload["trigger_id"]}

    def press(
        self, person: Person, source: Message | View, action_id: str, value: object, *, stale: bool = False
    ) -> Json:
        """A button (`value`: if it must be that one among several with the same action_id). `stale`: on a client that still
        shows an older state of the message; the button need not be there any more."""
        if stale:
            return self._send(person, source, "stale", {"type": "button", "action_id": action_id})
        block, element = _find(source, action_id, value)
        if element["type"] == "overflow":
            return self._send(
                person, source, block, {**_action(element), "selected_option": chosen_option(element, value)}
            )
        if element["type"] != "button":
            raise ControlError(f"{action_id} is a {element['type']}; use the act select")
        extra: Json = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return self._send(person, source, block, {**_action(element), **extra})

    def choose(self, person: Person, source: Message | View, action_id: str, values: list[Any]) -> Json:
        """A choice in a menu, or a date."""
        block, element = _find(source, action_id, None)
        if element["type"] == "button":
            raise ControlError(f"{action_id} is a button; use the act click")
        multiple = str(element["type"]).startswith("multi_") or element["type"] == "checkboxes"
        chosen = state_of(element, values if multiple else values[0])
        return self._send(person, source, block, {**_action(element), **chosen})

    def shortcut(self, person: Person, message: Message, callback_id: str) -> Json:
        """A message shortcut."""
        payload = payloads.shortcut(self._workspace, person, message, callback_id)
        payload |= self._rights(person, message.channel, message=message.ts)
        failed = self._failure(person, message.channel)
        self._courier.interaction("interactive", "message_action", payload, answered=_nothing, failed=failed)
        return {"trigger_id": payload["trigger_id"]}

    def _send(self, person: Person, source: Message | View, block: str, action: Json) -> Json:
        action |= {"block_id": block, "action_ts": self._workspace.ids.ts()}
        if isinstance(source, View):
            payload = payloads.view_action(self._workspace, person, source, action)
            payload["trigger_id"] = self._platform.triggers.trigger(person.id, source.origin, view=source.id)
            channel = source.origin.get("channel")
        else:
            payload = payloads.message_action(self._workspace, person, source, action)
            payload |= self._rights(person, source.channel, message=source.ts)
            channel = source.channel
        failed = self._failure(person, channel)
        self._courier.interaction("interactive", "block_actions", payload, answered=_nothing, failed=failed)
        return {"trigger_id": payload["trigger_id"]}

    def _rights(self, person: Person, channel: str, *, message: str = "") -> Json:
        triggers = self._platform.triggers
        origin = {"channel": channel, "message": message}
        path = triggers.response_path(person.id, channel, message=message)
        return {"response_url": self._workspace.base_url + path, "trigger_id": triggers.trigger(person.id, origin)}

    def _failure(self, person: Person, channel: str | None) -> Callable[[str], None]:
        def failed(reason: str) -> None:
            text = "The app took too long to respond." if reason == "timeout" else "The app could not be reached."
            self._show_failure(person, channel, text)

        return failed

    def _show_failure(self, person: Person, channel: str | None, text: str) -> None:
        self._workspace.log.append("interaction_failed", person=person.id, channel=channel, text=text)


def _command_failed(name: str, reason: str) -> str:
    return f'{name} failed with the error "{_TEXT_OF_FAILURE.get(reason, "dispatch_failed")}"'


def _action(element: Json) -> Json:
    return {"type": element["type"], "action_id": element["action_id"]}


def _find(source: Message | View, action_id: str, value: object) -> tuple[str, Json]:
    blocks = [*source.raw.get("blocks", ())]
    for attachment in source.raw.get("attachments", ()):
        blocks += attachment.get("blocks", ())
    found: list[tuple[str, Json]] = [
        (str(block["block_id"]), element)
        for block in blocks
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element"))
        if isinstance(element, dict) and element.get("action_id")
    ]
    for block_id, element in found:
        same = element["action_id"] == action_id
        if same and (value is None or element["type"] == "overflow" or element.get("value") == value):
            return block_id, element
    known = ", ".join(str(element["action_id"]) for _, element in found) or "none"
    raise ControlError(f"no action {action_id!r} there; it has: {known}")


def _nothing(_: object) -> None:
    """The answer to a button carries nothing."""
