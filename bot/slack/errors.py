"""What Slack and its client raise → our errors. One table."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import (
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from core.ports.platforms import GONE, NOT_A_MEMBER

SERVICE = "Slack"
INVITE = "Invite me with `/invite @Copilot`."

_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
_TRY_AGAIN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_NOT_A_MEMBER = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel"})
_GONE = frozenset(
    {
        "message_not_found", "thread_not_found", "is_archived", "cant_update_message", "edit_window_closed",
        "expired_url", "used_url",
    }
)  # fmt: skip
UNKNOWN_PERSON = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
UNKNOWN_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})
_HINTS = {
    "invalid_auth": "Check slack.bot_token.",
    "not_authed": "Set slack.bot_token.",
    "token_revoked": "Install the app again and set the new slack.bot_token.",
    "token_expired": "Install the app again and set the new slack.bot_token.",
    "account_inactive": "Install the app again and set the new slack.bot_token.",
    "missing_scope": "Add the missing scope to the app and install it again.",
    "restricted_action": "A setting of the workspace forbids it: ask a workspace admin.",
    "user_is_restricted": "A setting of the workspace forbids it: ask a workspace admin.",
    "too_many_convos_for_team": "The workspace has as many channels as it may: archive some.",
    "permission_denied": "A setting of the workspace forbids it: ask a workspace admin.",
}
_DELAY = 1.0
"""Seconds to wait when Slack does not say how long."""


@contextmanager
def mapped() -> Iterator[None]:
    """Raise our errors instead of Slack's, cause kept."""
    try:
        yield
    except SlackApiError as error:
        raise _from_api(error) from error
    except TimeoutError as error:
        raise UpstreamTimeout(SERVICE, "Slack did not answer in time.") from error
    except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
        raise UpstreamUnavailable(SERVICE, "Slack cannot be reached.") from error
    except (aiohttp.ClientError, OSError) as error:
        # The request may have been sent: what it asked for may have happened.
        raise UpstreamTimeout(SERVICE, "Slack broke the connection before it answered.") from error
    except (SlackClientError, json.JSONDecodeError) as error:
        raise UpstreamProtocolError(SERVICE, "Slack answered something unexpected.") from error


@contextmanager
def partly_sent() -> Iterator[None]:
    """The first message of several is out: a later failure leaves an outcome that must be looked at before it is tried again."""
    try:
        yield
    except UpstreamTimeout:
        raise
    except UpstreamError as error:
        if not error.retryable:
            raise
        raise UpstreamTimeout(SERVICE, f"Only a part was sent: {error.message}", delay=error.delay) from error


def refused(reason: str, status: int, headers: Mapping[str, str]) -> UpstreamError:
    """The error for one of Slack's codes."""
    if status == 429 or reason in _RATE_LIMITED:
        return RateLimited(SERVICE, "Slack asks to slow down.", delay=_delay(headers))
    if status >= 500 or reason in _TRY_AGAIN:
        return UpstreamUnavailable(SERVICE, f"Slack has a problem ({reason or status}).")
    if reason in _NOT_A_MEMBER:
        return UpstreamRejected(SERVICE, "The bot is not in that channel.", reason=NOT_A_MEMBER, hint=INVITE)
    if reason in _GONE:
        return UpstreamRejected(SERVICE, "That message or channel is gone.", reason=GONE)
    reason = reason or str(status)
    return UpstreamRejected(SERVICE, f"Slack refused it: {reason}.", reason=reason, hint=_HINTS.get(reason, ""))


def _from_api(error: SlackApiError) -> UpstreamError:
    """slack_sdk puts its own response into the error, or aiohttp's when the body was no JSON."""
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", response if isinstance(response, dict) else None)
    reason = str(data.get("error") or "") if isinstance(data, dict) else ""
    if not reason and status < 400:
        return UpstreamProtocolError(SERVICE, "Slack answered something unexpected.")
    found = refused(reason, status, getattr(response, "headers", {}))
    if reason == "missing_scope" and isinstance(data, dict) and data.get("needed"):
        # Any one of those that Slack names is enough.
        scopes = str(data["needed"]).replace(",", " or ")
        found.hint = f"Add the scope {scopes} under OAuth & Permissions, and install the app again."
    return found


def _delay(headers: Mapping[str, str]) -> float:
    named = {name.lower(): value for name, value in headers.items()}
    try:
        return max(0.0, float(named.get("retry-after", _DELAY)))
    except ValueError:
        return _DELAY
