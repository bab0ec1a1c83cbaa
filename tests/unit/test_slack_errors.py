"""What Slack and its client raise is one of our errors."""

import json
from typing import Any

import aiohttp
import pytest
import slack_sdk.errors
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.errors import mapped, partly_sent
from core.errors import (
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from core.ports.platforms import GONE, NOT_A_MEMBER


def api_error(reason: str, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    data: dict[str, Any] = {"ok": False, "error": reason} if reason else {}
    response = AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )
    return SlackApiError("refused", response)


def ours(error: BaseException) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught, mapped():
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("not_in_channel", NOT_A_MEMBER),
        ("channel_not_found", NOT_A_MEMBER),
        ("message_not_found", GONE),
        ("thread_not_found", GONE),
        ("is_archived", GONE),
        ("expired_trigger_id", "expired_trigger_id"),
        ("invalid_auth", "invalid_auth"),
        ("missing_scope", "missing_scope"),
        ("invalid_blocks", "invalid_blocks"),
        ("msg_too_long", "msg_too_long"),
    ],
)
def test_a_refusal_carries_what_the_sender_acts_on(code: str, reason: str) -> None:
    error = ours(api_error(code))
    assert isinstance(error, UpstreamRejected)
    assert error.reason == reason


def test_a25_a_channel_without_the_bot_says_how_to_invite_it() -> None:
    assert "/invite @Copilot" in ours(api_error("not_in_channel")).hint


@pytest.mark.parametrize(("headers", "delay"), [({"Retry-After": "7"}, 7.0), ({}, 1.0), ({"retry-after": "soon"}, 1.0)])
def test_a07_a_rate_limit_says_how_long(headers: dict[str, str], delay: float) -> None:
    error = ours(api_error("ratelimited", 429, headers))
    assert isinstance(error, RateLimited)
    assert error.delay == delay


@pytest.mark.parametrize(("code", "status"), [("internal_error", 200), ("fatal_error", 200), ("", 500), ("", 503)])
def test_trouble_at_slack_is_worth_another_try(code: str, status: int) -> None:
    assert isinstance(ours(api_error(code, status)), UpstreamUnavailable)


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), aiohttp.ServerDisconnectedError(), aiohttp.ClientPayloadError(), ConnectionResetError()],
)
def test_a_request_that_may_have_arrived_has_an_unknown_outcome(error: Exception) -> None:
    assert isinstance(ours(error), UpstreamTimeout)


@pytest.mark.parametrize("error", [json.JSONDecodeError("no", "", 0), SlackClientError("odd")])
def test_an_answer_that_breaks_the_contract_says_so(error: Exception) -> None:
    assert isinstance(ours(error), UpstreamProtocolError)


def test_every_error_class_of_slack_sdk_and_aiohttp_is_mapped() -> None:
    for module, base in ((slack_sdk.errors, SlackClientError), (aiohttp, aiohttp.ClientError)):
        classes = [found for found in vars(module).values() if isinstance(found, type) and issubclass(found, base)]
        assert classes
        for found in classes:
            error = found.__new__(found)
            if isinstance(error, SlackApiError):
                error.response = {"error": "whatever"}
            assert ours(error).service == "Slack"


def test_a_failure_after_the_first_part_must_be_looked_at() -> None:
    with pytest.raises(UpstreamTimeout) as caught, partly_sent():
        raise RateLimited("Slack", "slow", delay=3.0)
    assert caught.value.delay == 3.0


def test_a_refusal_after_the_first_part_stays_a_refusal() -> None:
    with pytest.raises(UpstreamRejected), partly_sent():
        raise UpstreamRejected("Slack", "no", reason="missing_scope")


def test_a_timeout_after_the_first_part_stays_one() -> None:
    with pytest.raises(UpstreamTimeout, match="in time"), partly_sent(), mapped():
        raise TimeoutError


def test_an_answer_without_a_reason_breaks_the_contract() -> None:
    assert isinstance(ours(api_error("")), UpstreamProtocolError)
