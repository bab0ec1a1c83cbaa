"""The transport against the Slack emulator: real slack-bolt, real sockets, and an ingress that records."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.clock import SystemClock
from bot.emulators.common.client import ControlClient
from bot.emulators.common.server import serve
from bot.emulators.slack import SlackEmulator, acme
from bot.emulators.slack.http_mode import signature
from bot.ingress import Opening
from bot.slack.transport import PATH, SlackTransport
from core.errors import AuthenticationError, UnavailableError
from core.intents.verbs import Completes
from core.messages import (
    Actions,
    Button,
    Click,
    Form,
    FormField,
    Heard,
    HomeOpened,
    Incoming,
    Joined,
    Option,
    Place,
    Platform,
    Reply,
    Submission,
    Text,
    Turn,
)

Json = dict[str, Any]
Lost = Callable[[], Awaitable[None]]

CHECKOUT = Place(Platform.SLACK, acme.TEAM, acme.CHECKOUT)
FORM = Opening(Form("run", "Start a run", (FormField("service", "Service"),)), "tok")


@dataclass
class Recording:
    """An ingress that keeps what it is given, in order."""

    items: asyncio.Queue[Incoming] = field(default_factory=asyncio.Queue)
    opening: Opening | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Actions of which the form was asked for, and the texts to fill it with."""
    down: bool = False
    """Nothing can be committed."""
    hold: asyncio.Event | None = None
    """Events are committed once this is set."""

    async def event(self, item: Incoming) -> bool:
        self.items.put_nowait(item)
        if self.down:
            raise UnavailableError("down")
        if self.hold:
            await self.hold.wait()
        return True

    async def interaction(self, item: Incoming, *, lost: Lost) -> bool:
        self.items.put_nowait(item)
        if self.down:
            await lost()
        return True

    def opening_for_command(self, text: str) -> Opening | None:
        return self.opening if text == "run" else None

    def opening_for_action(self, action: str, *, text: str = "") -> Opening | None:
        self.asked.append((action, text))
        return self.opening if action.startswith("form:") else None

    def complete(
        self, what: Completes, typed: str, *, context: Sequence[str] = (), place: Place | None = None
    ) -> Sequence[Option]:
        return ()

    async def last_seen(self, platform: Platform) -> float:
        return 0.0

    async def unfinished(self, platform: Platform, *, since: float) -> Sequence[Incoming]:
        return ()

    def engaged(self, place: Place) -> bool:
        return False

    async def next(self) -> Incoming:
        """The next item."""
        async with asyncio.timeout(10):
            return await self.items.get()


@dataclass
class Stage:
    """A connected transport, its workspace and its ingress."""

    transport: SlackTransport
    slack: SlackEmulator
    control: ControlClient
    ingress: Recording

    async def acks(self, fits: Callable[[list[Json]], bool]) -> list[Json]:
        """The deliveries, once they fit."""
        async with asyncio.timeout(10):
            while not fits(found := await self.control.acks()):
                pass
        return found

    async def healthy(self, wanted: bool) -> None:
        """Wait until the transport is as healthy as wanted."""
        async with asyncio.timeout(15):
            while bool(self.transport.healthy()) is wanted:
                await self.control.gaps()


@asynccontextmanager
async def staged(*, http: bool = False, ping: float = 2.0, **tokens: str) -> AsyncIterator[Stage]:
    ingress = Recording()
    async with SlackEmulator(limits="off") as slack, ControlClient(slack.url) as control:
        given = {"bot_token": slack.bot_token, "app_token": "" if http else slack.app_token}
        transport = SlackTransport(
            **{**given, "signing_secret": slack.signing_secret, **tokens},
            api_url=slack.api_url,
            ingress=ingress,
            clock=SystemClock(),
            ping=ping,
        )
        async with transport, served(transport, slack):
            stage = Stage(transport, slack, control, ingress)
            await stage.healthy(True)
            yield stage


@asynccontextmanager
async def served(transport: SlackTransport, slack: SlackEmulator) -> AsyncIterator[None]:
    """In HTTP mode: serve the transport's routes and point the emulator to them."""
    if not (routes := transport.routes()):
        yield
        return
    app = web.Application()
    app.add_routes(routes)
    async with serve(app, 0) as port:
        slack.use_http(events_url=f"http://127.0.0.1:{port}{PATH}")
        yield


@pytest.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with staged(http=request.param == "http") as found:
        yield found


# --- taking in ----------------------------------------------------------------------------------------------


async def test_everything_a_person_does_arrives_and_is_acknowledged(stage: Stage) -> None:
    ref = await stage.transport.connector.post(CHECKOUT, Reply((Actions((Button("Go", "do:go"),)),), "Go?"), key="k")
    await stage.control.direct(acme.DANA, "hello")
    assert isinstance(await stage.ingress.next(), Turn)
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "status")
    assert isinstance(await stage.ingress.next(), Turn)
    await stage.control.click(acme.DANA, ref.parts[0], "do:go")
    assert isinstance(await stage.ingress.next(), Click)
    await stage.control.act(acme.DANA, "open_home")
    assert isinstance(await stage.ingress.next(), HomeOpened)
    await stage.control.act(acme.DANA, "invite", channel=acme.SECURITY, person=acme.BOT_USER)
    assert isinstance(await stage.ingress.next(), Joined)
    await stage.acks(lambda acks: len(acks) >= 5 and all(ack["acked_at"] for ack in acks))


