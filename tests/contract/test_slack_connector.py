"""The connector against the Slack emulator: sends, edits, finds and looks up through the real slack_sdk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import SlackEmulator, acme
from bot.emulators.slack.chat import Chat
from bot.slack.connector import SlackConnector, profile_of, standing, web_client
from core.actors import Standing
from core.errors import NotFoundError, RateLimited, UpstreamRejected, UpstreamTimeout, UpstreamUnavailable
from core.messages import Account, Code, File, Handle, MessageRef, Place, Platform, Reply, Text
from core.ports.platforms import GONE, NOT_A_MEMBER

Json = dict[str, Any]

CHECKOUT = Place(Platform.SLACK, acme.TEAM, acme.CHECKOUT)
SHORT = Reply((Text("Hello **there**"),), "Hello")
LONG = Reply((Text("".join(f"word{n} " for n in range(2_500))),), "Long")
HUGE = Reply((Text("".join(f"word{n} " for n in range(12_000))),), "Huge")
DANA = Account(Platform.SLACK, acme.TEAM, acme.DANA)


class Stage:
    """A connector and the workspace that it sends to."""

    def __init__(self, connector: SlackConnector, control: ControlClient, slack: SlackEmulator) -> None:
        self.connector = connector
        self.control = control
        self.slack = slack

    async def messages(self, *, private_to: str | None = None, channel: str = "") -> list[Json]:
        """The bot's messages, oldest first."""
        found = (await self.control.state())["messages"]
        own = [m for m in found if m["author"] == acme.BOT_USER and channel in ("", m["channel"])]
        return [m for m in own if private_to is None or m["private_to"] == private_to]


@asynccontextmanager
async def stage_of(timeout: float = 10.0, scopes: list[str] | None = None) -> AsyncIterator[Stage]:
    async with (
        SlackEmulator(limits="off", scopes=scopes) as slack,
        ControlClient(slack.url) as control,
        web_client(slack.bot_token, slack.api_url) as client,
    ):
        yield Stage(SlackConnector(client, team=acme.TEAM, me=acme.BOT_USER, timeout=timeout), control, slack)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with stage_of() as found:
        yield found


# --- posts and edits ----------------------------------------------------------------------------------------


async def test_a_post_is_found_again_by_its_key(stage: Stage) -> None:
    sent = await stage.connector.post(CHECKOUT, LONG, key="k1")
    await stage.connector.post(CHECKOUT, SHORT, key="k2")
    assert len(sent.parts) > 1
    assert await stage.connector.find(CHECKOUT, key="k1") == sent
    assert await stage.connector.find(CHECKOUT, key="k3") is None


@pytest.mark.parametrize("author", [acme.DEPLOYBOT, acme.DANA])
async def test_a_post_of_somebody_else_with_our_metadata_is_not_ours(stage: Stage, author: str) -> None:
    workspace = stage.slack.workspace
    metadata = {"event_type": "copilot_post", "event_payload": {"key": "k1/0"}}
    channel = workspace.channels[acme.CHECKOUT]
    Chat(workspace, lambda _: None).post(channel, author, {"text": "copied", "metadata": metadata})
    assert await stage.connector.find(CHECKOUT, key="k1") is None
    sent = await stage.connector.post(CHECKOUT, SHORT, key="k1")
    assert await stage.connector.find(CHECKOUT, key="k1") == sent


async def test_a_post_is_found_at_the_end_of_a_long_thread(stage: Stage) -> None:
    root = await stage.connector.post(CHECKOUT, SHORT, key="root")
    thread = replace(CHECKOUT, thread=root.parts[0])
    for n in range(205):
        await stage.control.post(acme.DANA, acme.CHECKOUT, f"chatter {n}", thread=root.parts[0])
    sent = await stage.connector.post(thread, SHORT, key="late")
    assert await stage.connector.find(thread, key="late") == sent


async def test_nothing_is_found_in_a_thread_that_is_gone(stage: Stage) -> None:
    assert await stage.connector.find(replace(CHECKOUT, thread="1.000001"), key="k") is None


