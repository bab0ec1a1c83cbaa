"""Answers to commands and interactions: the acknowledgement's payload, and response addresses."""

import json
from typing import Any

from aiohttp import web

from bot.emulators.slack.call import Platform
from bot.emulators.slack.content import content, require_some
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Channel, Message
from bot.emulators.slack.triggers import ResponseUrl

Json = dict[str, Any]


class Responses:
    """Puts such answers into the channel."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def handle(self, request: web.Request) -> web.Response:
        """A POST to a response address."""
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        try:
            url = self._platform.triggers.response(request.match_info["key"])
            self._respond(url, body)
        except SlackError as error:
            gone = error.code in {"expired_url", "used_url"}
            return web.json_response(error.body(), status=404 if gone else 400)
        return web.Response(text="ok")

    def say(self, channel: Channel, person: str, body: Json, *, thread: str = "") -> Message:
        """A new message: private to the person unless `response_type` is `in_channel`. SlackError when it is malformed."""
        fields = require_some(content(body, lambda name, _: body.get(name)))
        if thread:
            fields["thread_ts"] = thread
        private = None if body.get("response_type") == "in_channel" else person
        return self._platform.chat.post_as_bot(channel, fields, private_to=private)

    def _respond(self, url: ResponseUrl, body: Json) -> None:
        workspace, chat = self._platform.workspace, self._platform.chat
        original = workspace.messages.get(url.message)
        if body.get("delete_original"):
            if original is not None:
                chat.delete(original)
        elif body.get("replace_original") and original is not None:
            fields = require_some(content(body, lambda name, _: body.get(name)))
            cleared = {name: None for name in ("blocks", "attachments") if name not in fields}
            chat.change(original, {**cleared, **fields})
        else:
            self.say(workspace.channels[url.channel], url.person, body, thread=str(body.get("thread_ts") or ""))
