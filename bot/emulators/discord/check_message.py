"""Checks message bodies: content, embeds, mentions, and what makes a message empty."""

from typing import Any

from bot.emulators.discord import limits
from bot.emulators.discord.check import Check, Path
from bot.emulators.discord.check_components import check_rows
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json

EPHEMERAL, SUPPRESS_EMBEDS, COMPONENTS_V2, SUPPRESS_NOTIFICATIONS = 1 << 6, 1 << 2, 1 << 15, 1 << 12
_IMAGE_SCHEMES = ("http", "https", "attachment")


def check_message(body: Json, *, files: int = 0, kept: Json | None = None) -> None:
    """Refuse a message that Discord would refuse. `files`: how many are uploaded; `kept`: the message that `body` changes."""
    check = Check()
    check.text(body.get("content"), ("content",), limits.CONTENT)
    check_embeds(check, body.get("embeds"))
    check_rows(check, body.get("components"))
    _check_mentions(check, body.get("allowed_mentions"))
    staying = (kept or {}).get("attachments") or [] if body.get("attachments") is None else []
    _check_attachments(check, body.get("attachments"), files, staying)
    check.mapping(body.get("message_reference"), ("message_reference",))
    nonce = body.get("nonce")
    check.text(str(nonce) if isinstance(nonce, int) else nonce, ("nonce",), limits.NONCE)
    flags = check.number(body.get("flags"), ("flags",), 0, 2**31, 0)
    if flags & COMPONENTS_V2:
        check.fail(("flags",), "UNSUPPORTED_HERE", "This emulator has no components of the second version.")
    check.finish()
    merged = {**(kept or {}), **body}
    if not (merged.get("content") or "").strip() and not files:
        parts = ("embeds", "components", "attachments", "sticker_ids", "poll")
        if not any(merged.get(part) for part in parts):
            raise DiscordError(50006)


def check_embeds(check: Check, found: object) -> None:
    """Embeds, each alone and all together."""
    total = 0
    for index, embed in enumerate(check.items(found, ("embeds",), limits.EMBEDS)):
        total += _check_embed(check, check.mapping(embed, ("embeds", index)), ("embeds", index))
    if total > limits.EMBEDS_TOTAL:
        message = f"Embed size exceeds maximum size of {limits.EMBEDS_TOTAL}"
        check.fail(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_embed(check: Check, embed: Json, path: Path) -> int:
    footer = check.mapping(embed.get("footer"), (*path, "footer"))
    author = check.mapping(embed.get("author"), (*path, "author"))
    texts = [
        check.text(embed.get("title"), (*path, "title"), limits.EMBED_TITLE),
        check.text(embed.get("description"), (*path, "description"), limits.EMBED_DESCRIPTION),
        check.text(footer.get("text"), (*path, "footer", "text"), limits.EMBED_FOOTER, needed=bool(footer)),
        check.text(author.get("name"), (*path, "author", "name"), limits.EMBED_AUTHOR, needed=bool(author)),
    ]
    check.number(embed.get("color"), (*path, "color"), 0, 0xFFFFFF, 0)
    check.url(embed.get("url"), (*path, "url"))
    for name in ("image", "thumbnail"):
        picture = check.mapping(embed.get(name), (*path, name))
        check.url(picture.get("url"), (*path, name, "url"), _IMAGE_SCHEMES)
    for index, item in enumerate(check.items(embed.get("fields"), (*path, "fields"), limits.EMBED_FIELDS)):
        texts += _check_field(check, check.mapping(item, (*path, "fields", index)), (*path, "fields", index))
    pictures = any(embed.get(name) for name in ("image", "thumbnail"))
    if not any(texts) and not pictures:
        check.fail((*path, "description"), "BASE_TYPE_REQUIRED", "This field is required")
    return sum(map(len, texts))


def _check_field(check: Check, item: Json, path: Path) -> list[str]:
    return [
        check.text(item.get("name"), (*path, "name"), limits.EMBED_FIELD_NAME, needed=True),
        check.text(item.get("value"), (*path, "value"), limits.EMBED_FIELD_VALUE, needed=True),
    ]


def _check_mentions(check: Check, found: object) -> None:
    allowed = check.mapping(found, ("allowed_mentions",))
    parse = check.items(allowed.get("parse"), ("allowed_mentions", "parse"), 3)
    for index, kind in enumerate(parse):
        check.one_of(kind, ("allowed_mentions", "parse", index), ("roles", "users", "everyone"))
    for name in ("users", "roles"):
        ids = check.items(allowed.get(name), ("allowed_mentions", name), limits.ALLOWED_MENTIONS)
        if ids and name in parse:
            words = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            check.fail(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def _check_attachments(check: Check, found: object, files: int, kept: list[Any]) -> None:
    listed = check.items(found, ("attachments",), 2 * limits.ATTACHMENTS)
    if max(files, len(listed)) > limits.ATTACHMENTS or files + len(kept) > limits.ATTACHMENTS:
        check.length(("attachments",), 0, limits.ATTACHMENTS)
    for index, item in enumerate(listed):
        described = check.mapping(item, ("attachments", index), needed=True).get("description")
        check.text(described, ("attachments", index, "description"), limits.ATTACHMENT_DESCRIPTION)
