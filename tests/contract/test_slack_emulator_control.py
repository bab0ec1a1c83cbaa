"""The control interface: who may use it, what it refuses, and what it tells."""

from typing import Any

import httpx
import pytest

from bot.emulators.common.client import ControlFailed
from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.faults import Deliveries, FaultBoard
from bot.emulators.slack import acme, text
from tests.contract.slack_emulator import bare_socket, scene

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:9999"}, 200),
        ({"Origin": "http://localhost:1"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "rebound.example"}, 403),
    ],
)
async def test_only_pages_on_loopback_may_drive_it(headers: dict[str, str], status: int) -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.url) as http:
        answer = await http.get("/control/state", headers=headers)
        assert answer.status_code == status
        assert answer.headers.get("Access-Control-Allow-Origin") == (headers.get("Origin") if status == 200 else None)


async def test_a_preflight_from_loopback_is_answered() -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.url) as http:
        answer = await http.options("/control/act", headers={"Origin": "http://localhost:1"})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Headers"]) == (204, "Content-Type")


REFUSED: list[tuple[Json, str]] = [
    ({"as": "U404", "do": "post"}, "no person 'U404'"),
    ({"as": acme.DANA, "do": "sing"}, "unknown act 'sing'"),
    ({"as": acme.PAT, "do": "direct", "text": "x"}, "deactivated"),
    ({"as": acme.KIM, "do": "post", "channel": acme.CHECKOUT, "text": "x"}, "no member of #checkout"),
    ({"as": acme.DANA, "do": "post", "channel": "C404", "text": "x"}, "no channel 'C404'"),
    ({"as": acme.DANA, "do": "click", "message": "1.2", "action": "x"}, "no message '1.2'"),
    ({"as": acme.DANA, "do": "submit", "form": "V404"}, "no open form 'V404'"),
    ({"as": acme.DANA, "do": "invite", "channel": acme.CHECKOUT, "person": acme.LEE}, "member of #checkout already"),
]


@pytest.mark.parametrize(("act", "reason"), REFUSED)
async def test_an_impossible_act_is_refused_with_the_reason(act: Json, reason: str) -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.url) as http:
        answer = await http.post("/control/act", json=act)
        assert answer.status_code == 400
        assert reason in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"), [("clock", {"advance": -1}), ("faults", {"kind": "fire"}), ("seed", {"cats": 1})]
)
async def test_malformed_control_requests_are_refused(path: str, body: Json) -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.url) as http:
        assert (await http.post(f"/control/{path}", json=body)).status_code == 400
        assert (await http.post(f"/control/{path}", content="{")).status_code == 400


async def test_the_state_shows_the_workspace() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello #deploys")
        state = await s.ctl.state()
        people = {person["id"]: person for person in state["people"]}
        channels = {channel["id"]: channel for channel in state["channels"]}
        assert (state["platform"], state["me"], state["workspace"]["id"]) == ("slack", acme.BOT_USER, acme.TEAM)
        assert (people[acme.ROBIN]["guest"], people[acme.KIM]["stranger"], people[acme.PAT]["deactivated"]) == (
            True,
        ) * 3
        assert (channels[acme.SECURITY]["kind"], channels[acme.SECURITY]["bot_is_member"]) == ("private", False)
        assert state["messages"][-1]["id"] == ts
        assert state["messages"][-1]["raw"]["text"] == f"hello <#{acme.DEPLOYS}|deploys>"


async def test_calls_are_logged_with_tokens_masked() -> None:
    async with scene() as s:
        await s.client.chat_postMessage(channel=acme.CHECKOUT, text=f"never say {s.slack.bot_token}")
        (request,) = await s.ctl.requests(path="chat.postMessage")
        assert (request["status"], request["error"], request["body"]["channel"]) == (200, None, acme.CHECKOUT)
        assert s.slack.bot_token not in str(request)


async def test_unknown_methods_join_the_gaps() -> None:
    async with scene() as s:
        await s.error("chat.sing")
        gaps = await s.ctl.gaps()
        assert {"chat.sing", "chat.scheduleMessage"} <= set(gaps["methods"])
        assert gaps["notes"]


async def test_single_people_and_channels_can_be_added() -> None:
    async with scene() as s:
        person = (await s.ctl.seed(person={"name": "nina", "guest": True}))["person"]
        channel = (await s.ctl.seed(channel={"name": "lab", "kind": "private", "members": [person["id"]]}))["channel"]
        await s.ctl.post(person["id"], channel["id"], "alone")
        with pytest.raises(ControlFailed, match="there is a #lab already"):
            await s.ctl.seed(channel={"name": "lab"})


async def test_old_messages_are_forgotten_beyond_what_is_kept() -> None:
    async with scene(keep=10) as s:
        posted = [await s.ctl.post(acme.DANA, acme.CHECKOUT, str(n)) for n in range(15)]
        assert [message["id"] for message in (await s.ctl.state())["messages"]] == posted[-10:]


async def test_a_restart_keeps_channel_ids_and_never_repeats_a_timestamp() -> None:
    async with scene() as s:
        first = await s.ctl.direct(acme.DANA, "one")
    async with scene() as s, bare_socket(s.slack):
        second = await s.ctl.direct(acme.DANA, "two")
    assert first["channel"] == second["channel"]
    assert first["message"] < second["message"]


async def test_moving_the_clock_fires_timers_in_order() -> None:
    clock, fired = PlatformClock(lambda: 100.0), []
    clock.call_later(20, lambda: fired.append("late"))
    clock.call_later(10, lambda: fired.append("early"))
    clock.call_later(15, lambda: fired.append("never")).cancel()
    clock.advance(9)
    assert fired == []
    clock.advance(11)
    assert (fired, clock.now()) == (["early", "late"], 120.0)


TYPED = [
    ("a & b < c", "a &amp; b &lt; c"),
    ("@dana look", f"<@{acme.DANA}> look"),
    ("mail dana@acme.example", "mail dana@acme.example"),
    ("see #checkout.", f"see <#{acme.CHECKOUT}|checkout>."),
    ("@nobody #nowhere", "@nobody #nowhere"),
    ("@here!", "<!here>!"),
    ("go https://x.example/a?b=1&c=2.", "go <https://x.example/a?b=1&amp;c=2>."),
]


@pytest.mark.parametrize(("written", "stored"), TYPED)
def test_typed_text_is_marked_up_like_slacks_client_does(written: str, stored: str) -> None:
    people, channels = {"dana": acme.DANA}, {"checkout": acme.CHECKOUT}
    assert text.typed(written, people.get, channels.get) == stored


def test_a_group_that_never_fills_leaves_when_the_fault_is_cleared() -> None:
    board, out = FaultBoard(), []
    deliveries = Deliveries(board, PlatformClock())
    board.add({"kind": "reorder", "group": 3, "match": "message"})
    for name in ("a", "b"):
        deliveries.send("message", lambda name=name: out.append(name))
    board.add({"kind": "latency"})
    deliveries.send("app_mention", lambda: out.append("not concerned"))
    assert out == ["not concerned"]
    board.clear()
    assert out == ["not concerned", "b", "a"]