async def test_a03_a_mention_comes_twice_with_one_claim(stage: Stage) -> None:
    await stage.control.post(acme.DANA, acme.CHECKOUT, "@copilot hello")
    one, other = await stage.ingress.next(), await stage.ingress.next()
    assert one.claim == other.claim


async def test_a04_an_event_that_was_not_committed_is_not_acknowledged_and_comes_again(stage: Stage) -> None:
    stage.ingress.down = True
    await stage.control.direct(acme.DANA, "hello")
    first = await stage.ingress.next()
    assert not [ack for ack in await stage.control.acks() if ack["acked_at"]]
    stage.ingress.down = False
    await stage.control.clock(5)
    await stage.control.clock(5)
    assert (await stage.ingress.next()).claim == first.claim
    await stage.acks(lambda acks: any(ack["acked_at"] for ack in acks))


async def test_an_event_is_acknowledged_after_its_commit_only(stage: Stage) -> None:
    stage.ingress.hold = asyncio.Event()
    await stage.control.direct(acme.DANA, "hello")
    await stage.ingress.next()
    assert not [ack for ack in await stage.control.acks() if ack["acked_at"]]
    stage.ingress.hold.set()
    await stage.acks(lambda acks: all(ack["acked_at"] for ack in acks))


async def test_a_command_that_could_not_be_recorded_says_so_to_the_person(stage: Stage) -> None:
    stage.ingress.down = True
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "status")
    told = await stage.control.wait_message(private_to=acme.DANA)
    assert "nothing was done" in told.text


async def test_what_is_not_for_the_bot_is_counted_and_acknowledged(stage: Stage) -> None:
    await stage.control.act(acme.LEE, "invite", channel=acme.CHECKOUT, person=acme.DEPLOYBOT)
    await stage.acks(lambda acks: len(acks) == 2 and all(ack["acked_at"] for ack in acks))
    assert stage.transport.ignored == {"message channel_join": 1, "somebody else joined": 1}


async def test_talk_is_heard_and_acknowledged_once_it_is_kept(stage: Stage) -> None:
    stage.ingress.down = True
    await stage.control.post(acme.DANA, acme.CHECKOUT, "just talk")
    assert isinstance(await stage.ingress.next(), Heard)
    assert not [ack for ack in await stage.control.acks() if ack["acked_at"]]
    stage.ingress.down = False
    await stage.control.clock(2)
    await stage.acks(lambda acks: any(ack["acked_at"] for ack in acks))


# --- forms ------------------------------------------------------------------------------------------------------


async def test_a_form_opens_beside_the_acknowledgement_and_comes_back(stage: Stage) -> None:
    stage.ingress.opening = FORM
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "run")
    form = await stage.control.wait_form(person=acme.DANA)
    await stage.control.submit(acme.DANA, form.form["id"], {"service": "checkout"})
    sent = await stage.ingress.next()
    assert isinstance(sent, Submission)
    assert (sent.form, sent.token, sent.fields) == ("run", "tok", {"service": "checkout"})
    assert sent.place == CHECKOUT


async def test_a_messages_menu_opens_its_form_with_the_messages_text(stage: Stage) -> None:
    stage.ingress.opening = FORM
    ts = await stage.control.post(acme.DANA, acme.CHECKOUT, "it is *down* &amp; out")
    await stage.control.shortcut(acme.LEE, ts, "declare")
    await stage.control.wait_form(person=acme.LEE)
    assert stage.ingress.asked == [(f"form:declare:{acme.CHECKOUT}/{ts}", "it is *down* &amp; out")]


async def test_a_menu_of_another_callback_is_counted_and_acknowledged(stage: Stage) -> None:
    ts = await stage.control.post(acme.DANA, acme.CHECKOUT, "look")
    await stage.control.shortcut(acme.LEE, ts, "another")
    await stage.acks(lambda acks: len(acks) == 2 and all(ack["acked_at"] for ack in acks))
    assert stage.transport.ignored["shortcut another"] == 1


async def test_a13_views_open_that_hangs_does_not_hold_up_the_acknowledgement(stage: Stage) -> None:
    stage.ingress.opening = FORM
    await stage.control.fault("latency", match="views.open", times=1, seconds=2)
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "run")
    await stage.acks(lambda acks: len(acks) == 1 and acks[0]["acked_at"])
    assert not [view for view in (await stage.control.state())["views"] if view["raw"]["type"] == "modal"]


