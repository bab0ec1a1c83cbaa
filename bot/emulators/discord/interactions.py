"""Interactions: what people send to the application, the time the bot has to answer, and the tokens."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.emulators.common.clock import PlatformClock, Timer
from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.common.log import EventLog
from bot.emulators.common.requests import Ack
from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Channel, Form, Json, Message, Person
from bot.emulators.discord.sessions import Sessions

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
NOT_RESPONDING = "The application did not respond"
_KEEP = 10_000


@dataclass(slots=True)
class Interaction:
    """One interaction and what became of it."""

    id: str
    token: str
    kind: int
    person: Person
    channel: Channel
    at: float
    data: Json
    source: Message | None = None
    """The message whose component was used."""
    form: Form | None = None
    """The modal that was sent."""
    dead: bool = False
    """Unknown to the platform: expired before it arrived."""
    response: int | None = None
    """The type of the first response."""
    original: str = ""
    """The id of the message that `@original` stands for."""
    timer: Timer | None = None
    choices: asyncio.Future[list[Json]] | None = None
    """Autocompletion: what the person waits for."""
    acks: list[Ack] = field(default_factory=list)
    """Its deliveries; the first response acknowledges them."""


class Interactions:
    """All interactions of the last while."""

    def __init__(self, guild: Guild, log: EventLog, sessions: Sessions, faults: FaultBoard) -> None:
        self._guild = guild
        self._log = log
        self._sessions = sessions
        self._faults = faults
        self._known: OrderedDict[str, Interaction] = OrderedDict()
        self._tokens: dict[str, str] = {}

    def start(
        self,
        kind: int,
        person: Person,
        channel: Channel,
        data: Json,
        *,
        source: Message | None = None,
        form: Form | None = None,
        choices: asyncio.Future[list[Json]] | None = None,
    ) -> Interaction:
        """Send an interaction to the bot; it fails when there is no response in time."""
        dead = self._faults.take(FaultKind.EXPIRE_TRIGGERS) is not None
        made = Interaction(
            self._guild.ids.new(), self._guild.ids.secret(), kind, person, channel, self._clock.now(), data,
            source=source, form=form, dead=dead, choices=choices,
        )  # fmt: skip
        self._remember(made)
        made.timer = self._clock.call_later(limits.FIRST_RESPONSE, lambda: self._fail(made))
        self._sessions.dispatch("INTERACTION_CREATE", self._payload(made), acks=made.acks)
        return made

    def answering(self, id_: str, token: str) -> Interaction:
        """The interaction that a callback may still answer."""
        found = self._known.get(id_)
        if found is None or found.token != token or found.dead:
            raise DiscordError(10062)
        if found.response is not None:
            raise DiscordError(40060)
        if self._clock.now() > found.at + limits.FIRST_RESPONSE:
            raise DiscordError(10062)
        return found

    def responded(self, interaction: Interaction, response: int, original: str = "") -> None:
        """Note the first response."""
        interaction.response, interaction.original = response, original
        for ack in interaction.acks:
            ack.acked_at = self._clock.now()
        if interaction.timer is not None:
            interaction.timer.cancel()
        if interaction.form is not None:
            self._guild.forms.pop(interaction.form.id, None)
            self._log.append("form_closed", id=interaction.form.id, person=interaction.person.id)

    def by_token(self, application: str, token: str) -> Interaction:
        """The interaction that a webhook call belongs to: answered before, and not too old."""
        found = self._known.get(self._tokens.get(token, ""))
        if application != acme.APPLICATION or found is None:
            raise DiscordError(10015)
        if found.dead or self._clock.now() >= found.at + limits.TOKEN_LIFE:
            raise DiscordError(50027)
        if found.response is None:
            raise DiscordError(10015)
        return found

    @property
    def _clock(self) -> PlatformClock:
        return self._guild.clock

    def _remember(self, made: Interaction) -> None:
        self._known[made.id] = made
        self._tokens[made.token] = made.id
        if len(self._known) > _KEEP:
            _, oldest = self._known.popitem(last=False)
            del self._tokens[oldest.token]

    def _fail(self, interaction: Interaction) -> None:
        for ack in interaction.acks:
            ack.error = "no response in time"
        if interaction.choices is not None:
            if not interaction.choices.done():
                interaction.choices.set_result([])
            text = "Loading options failed"
        else:
            text = "Something went wrong. Try again." if interaction.form is not None else NOT_RESPONDING
        self._log.append(
            "interaction_failed",
            person=interaction.person.id,
            channel=interaction.channel.id,
            text=text,
            id=interaction.id,
        )

    def _payload(self, made: Interaction) -> Json:
        guild, person, channel = self._guild, made.person, made.channel
        direct = channel.kind == "direct"
        place = shapes.channel(guild, channel)
        place["permissions"] = str(guild.permissions(person.id, channel))
        payload: Json = {
            "id": made.id,
            "application_id": acme.APPLICATION,
            "type": made.kind,
            "data": made.data,
            "channel_id": channel.id,
            "channel": place,
            "token": made.token,
            "version": 1,
            "locale": "en-US",
            "app_permissions": str(guild.permissions(acme.BOT_USER, channel) or guild.bot_permissions),
            "entitlements": [],
            "authorizing_integration_owners": {"0": "0" if direct else acme.GUILD},
            "context": 1 if direct else 0,
            "attachment_size_limit": limits.ATTACHMENT_BYTES,
        }
        if made.source is not None:
            payload["message"] = made.source.raw
        if direct:
            return {**payload, "user": shapes.user(person)}
        member = {**shapes.member(person), "permissions": place["permissions"]}
        about = {"id": acme.GUILD, "locale": "en-US", "features": []}
        return {**payload, "member": member, "guild_id": acme.GUILD, "guild": about, "guild_locale": "en-US"}


def metadata(interaction: Interaction) -> Json:
    """What a message says about the interaction that it answers."""
    person = shapes.user(interaction.person)
    found: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": person,
        "authorizing_integration_owners": {"0": acme.GUILD},
    }
    if interaction.source is not None:
        found["interacted_message_id"] = interaction.source.id
    extra: Json = {"interaction_metadata": found, "application_id": acme.APPLICATION, "webhook_id": acme.APPLICATION}
    if "target_id" in interaction.data:
        found["target_message_id"] = interaction.data["target_id"]
    if interaction.kind == COMMAND:
        name = command_path(interaction.data)
        found["name"] = name
        extra["interaction"] = {"id": interaction.id, "type": COMMAND, "name": name, "user": person}
    return extra


def command_path(data: Json) -> str:
    """The command's name with its subcommands."""
    names, options = [str(data["name"])], data.get("options") or []
    while options and options[0]["type"] in {1, 2}:
        names.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(names)
