"""Receives from Discord through discord.py, and answers or defers every interaction by the rules of the design."""

import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import discord
import structlog
from discord.http import Route

from bot.discord import commands, limits
from bot.discord.connector import DiscordConnector
from bot.discord.errors import mapped
from bot.discord.handover import Handover
from bot.discord.inbound import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    Action,
    Ignored,
    Message,
    Reaction,
    Where,
    is_private,
    subcommand,
    understand_action,
    understand_message,
    understand_reaction,
)
from bot.discord.overheard import edited, overhear, withdrawn
from bot.discord.reduce import reduce_interaction, reduce_message, reduce_raw, reduce_reaction, where_of
from bot.discord.render import render_form
from bot.ingress import Ingress, Opening
from core.conversation import replies
from core.errors import AuthenticationError, BotError, UnavailableError
from core.messages import Account, Click, Incoming, Joined, Overheard, Person, Place, Platform, Submission, Turn
from core.ports.clock import Clock
from core.tracing import new_trace

log = structlog.get_logger()

_DEFER, _DEFER_UPDATE, _CHOICES, _MODAL = 5, 6, 8, 9
"""Types of interaction callbacks."""
_EPHEMERAL = 1 << 6
_LOOK_BACK = 120.0
"""Seconds before the latest message on the record (or before a first start, when there is none) from which messages are fetched: a
crash may have kept a later one and lost an earlier one. What is known already is not taken in again."""
_HEARTBEAT_WITHIN = 30.0
"""Seconds without a word from the gateway from which discord.py takes the connection for dead."""