async def test_a13_a_dead_trigger_gives_a_button_that_opens_the_form(stage: Stage) -> None:
    stage.ingress.opening = FORM
    await stage.control.fault("expire_triggers", times=1)
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "run")
    offer = await stage.control.wait_message(private_to=acme.DANA, contains="Open again")
    await stage.control.click(acme.DANA, offer.message["id"], "form:run:tok")
    assert (await stage.control.wait_form(person=acme.DANA)).form["raw"]["callback_id"] == "run"


# --- answers ------------------------------------------------------------------------------------------------------


async def test_a_command_is_answered_through_its_response_address(stage: Stage) -> None:
    await stage.control.command(acme.DANA, acme.CHECKOUT, "/copilot", "status")
    turn = await stage.ingress.next()
    assert isinstance(turn, Turn)
    assert turn.handle
    reply = Reply((Text("All is well"),), "Well")
    await stage.transport.connector.answer(turn.handle, turn.place, reply, private=True, key="k")
    await stage.transport.connector.answer(turn.handle, turn.place, reply, private=False, key="k")
    shown = [m for m in (await stage.control.state())["messages"] if m["author"] == acme.BOT_USER]
    assert [m["private_to"] for m in shown] == [acme.DANA, None]


# --- HTTP ---------------------------------------------------------------------------------------------------------


async def test_bad_and_stale_signatures_are_refused() -> None:
    async with staged(http=True) as stage, httpx.AsyncClient(trust_env=False) as client:
        url, body = stage.slack.workspace.app.events_url, '{"type": "event_callback"}'
        now, old = str(int(time.time())), str(int(time.time()) - 301)
        stale = signature(stage.slack.signing_secret, old, body)
        for moment, value in ((now, "v0=bad"), (old, stale)):
            headers = {
                "X-Slack-Request-Timestamp": moment,
                "X-Slack-Signature": value,
                "Content-Type": "application/json",
            }
            assert (await client.post(url, content=body, headers=headers)).status_code == 401
        assert stage.ingress.items.empty()
        assert not stage.transport.ignored


async def test_http_without_a_signing_secret_does_not_start() -> None:
    with pytest.raises(AuthenticationError, match="signing_secret"):
        async with staged(http=True, signing_secret=""):
            pytest.fail("started")


# --- the socket ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("token", "named"), [("bot_token", "slack.bot_token"), ("app_token", "slack.app_token")])
async def test_a_wrong_token_stops_the_start_and_is_named(token: str, named: str) -> None:
    with pytest.raises(AuthenticationError, match=named):
        async with staged(**{token: "xoxb-wrong"}):
            pytest.fail("started")


async def test_a06_the_start_asks_two_things_only() -> None:
    async with staged() as stage:
        methods = [request["method"] + request["path"] for request in await stage.control.requests()]
    assert [method.rpartition("/")[2] for method in methods] == ["auth.test", "apps.connections.open"]


async def test_a05_a_socket_that_swallows_everything_is_noticed_and_replaced() -> None:
    async with staged(ping=0.2) as stage:
        await stage.control.fault("black_hole")
        await stage.healthy(False)
        await stage.healthy(True)
        await stage.control.direct(acme.DANA, "hello")
        assert isinstance(await stage.ingress.next(), Turn)


async def test_a05_a_socket_that_was_cut_is_opened_again() -> None:
    async with staged(ping=0.2) as stage:
        await stage.control.fault("drop_sockets")
        await stage.healthy(False)
        await stage.healthy(True)


async def test_a05_an_address_that_died_meanwhile_is_asked_for_anew() -> None:
    async with staged(ping=0.1) as stage:
        await stage.control.fault("refuse_sockets")
        await stage.control.fault("drop_sockets")
        await stage.healthy(False)
        before = len(await stage.control.requests(path="apps.connections.open"))
        async with asyncio.timeout(10):
            while len(await stage.control.requests(path="apps.connections.open")) < before + 2:
                pass
        assert stage.transport.healthy()
        await stage.control.clock(60)
        await stage.control.clear_faults()
        await stage.healthy(True)


async def test_the_end_waits_for_what_was_taken_in() -> None:
    async with SlackEmulator(limits="off") as slack, ControlClient(slack.url) as control:
        ingress = Recording(hold=asyncio.Event())
        transport = SlackTransport(
            bot_token=slack.bot_token,
            app_token=slack.app_token,
            api_url=slack.api_url,
            ingress=ingress,
            clock=SystemClock(),
        )
        async with asyncio.TaskGroup() as group, transport:
            stage = Stage(transport, slack, control, ingress)
            await stage.healthy(True)
            await control.direct(acme.DANA, "hello")
            await ingress.next()
            assert ingress.hold
            group.create_task(_later(control, ingress.hold))
        assert [ack["acked_at"] is not None for ack in await control.acks()] == [True]


async def _later(control: ControlClient, hold: asyncio.Event) -> None:
    """Set well after the end has begun: a socket that did not wait is closed after one round trip."""
    for _ in range(20):
        await control.gaps()
    hold.set()
