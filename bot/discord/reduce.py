"""discord.py's objects and the API's JSON → the plain values that `inbound` works on."""

import re
from datetime import datetime
from typing import Any

import discord

from bot.discord.inbound import Action, Message, Reaction, Sender, Where
from bot.discord.markdown import BREAK
from bot.discord.overheard import shown_in

_FENCED = re.compile(r"```(?:[a-z]+\n)?(.+?)```", re.DOTALL)
_PINNED = 6
"""Type of the message that says that another one was pinned."""


def reduce_message(message: discord.Message) -> Message:
    """What `inbound` needs of a message."""
    author = message.author
    roles = tuple(str(role.id) for role in getattr(author, "roles", ()) if not role.is_default())
    names = {str(user.id): user.display_name for user in message.mentions}
    pinned = message.type is discord.MessageType.pins_add
    names |= {str(channel.id): getattr(channel, "name", "") for channel in message.channel_mentions}
    return Message(
        str(message.id),
        where_of(message.channel, message.guild),
        Sender(str(author.id), author.display_name, author.bot, roles),
        message.content,
        message.created_at.timestamp(),
        names,
        message.type in (discord.MessageType.default, discord.MessageType.reply),
        str(message.reference.message_id) if pinned and message.reference else "",
        shown=shown_in([embed.to_dict() for embed in message.embeds], [part.to_dict() for part in message.components]),
        changed_at=message.edited_at.timestamp() if message.edited_at else 0.0,
        replies_to=str(message.reference.message_id or "") if message.reference else "",
    )


def reduce_raw(raw: dict[str, Any], where: Where) -> Message:
    """The same for a message that was fetched."""
    author = raw["author"]
    name = author.get("global_name") or author.get("username", "")
    reference = raw.get("message_reference") or {}
    return Message(
        str(raw["id"]),
        where,
        Sender(str(author["id"]), name, bool(author.get("bot"))),
        raw.get("content", ""),
        discord.utils.snowflake_time(int(raw["id"])).timestamp(),
        {str(user["id"]): user.get("username", "") for user in raw.get("mentions", ())},
        raw.get("type", 0) in (0, 19),
        str(reference.get("message_id") or "") if raw.get("type") == _PINNED else "",
        shown=shown_in(raw.get("embeds"), raw.get("components")),
        changed_at=_edited(raw.get("edited_timestamp")),
        replies_to=str((raw.get("message_reference") or {}).get("message_id") or ""),
    )


def reduce_interaction(interaction: discord.Interaction) -> Action:
    """What `inbound` needs of an interaction."""
    user = interaction.user
    roles = tuple(str(role.id) for role in getattr(user, "roles", ()) if not role.is_default())
    guild = str(interaction.guild_id or "")
    channel = interaction.channel
    parent = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
    data: Any = interaction.data or {}
    return Action(
        str(interaction.id),
        interaction.type.value,
        interaction.token,
        str(interaction.application_id),
        Where(guild, str(interaction.channel_id or ""), parent),
        Sender(str(user.id), user.display_name, user.bot, roles),
        interaction.created_at.timestamp(),
        data,
        str(interaction.message.id) if interaction.message else "",
        _code_in(interaction.message) if interaction.message else "",
    )


def reduce_reaction(event: discord.RawReactionActionEvent, channel: object) -> Reaction:
    """What `inbound` needs of a reaction; `channel`: the one it stands in, as far as the client knows."""
    parent = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
    where = Where(str(event.guild_id or ""), str(event.channel_id), parent)
    member = event.member
    roles = tuple(str(role.id) for role in member.roles if not role.is_default()) if member else ()
    sender = Sender(str(event.user_id), member.display_name if member else "", bool(member and member.bot), roles)
    return Reaction(str(event.message_id), where, sender, event.emoji.name or "")


def where_of(channel: Any, guild: discord.Guild | None) -> Where:  # noqa: ANN401 -- many kinds of channels
    """Where a message of this channel stands."""
    parent = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
    return Where(str(guild.id) if guild else "", str(channel.id), parent)


def _code_in(message: discord.Message) -> str:
    """The last code that the message shows, without its fences."""
    texts = [message.content, *(embed.description or "" for embed in message.embeds)]
    found = [code for text in texts for code in _FENCED.findall(text)]
    return found[-1].replace(BREAK, "").strip() if found else ""


def _edited(timestamp: str | None) -> float:
    return datetime.fromisoformat(timestamp).timestamp() if timestamp else 0.0
