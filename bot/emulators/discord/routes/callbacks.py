"""Answers to interactions: the callback, and the webhook of its token."""

from collections.abc import Callable

from bot.emulators.discord import limits, shapes
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.check_components import check_modal
from bot.emulators.discord.check_message import EPHEMERAL, check_message
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction, metadata
from bot.emulators.discord.model import Form, Json, Message

LOADING = 1 << 7
PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
_ALLOWED = {
    COMMAND: (MESSAGE, DEFERRED, MODAL),
    COMPONENT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL_SUBMIT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE),
}


def callback(call: Call) -> Json | None:
    """The first response to an interaction."""
    interaction = call.platform.interactions.answering(call.params["interaction"], call.params["token"])
    body = call.object()
    kind = body.get("type")
    check = Check()
    check.one_of(kind, ("type",), _ALLOWED[interaction.kind])
    if kind in (UPDATE, DEFERRED_UPDATE) and interaction.source is None:
        check.fail(("type",), "INTERACTION_CALLBACK_NO_MESSAGE", "There is no message to update.")
    data = check.mapping(body.get("data"), ("data",))
    check.number(data.get("flags"), ("data", "flags"), 0, 2**31, 0)
    check.finish()
    _CALLBACKS[int(kind or 0)](call, interaction, data)
    if call.query.get("with_response", "").lower() not in {"true", "1"}:
        return None
    return _described(call, interaction)


def _described(call: Call, interaction: Interaction) -> Json:
    about: Json = {"id": interaction.id, "type": interaction.kind}
    resource: Json = {"type": interaction.response}
    message = call.guild.messages.get(interaction.original)
    if message is not None:
        loading = bool(message.raw["flags"] & LOADING)
        about |= {"response_message_id": message.id, "response_message_loading": loading}
        about["response_message_ephemeral"] = message.private_to is not None
    if message is not None and interaction.response in {MESSAGE, UPDATE}:
        resource["message"] = message.raw
    return {"interaction": about, "resource": resource}


def _respond(call: Call, interaction: Interaction, data: Json) -> None:
    _check_nested(data, len(call.uploads))
    message = _post(call, interaction, data)
    call.platform.interactions.responded(interaction, MESSAGE, message.id)


def _defer(call: Call, interaction: Interaction, data: Json) -> None:
    flags = (int(data.get("flags") or 0) & EPHEMERAL) | LOADING
    message = _post(call, interaction, {"flags": flags})
    call.platform.interactions.responded(interaction, DEFERRED, message.id)
    call.platform.log.append(
        "pending", person=interaction.person.id, channel=interaction.channel.id, message=message.id
    )


def _defer_update(call: Call, interaction: Interaction, _: Json) -> None:
    call.platform.interactions.responded(interaction, DEFERRED_UPDATE, _source(interaction).id)


def _update(call: Call, interaction: Interaction, data: Json) -> None:
    source = _source(interaction)
    _check_nested(data, len(call.uploads), kept=source.raw)
    call.platform.interactions.responded(interaction, UPDATE, source.id)
    if source.id in call.guild.messages:
        call.platform.chat.change(source, data, files=call.attachments(interaction.channel.id, data))


def _offer(call: Call, interaction: Interaction, data: Json) -> None:
    check = Check()
    path = ("data", "choices")
    choices = check.items(data.get("choices"), path, limits.COMMAND_CHOICES)
    for index, choice in enumerate(choices):
        shape = check.mapping(choice, (*path, index))
        check.text(shape.get("name"), (*path, index, "name"), limits.CHOICE_NAME, least=1, needed=True)
        if isinstance(shape.get("value"), str | None):
            check.text(shape.get("value"), (*path, index, "value"), limits.CHOICE_VALUE, least=1, needed=True)
    check.finish()
    call.platform.interactions.responded(interaction, CHOICES)
    if interaction.choices is not None and not interaction.choices.done():
        interaction.choices.set_result(choices)


def _open_modal(call: Call, interaction: Interaction, data: Json) -> None:
    check_modal(data)
    call.platform.interactions.responded(interaction, MODAL)
    source = interaction.source.id if interaction.source is not None else ""
    form = Form(call.guild.ids.new(), interaction.person.id, data, interaction.channel.id, source)
    call.guild.add_form(form)
    call.platform.log.append("form_opened", form=shapes.control_form(form))


_CALLBACKS: dict[int, Callable[[Call, Interaction, Json], None]] = {
    MESSAGE: _respond,
    DEFERRED: _defer,
    DEFERRED_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _offer,
    MODAL: _open_modal,
}


def _source(interaction: Interaction) -> Message:
    if interaction.source is None:
        raise DiscordError(10008)
    return interaction.source


def _check_nested(data: Json, files: int, kept: Json | None = None) -> None:
    try:
        check_message(data, files=files, kept=kept)
    except DiscordError as error:
        if error.errors is not None:
            error.errors = {"data": error.errors}
        raise


def _post(call: Call, interaction: Interaction, body: Json) -> Message:
    private = interaction.person.id if int(body.get("flags") or 0) & EPHEMERAL else None
    return call.platform.chat.post(
        call.bot,
        interaction.channel,
        body,
        files=call.attachments(interaction.channel.id, body),
        private_to=private,
        extra=metadata(interaction),
        token=interaction.token,
    )


# --- the webhook of the token ------------------------------------------------------------------------------------


def follow_up(call: Call) -> Json:
    """Send a further message; the first one after a deferral takes the place of "thinking …"."""
    interaction = _by_token(call)
    body = call.object()
    check_message(body, files=len(call.uploads))
    waiting = call.guild.messages.get(interaction.original)
    if waiting is not None and waiting.raw["flags"] & LOADING:
        return _fill(call, waiting, body)
    return _post(call, interaction, body).raw


def get(call: Call) -> Json:
    """One of the interaction's messages."""
    return _target(call).raw


def edit(call: Call) -> Json:
    """Change one of the interaction's messages."""
    message, body = _target(call), call.object()
    check_message(body, files=len(call.uploads), kept=message.raw)
    return _fill(call, message, body)


def delete(call: Call) -> None:
    """Delete one of the interaction's messages."""
    call.platform.chat.delete(_target(call))


def _fill(call: Call, message: Message, body: Json) -> Json:
    first = bool(message.raw["flags"] & LOADING)
    if first:
        message.raw = {**message.raw, "flags": message.raw["flags"] & ~LOADING}
    call.platform.chat.change(message, body, files=call.attachments(message.channel, body), edited=not first)
    return message.raw


def _target(call: Call) -> Message:
    interaction = _by_token(call)
    id_ = interaction.original if call.params["message"] == "@original" else call.params["message"]
    found = call.guild.messages.get(id_)
    if found is None or found.channel not in call.guild.channels:
        raise DiscordError(10008)
    if found.token != interaction.token and found.id != interaction.original:
        raise DiscordError(10008)
    return found


def _by_token(call: Call) -> Interaction:
    return call.platform.interactions.by_token(call.params["application"], call.params["token"])


_WEBHOOK = "/webhooks/{application}/{token}"
ROUTES: list[Route] = [
    ("POST", "/interactions/{interaction}/{token}/callback", callback),
    ("POST", _WEBHOOK, follow_up),
    ("GET", _WEBHOOK + "/messages/{message}", get),
    ("PATCH", _WEBHOOK + "/messages/{message}", edit),
    ("DELETE", _WEBHOOK + "/messages/{message}", delete),
]
