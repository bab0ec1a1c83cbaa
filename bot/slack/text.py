"""What a message says, as people read it. Pure."""

import re
from typing import Any

from bot.slack.fields import maybe

Json = dict[str, Any]

_MARKED = re.compile(r"<(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")


def readable(typed: str) -> str:
    """What the person typed: links, mentions and escapes as the client shows them."""

    def show(match: re.Match[str]) -> str:
        target, label = match["target"], match["label"]
        if target[0] in "@#":
            return target[0] + (label or target[1:])
        if target[0] == "!":
            # <!subteam^S1|@oncall> and <!date^…|label> have a label that says it; <!here|here> is @here.
            return label if label and "^" in target else f"@{target[1:]}"
        if not label or label in target:
            return label or target
        return f"{label} ({target})"

    shown = _MARKED.sub(show, typed)
    # Slack escapes these three and nothing else: html.unescape would change what somebody typed.
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def said(message: Json) -> str:
    """What a message says, as Slack writes it: alerts of other apps often say it in attachments alone."""
    if written := maybe(message, "text"):
        return written
    attachments = message.get("attachments")
    found = [one for one in attachments if isinstance(one, dict)] if isinstance(attachments, list) else []
    return "\n".join(line for one in found if (line := maybe(one, "text") or maybe(one, "fallback")))


def shown_code(blocks: object) -> str:
    """The last preformatted text in a message's blocks; "" without any."""
    found = [
        "".join(maybe(part, "text") for part in element.get("elements") or () if isinstance(part, dict))
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict) and block.get("type") == "rich_text"
        for element in block.get("elements") or ()
        if isinstance(element, dict) and element.get("type") == "rich_text_preformatted"
    ]
    return found[-1] if found else ""
