"""What the Discord emulator refuses, and what it still accepts, in messages, modals and commands."""

import pytest

from bot.emulators.discord import acme
from tests.contract.discord_client import Json, scene


def _embed(**fields: object) -> Json:
    return {"embeds": [{"description": "d", **fields}]}


def _fields(count: int, name: int = 1, value: int = 1) -> Json:
    return _embed(fields=[{"name": "n" * name, "value": "v" * value}] * count)


def _row(*items: Json) -> Json:
    return {"content": "x", "components": [{"type": 1, "components": list(items)}]}


def _button(n: int = 0, **fields: object) -> Json:
    return {"type": 2, "style": 1, "label": "l", "custom_id": f"b{n}", **fields}


def _menu(options: int = 1, text: int = 0, **fields: object) -> Json:
    made = [{"label": f"{n:02}" + "l" * text, "value": f"{n:02}" + "v" * text} for n in range(options)]
    return {"type": 3, "custom_id": "m", "options": made, **fields}


def _rows(count: int) -> Json:
    rows = [{"type": 1, "components": [_button(n)]} for n in range(count)]
    return {"content": "x", "components": rows}


ACCEPTED = {
    "content": {"content": "x" * 2000},
    "an emoji is one character": {"content": "👍" * 2000},
    "embed alone": _embed(title="t" * 256),
    "description": _embed(description="d" * 4096),
    "fields": _fields(25),
    "field texts": _fields(1, 256, 1024),
    "footer": _embed(footer={"text": "f" * 2048}),
    "author": _embed(author={"name": "a" * 256}),
    "ten embeds": {"embeds": [{"title": "t"}] * 10},
    "6000 in all": {"embeds": [{"description": "d" * 3000}] * 2},
    "five rows": _rows(5),
    "five buttons": _row(*[_button(n) for n in range(5)]),
    "label": _row(_button(label="l" * 80)),
    "custom_id": _row(_button(custom_id="c" * 100)),
    "emoji alone": _row(_button(label=None, emoji={"name": "👍"})),
    "link": _row({"type": 2, "style": 5, "label": "l", "url": "https://acme.example"}),
    "25 options": _row(_menu(25)),
    "option texts": _row(_menu(1, 98)),
    "placeholder": _row(_menu(placeholder="p" * 150)),
    "nonce": {"content": "x", "nonce": "n" * 25},
}
REFUSED = {
    "content": ({"content": "x" * 2001}, "content"),
    "one emoji too many": ({"content": "👍" * 2001}, "content"),
    "title": (_embed(title="t" * 257), "embeds.0.title"),
    "description": (_embed(description="d" * 4097), "embeds.0.description"),
    "fields": (_fields(26), "embeds.0.fields"),
    "field name": (_fields(1, name=257), "embeds.0.fields.0.name"),
    "field value": (_fields(1, value=1025), "embeds.0.fields.0.value"),
    "empty field": (_fields(1, value=0), "embeds.0.fields.0.value"),
    "footer": (_embed(footer={"text": "f" * 2049}), "embeds.0.footer.text"),
    "author": (_embed(author={"name": "a" * 257}), "embeds.0.author.name"),
    "colour": (_embed(color=1 << 24), "embeds.0.color"),
    "address": (_embed(url="ftp://acme.example"), "embeds.0.url"),
    "eleven embeds": ({"embeds": [{"title": "t"}] * 11}, "embeds"),
    "6001 in all": ({"embeds": [{"description": "d" * 3000}, {"description": "d" * 3001}]}, "embeds"),
    "six rows": (_rows(6), "components"),
    "six buttons": (_row(*[_button(n) for n in range(6)]), "components.0.components"),
    "empty row": (_row(), "components.0.components"),
    "label": (_row(_button(label="l" * 81)), "components.0.components.0.label"),
    "no label": (_row(_button(label=None)), "components.0.components.0.label"),
    "custom_id": (_row(_button(custom_id="c" * 101)), "components.0.components.0.custom_id"),
    "no custom_id": (_row(_button(custom_id=None)), "components.0.components.0.custom_id"),
    "the same custom_id": (_row(_button(), _button()), "components.0.components.1.custom_id"),
    "style": (_row(_button(style=9)), "components.0.components.0.style"),
    "link without address": (_row({"type": 2, "style": 5, "label": "l"}), "components.0.components.0.url"),
    "26 options": (_row(_menu(26)), "components.0.components.0.options"),
    "no options": (_row(_menu(0)), "components.0.components.0.options"),
    "option label": (_row(_menu(1, 99)), "components.0.components.0.options.0.label"),
    "placeholder": (_row(_menu(placeholder="p" * 151)), "components.0.components.0.placeholder"),
    "menu beside button": (_row(_menu(), _button()), "components.0.components"),
    "nonce": ({"content": "x", "nonce": "n" * 26}, "nonce"),
    "content is no text": ({"content": ["x"]}, "content"),
    "mentions": ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
    "reply to nothing": ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
}


def _has(errors: Json, path: str) -> bool:
    for step in path.split("."):
        errors = errors.get(step, {})
    return "_errors" in errors


@pytest.mark.parametrize("name", ACCEPTED)
async def test_a_message_at_its_limit_is_accepted(name: str) -> None:
    async with scene(connected=False) as s:
        assert (await s.say(**ACCEPTED[name]))["author"]["id"] == acme.BOT_USER


