"""The page's server: what it passes on, to whom it answers, and what the browser may do with it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.emulators.page import ChatPage
from bot.emulators.slack import SlackEmulator, acme


@pytest.fixture
async def chat() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a page with a Slack workspace."""
    async with (
        SlackEmulator() as slack,
        ChatPage(slack_url=slack.url) as page,
        httpx.AsyncClient(base_url=page.url, trust_env=False) as client,
    ):
        yield client


async def test_the_page_runs_own_scripts_only_and_is_not_kept(chat: httpx.AsyncClient) -> None:
    headers = (await chat.get("/")).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_acts_and_state_are_passed_on(chat: httpx.AsyncClient) -> None:
    act = {"as": acme.DANA, "do": "post", "channel": acme.CHECKOUT, "text": "hello"}
    answer = (await chat.post("/slack/control/act", json=act)).json()
    messages = (await chat.get("/slack/control/state")).json()["messages"]
    assert [message["id"] for message in messages] == [answer["message"]]


async def test_a_refused_act_keeps_its_reason(chat: httpx.AsyncClient) -> None:
    answer = await chat.post("/slack/control/act", json={"as": "nobody"})
    assert answer.status_code == 400
    assert "no person" in answer.json()["error"]


async def test_events_are_streamed_from_where_the_browser_stopped(chat: httpx.AsyncClient) -> None:
    for text in ("one", "two"):
        act = {"as": acme.DANA, "do": "post", "channel": acme.CHECKOUT, "text": text}
        await chat.post("/slack/control/act", json=act)
    seq = (await chat.get("/slack/control/state")).json()["seq"]
    async with asyncio.timeout(5), chat.stream("GET", f"/slack/control/events?since={seq - 1}") as stream:
        first = await anext(line async for line in stream.aiter_lines() if line.startswith("id:"))
    assert first == f"id: {seq}"


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_other_names_and_origins_are_refused(chat: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await chat.post("/slack/control/faults", headers=headers, json={})).status_code == 403


@pytest.mark.parametrize("path", ["/slack/api/auth.test", "/discord/control/state", "/static/../server.py"])
async def test_nothing_else_is_reachable_through_the_page(chat: httpx.AsyncClient, path: str) -> None:
    assert (await chat.get(path)).status_code == 404


async def test_a_file_that_somebody_sent_cannot_run_with_the_pages_rights(chat: httpx.AsyncClient) -> None:
    file = {"name": "evil.svg", "content": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"}
    act = {"as": acme.DANA, "do": "post", "channel": acme.CHECKOUT, "text": "look", "files": [file]}
    await chat.post("/slack/control/act", json=act)
    message = (await chat.get("/slack/control/state")).json()["messages"][0]
    address = httpx.URL(message["raw"]["files"][0]["url_private_download"])
    answer = await chat.get(f"/slack{address.raw_path.decode()}")
    assert answer.text == file["content"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_an_emulator_that_is_gone_is_said_so() -> None:
    async with SlackEmulator() as slack:
        page = ChatPage(slack_url=slack.url)
    async with page, httpx.AsyncClient(base_url=page.url, trust_env=False) as client:
        answer = await client.get("/slack/control/state")
    assert answer.status_code == 502
    assert "demo" in answer.json()["error"]


async def test_a_taken_port_is_an_os_error() -> None:
    async with ChatPage() as page:
        port = int(page.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            await ChatPage(port).__aenter__()