async def test_an_edit_grows_and_shrinks_the_parts(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    many = await stage.connector.edit(one, LONG, key="k")
    assert many.parts[0] == one.parts[0]
    assert len(await stage.messages()) == len(many.parts) > 1
    assert await stage.connector.edit(many, SHORT, key="k") == one
    (left,) = await stage.messages()
    assert "Hello *there*" in str(left["raw"])


async def test_an_edit_repeated_after_an_unknown_outcome_adds_no_part_twice(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    first = await stage.connector.edit(one, LONG, key="k")
    assert await stage.connector.edit(one, LONG, key="k") == first
    assert len(await stage.messages()) == len(first.parts)


async def test_an_edit_does_not_mind_a_part_that_somebody_deleted(stage: Stage) -> None:
    one = await stage.connector.post(CHECKOUT, SHORT, key="k")
    ref = MessageRef(CHECKOUT, (*one.parts, "1.000001"))
    assert await stage.connector.edit(ref, SHORT, key="k") == one


async def test_a_post_that_broke_off_is_completed_by_find_and_edit(stage: Stage) -> None:
    await stage.control.fault("rate_limit", match="chat.postMessage", times=1, retry_after=2)
    with pytest.raises(RateLimited) as limited:
        await stage.connector.post(CHECKOUT, LONG, key="k")
    assert limited.value.delay == 2
    assert await stage.messages() == []
    await stage.control.fault("error", match="files.*", times=1, status=500)
    with pytest.raises(UpstreamTimeout):
        await stage.connector.post(CHECKOUT, HUGE, key="k")
    found = await stage.connector.find(CHECKOUT, key="k")
    assert found is not None
    whole = await stage.connector.edit(found, HUGE, key="k")
    assert len([m for m in await stage.messages() if m["raw"].get("blocks")]) == len(found.parts)
    assert whole.parts[:-1] == found.parts


async def test_an_edit_of_a_deleted_message_says_gone(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.edit(MessageRef(CHECKOUT, ("1.000001",)), SHORT, key="k")
    assert caught.value.reason == GONE


async def test_a25_a_channel_without_the_bot_says_how_to_invite_it(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.post(replace(CHECKOUT, channel=acme.SECURITY), SHORT, key="k")
    assert caught.value.reason == NOT_A_MEMBER
    assert "/invite @Copilot" in caught.value.hint


# --- files ------------------------------------------------------------------------------------------------------


async def test_files_stand_in_the_thread_of_their_message(stage: Stage) -> None:
    picture = File("chart.png", b"\x89PNG", "image/png", title="Latency")
    ref = await stage.connector.post(CHECKOUT, Reply((Text("See"), picture), "See"), key="k")
    _, upload = await stage.messages()
    assert upload["thread"] == ref.parts[0]
    assert [(f["name"], f["title"]) for f in upload["raw"]["files"]] == [("chart.png", "Latency")]


async def test_a08_a_huge_reply_brings_its_whole_text_as_a_file(stage: Stage) -> None:
    await stage.connector.post(CHECKOUT, HUGE, key="k")
    names = [file["name"] for m in await stage.messages() for file in m["raw"].get("files", ())]
    assert names == ["details.txt"]


async def test_an_edit_sends_files_again_only_when_they_changed(stage: Stage) -> None:
    code = Reply((Code("x = 1\n" * 1_000, "py"),), "Code")
    first = await stage.connector.post(CHECKOUT, code, key="k")
    same = await stage.connector.edit(first, code, key="k")
    assert same == first
    other = await stage.connector.edit(same, Reply((Code("y = 2\n" * 1_000, "py"),), "Code"), key="k")
    assert other != first
    assert len([m for m in await stage.messages() if m["raw"].get("files")]) == 2


# --- to one person ------------------------------------------------------------------------------------------------


async def test_a_whisper_is_seen_by_one_person_only(stage: Stage) -> None:
    await stage.connector.whisper(CHECKOUT, DANA, SHORT, key="k")
    (message,) = await stage.messages()
    assert message["private_to"] == acme.DANA


async def test_files_of_a_whisper_go_to_the_direct_message(stage: Stage) -> None:
    await stage.connector.whisper(CHECKOUT, DANA, HUGE, key="k")
    (upload,) = [m for m in await stage.messages() if m["raw"].get("files")]
    channels = {c["id"]: c["kind"] for c in (await stage.control.state())["channels"]}
    assert channels[upload["channel"]] == "direct"


async def test_a_person_can_be_written_to_by_their_id(stage: Stage) -> None:
    home = Place(Platform.SLACK, acme.TEAM, acme.DANA, direct=True)
    await stage.connector.whisper(home, DANA, HUGE, key="k")
    assert {m["channel"][0] for m in await stage.messages()} == {"D"}


async def test_a_private_reply_with_files_is_too_much_for_a_response_address(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.answer(
            Handle(Platform.SLACK, "http://unused", 0.0), CHECKOUT, HUGE, private=True, key="k"
        )
    assert caught.value.reason == GONE


async def test_a_dead_response_address_says_gone(stage: Stage) -> None:
    dead = Handle(Platform.SLACK, f"{stage.slack.url}/response/none", 0.0)
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.answer(dead, CHECKOUT, SHORT, private=True, key="k")
    assert caught.value.reason == GONE


# --- people, homes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (acme.DANA, Standing.MEMBER),
        (acme.ROBIN, Standing.GUEST),
        (acme.KIM, Standing.STRANGER),
        (acme.PAT, Standing.DEACTIVATED),
        (acme.DEPLOYBOT, Standing.BOT),
    ],
)
async def test_a24_the_standing_of_people_comes_from_slack(stage: Stage, person: str, expected: Standing) -> None:
    assert (await stage.connector.profile(replace(DANA, id=person))).standing is expected


async def test_a23_an_account_that_names_a_foreign_workspace_is_no_member_of_it(stage: Stage) -> None:
    account = Account(Platform.SLACK, acme.OTHER_TEAM, acme.KIM)
    assert (await stage.connector.profile(account)).standing is Standing.STRANGER


async def test_a_person_slack_does_not_know_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        await stage.connector.profile(replace(DANA, id="U0NOBODY1"))


def test_a_colleague_of_the_same_enterprise_is_no_stranger() -> None:
    user = {"id": "U1", "team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}
    assert standing(user, "T1") is Standing.MEMBER
    assert standing({**user, "enterprise_user": {"teams": ["T2"]}}, "T1") is Standing.STRANGER


@pytest.mark.parametrize(("confirmed", "email"), [(True, "d@acme.example"), (False, ""), (None, "")])
def test_a23_only_a_confirmed_address_counts(confirmed: bool | None, email: str) -> None:
    user = {"id": "U1", "team_id": "T1", "profile": {"email": "d@acme.example"}, "is_email_confirmed": confirmed}
    assert profile_of(user, "T1").email == email


async def test_a_profile_has_name_time_zone_and_address(stage: Stage) -> None:
    profile = await stage.connector.profile(DANA)
    assert (profile.name, profile.email) == ("Dana", "dana@acme.example")
    assert profile.timezone


async def test_a_home_page_is_published(stage: Stage) -> None:
    await stage.connector.show_home(DANA, SHORT)
    views = (await stage.control.state())["views"]
    assert [view["raw"]["type"] for view in views if view["person"] == acme.DANA] == ["home"]


# --- trouble ----------------------------------------------------------------------------------------------------------


async def test_slack_that_does_not_answer_in_time_leaves_an_unknown_outcome() -> None:
    async with stage_of(timeout=0.2) as stage:
        await stage.control.fault("latency", match="chat.postMessage", times=1, seconds=5)
        with pytest.raises(UpstreamTimeout):
            await stage.connector.post(CHECKOUT, SHORT, key="k")


async def test_an_answer_that_got_lost_leaves_an_unknown_outcome_and_the_post_is_found(stage: Stage) -> None:
    await stage.control.fault("drop_response", match="chat.postMessage", times=1)
    with pytest.raises(UpstreamTimeout):
        await stage.connector.post(CHECKOUT, SHORT, key="k")
    assert await stage.connector.find(CHECKOUT, key="k") is not None
    assert len(await stage.messages()) == 1


async def test_a_broken_slack_is_worth_another_try(stage: Stage) -> None:
    await stage.control.fault("error", match="chat.postMessage", times=1, status=503)
    with pytest.raises(UpstreamUnavailable):
        await stage.connector.post(CHECKOUT, SHORT, key="k")


async def test_a_search_where_the_bot_is_no_member_says_so(stage: Stage) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.find(replace(CHECKOUT, channel=acme.SECURITY), key="k")
    assert caught.value.reason == NOT_A_MEMBER


async def test_a_missing_scope_says_what_to_do() -> None:
    async with stage_of(scopes=["chat:write"]) as stage:
        with pytest.raises(UpstreamRejected) as caught:
            await stage.connector.profile(DANA)
    assert caught.value.reason == "missing_scope"
    assert "Add the scope" in caught.value.hint