@pytest.mark.parametrize("name", REFUSED)
async def test_a_message_over_a_limit_is_refused_with_the_field(name: str) -> None:
    body, field = REFUSED[name]
    async with scene(connected=False) as s:
        error = await s.error("POST", f"/channels/{acme.CHECKOUT}/messages", json=body)
        assert (error.status, error.code) == (400, 50035)
        errors = error._errors  # noqa: SLF001 -- discord.py keeps the nested form nowhere else
        assert errors is not None
        assert _has(errors, field), errors


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"content": None, "embeds": []}])
async def test_an_empty_message_is_refused(body: Json) -> None:
    async with scene(connected=False) as s:
        error = await s.error("POST", f"/channels/{acme.CHECKOUT}/messages", json=body)
        assert (error.status, error.code) == (400, 50006)


async def test_a_message_cannot_be_emptied_by_an_edit() -> None:
    async with scene(connected=False) as s:
        sent = await s.say(content="x")
        path = f"/channels/{acme.CHECKOUT}/messages/{sent['id']}"
        assert (await s.error("PATCH", path, json={"content": ""})).code == 50006


@pytest.mark.parametrize(("length", "accepted"), [(1, True), (100, True), (101, False), (0, False)])
async def test_a_thread_name_has_a_limit(length: int, accepted: bool) -> None:
    path, body = f"/channels/{acme.CHECKOUT}/threads", {"name": "n" * length, "type": 11}
    async with scene(connected=False) as s:
        if accepted:
            assert (await s.call("POST", path, json=body))["parent_id"] == acme.CHECKOUT
        else:
            assert (await s.error("POST", path, json=body)).code == 50035


def _command(**fields: object) -> Json:
    return {"name": "copilot", "description": "d", **fields}


def _option(name: str = "o", **fields: object) -> Json:
    return {"type": 3, "name": name, "description": "d", **fields}


@pytest.mark.parametrize(
    "commands",
    [
        [_command(name="Copilot")],
        [_command(name="n" * 33)],
        [_command(description="")],
        [_command(description="d" * 101)],
        [_command(), _command()],
        [_command(options=[_option(f"o{n}") for n in range(26)])],
        [_command(options=[_option(), _option()])],
        [_command(options=[_option("a"), _option("b", required=True)])],
        [_command(options=[_option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        [_command(options=[_option(choices=[{"name": "n", "value": "v"}], autocomplete=True)])],
        [_command(options=[{**_option(), "type": 99}])],
        [_command(name=f"c{n}") for n in range(101)],
        [_command(default_member_permissions="all")],
        [_command(contexts=[7])],
    ],
)
async def test_a_malformed_command_is_refused(commands: list[Json]) -> None:
    async with scene(connected=False) as s:
        path = f"/applications/{acme.APPLICATION}/guilds/{acme.GUILD}/commands"
        error = await s.error("PUT", path, json=commands)
        assert (error.status, error.code) == (400, 50035)


def _modal(**fields: object) -> Json:
    return {"title": "t", "custom_id": "m", "components": [_line(0)], **fields}


def _line(n: int, **fields: object) -> Json:
    text = {"type": 4, "custom_id": f"i{n}", "label": "l", "style": 1, **fields}
    return {"type": 1, "components": [text]}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (_modal(title="t" * 46), "title"),
        (_modal(custom_id="c" * 101), "custom_id"),
        (_modal(components=[]), "components"),
        (_modal(components=[_line(n) for n in range(6)]), "components"),
        (_modal(components=[_line(0), _line(0)]), "components.1.components.0.custom_id"),
        (_modal(components=[_line(0, label="l" * 46)]), "components.0.components.0.label"),
        (_modal(components=[_line(0, placeholder="p" * 101)]), "components.0.components.0.placeholder"),
        (_modal(components=[_line(0, value="v" * 4001)]), "components.0.components.0.value"),
        (_modal(components=[_line(0, max_length=4001)]), "components.0.components.0.max_length"),
    ],
)
async def test_a_malformed_modal_is_refused_and_can_be_sent_again(data: Json, field: str) -> None:
    command = _command(options=[])
    async with scene() as s:
        await s.call("PUT", f"/applications/{acme.APPLICATION}/commands", json=[command])
        waiting = s.bot.ws.wait_for("INTERACTION_CREATE", lambda _: True)
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot")
        sent = await waiting
        path = f"/interactions/{sent['id']}/{sent['token']}/callback"
        error = await s.error("POST", path, json={"type": 9, "data": data})
        assert _has(error._errors or {}, f"data.{field}"), error.text  # noqa: SLF001 -- see above
        await s.call("POST", path, json={"type": 9, "data": _modal()})


@pytest.mark.parametrize(
    "body",
    [
        "text",
        [1],
        {"embeds": [None]},
        {"embeds": [{"fields": [None], "footer": "f"}]},
        {"components": [{"type": [], "components": [{"type": {}}]}]},
        {"content": "x", "attachments": [None]},
        {"content": "x", "message_reference": "1"},
        {"content": "x", "allowed_mentions": {"parse": "users"}},
        {"content": "x", "flags": "many"},
    ],
)
async def test_a_body_of_the_wrong_shape_is_a_form_error(body: object) -> None:
    async with scene(connected=False) as s:
        error = await s.error("POST", f"/channels/{acme.CHECKOUT}/messages", json=body)
        assert (error.status, error.code) == (400, 50035)