class _Client(discord.AutoShardedClient):
    """Hands what the gateway brings to the transport. Sharded, since only then discord.py asks the API where the gateway is. Keeps no members, messages or views: the bot's memory is its records."""

    def __init__(self, transport: "DiscordTransport") -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, guild_reactions=True, dm_messages=True, message_content=True
        )
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            heartbeat_timeout=_HEARTBEAT_WITHIN,
            guild_ready_timeout=0.5,
            max_ratelimit_timeout=30.0,
        )
        self._transport = transport

    async def on_ready(self) -> None:
        await self._transport.connected()

    async def on_message(self, message: discord.Message) -> None:
        await self._transport.message(reduce_message(message))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self._transport.edited(reduce_message(payload.message))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._transport.deleted(payload.guild_id, payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._transport.deleted(payload.guild_id, payload.channel_id, payload.message_ids)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._transport.interaction(reduce_interaction(interaction))

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        # Whether it stands in a thread only the client's own list of channels tells.
        await self._transport.reaction(reduce_reaction(event, self.get_channel(event.channel_id)))

    async def on_guild_channel_update(self, _before: object, after: discord.abc.GuildChannel) -> None:
        await self._transport.channel_changed(str(after.guild.id), str(after.id))

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        log.error("discord.broke", where=event_method, error=repr(sys.exc_info()[1]))


class DiscordTransport:
    """Connected to Discord while its `async with` block runs."""

    def __init__(
        self, *, token: str, api_url: str = "", guild_ids: Sequence[str] = (), ingress: Ingress, clock: Clock
    ) -> None:
        """`api_url`: another address of the API; discord.py has one for the whole process. `guild_ids`: servers whose commands
        are uploaded at once; none uploads them for all servers, which takes Discord a while to show."""
        if api_url:
            Route.BASE = api_url
        self._token = token
        self._guilds = tuple(guild_ids)
        self._ingress = ingress
        self._clock = clock
        self._client = _Client(self)
        self._tasks = asyncio.TaskGroup()
        self._stack = AsyncExitStack()
        self._ready = asyncio.Event()
        self._fatal = ""
        self.connector = DiscordConnector(self._client)
        self._handover = Handover(self.connector, ingress, clock)
        self.ignored: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._client.close)
            try:
                with mapped():
                    await self._client.login(self._token)
            except BotError as error:
                hint = "Reset the token in the Developer Portal under Bot, and set discord.token."
                raise AuthenticationError(
                    f"Discord does not accept discord.token: {error.message}", hint=hint
                ) from error
            await stack.enter_async_context(self._tasks)
            stack.push_async_callback(self._client.close)
            stack.callback(self._handover.stop)
            self._tasks.create_task(self._connect())
            self._tasks.create_task(self._handover.run())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def healthy(self) -> str:
        """Empty when events can come in, else why not."""
        if self._fatal:
            return self._fatal
        if not self._ready.is_set() or self._client.is_closed() or not self._client.is_ready():
            return "the gateway is not connected"
        return "" if math.isfinite(self._client.latency) else "the gateway does not answer; connecting anew"

    # --- connecting ------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        try:
            await self._client.connect()
        except discord.PrivilegedIntentsRequired:
            self._fatal = "switch Message Content Intent on in the Developer Portal under Bot"
            log.error("discord.intents", problem=self._fatal)
        except discord.DiscordException as error:
            self._fatal = f"the gateway refused us ({type(error).__name__})"
            log.error("discord.refused", error=str(error))

    async def connected(self) -> None:
        """After each new session (not after a resumed one): upload the commands, fetch what was missed, look after what waits."""
        application = str(self._client.application_id)
        for guild in self._guilds or ("",):
            await self.connector.sync_commands(application, guild, commands.definition())
        await self._catch_up()
        await self._handover.resume()
        self._ready.set()

    async def _catch_up(self) -> None:
        """Take in what was written while we were away: each channel says which message was its last."""
        since = (await self._ingress.last_seen(Platform.DISCORD) or time.time()) - _LOOK_BACK
        after = str(discord.utils.time_snowflake(datetime.fromtimestamp(since, UTC)))
        channels: list[discord.TextChannel | discord.Thread] = []
        for guild in self._client.guilds:
            channels += [*guild.text_channels, *guild.threads]
        for channel in channels:
            if (channel.last_message_id or 0) > int(after):
                try:
                    await self._fetch(channel, after)
                except BotError as error:
                    log.warning("discord.not_fetched", channel=channel.id, error=error.message)

    async def _fetch(self, channel: discord.TextChannel | discord.Thread, after: str) -> None:
        parent = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
        where = Where(str(channel.guild.id), str(channel.id), parent)
        for raw in await self.connector.messages_after(str(channel.id), after):
            await self.message(reduce_raw(raw, where))

    # --- taking in -------------------------------------------------------------------------------------

    async def message(self, message: Message) -> None:
        """A message of the gateway: a turn, or something to remember."""
        item = understand_message(message, self._me, new_trace())
        if not isinstance(item, Ignored):
            await self._commit(item)
        elif heard := overhear(message, self._me):
            await self._commit(heard)
        else:
            self.ignored[item.reason] += 1

    async def reaction(self, reaction: Reaction) -> None:
        """A reaction of the gateway, like a message."""
        now = self._clock.now().timestamp()
        item = understand_reaction(reaction, self._me, now=now, traceparent=new_trace())
        if isinstance(item, Ignored):
            self.ignored[item.reason] += 1
        else:
            await self._commit(item)

    @property
    def _me(self) -> str:
        return str(self._client.application_id or "")

    async def edited(self, message: Message) -> None:
        """A message says something else: it is heard again, and asks nothing."""
        if heard := edited(message, self._me):
            await self._commit(heard)

    async def deleted(self, guild: int | None, channel: int, messages: Iterable[int]) -> None:
        """Messages are gone."""
        found = self._client.get_channel(channel)
        where = (
            where_of(found, found.guild) if isinstance(found, discord.Thread) else Where(str(guild or ""), str(channel))
        )
        for message in messages:
            await self._commit(withdrawn(where, str(message), discord.utils.snowflake_time(message).timestamp()))

    async def _commit(self, item: Incoming | Overheard) -> None:
        """Discord sends nothing again, so the commit is tried until it holds or the bot stops."""
        for attempt in range(10):
            try:
                await self._ingress.event(item)
                return
            except UnavailableError as error:
                log.warning("discord.not_committed", claim=item.claim, attempt=attempt, error=error.message)
                await self._clock.sleep(min(10.0, 0.5 * 2**attempt))

    async def interaction(self, action: Action) -> None:
        """Open a form, complete, or commit and defer."""
        if action.application != str(self._client.application_id):
            self.ignored["another application"] += 1
            return
        try:
            if action.type == AUTOCOMPLETE:
                await self._complete(action)
            else:
                await self._take_in(action)
        except BotError as error:
            log.warning("discord.interaction", interaction=action.id, error=error.message)

    async def channel_changed(self, guild: str, channel: str) -> None:
        """Permissions may have changed: what waited to be posted there is tried again."""
        me = Person(Account(Platform.DISCORD, guild, str(self._client.application_id)))
        claim = f"discord:changed:{channel}:{time.time()}"
        place = Place(Platform.DISCORD, guild, channel)
        await self._ingress.event(Joined(claim, place, me, time.time(), new_trace()))

    async def _take_in(self, action: Action) -> None:
        item = understand_action(action, new_trace())
        if isinstance(item, Ignored):
            self.ignored[item.reason] += 1
            return
        if opening := self._opening(item):
            form = render_form(opening.form, token=opening.token)
            await self.connector.callback(action.id, action.token, {"type": _MODAL, "data": form})
            return
        await self._ingress.interaction(item, lost=lambda: self._tell_lost(item))
        await self.connector.callback(action.id, action.token, _deferral(action))
        self._handover.expect(item)

    def _opening(self, item: Incoming) -> Opening | None:
        """The form to open at once, before any I/O; filled with the message whose menu was used, or with the code in it."""
        if isinstance(item, Turn):
            return self._ingress.opening_for_command(item.text)
        if not isinstance(item, Click):
            return None
        return self._ingress.opening_for_action(item.action, text=item.values[0] if item.values else "")

    async def _complete(self, action: Action) -> None:
        verb, given = subcommand(action.data)
        focused = _focused(action.data)
        typed = str(given.get(focused) or "")
        context = [str(value) for name, value in given.items() if name != focused and value]
        found = self._ingress.complete(
            commands.completes(verb, focused), typed, context=context, place=action.where.place
        )
        choices = [{"name": o.label[: limits.CHOICE_TEXT], "value": o.value[: limits.CHOICE_TEXT]} for o in found]
        body = {"type": _CHOICES, "data": {"choices": choices[: limits.CHOICES]}}
        await self.connector.callback(action.id, action.token, body)

    async def _tell_lost(self, item: Incoming) -> None:
        if isinstance(item, Turn | Click | Submission) and item.handle:
            await self.connector.answer(item.handle, item.place, replies.not_recorded(), private=True, key=item.claim)


def _deferral(action: Action) -> dict[str, Any]:
    """How an interaction is acknowledged: "thinking …" for commands and forms, nothing visible for buttons."""
    if action.type == COMPONENT:
        return {"type": _DEFER_UPDATE}
    private = action.type == MODAL or (action.type == COMMAND and is_private(action.data))
    return {"type": _DEFER, "data": {"flags": _EPHEMERAL if private else 0}}


def _focused(data: Any) -> str:  # noqa: ANN401 -- Discord's JSON
    """The option that is being typed, within whatever group and subcommand."""
    for option in data.get("options") or ():
        if option.get("focused"):
            return str(option["name"])
        if inner := _focused(option):
            return inner
    return ""
