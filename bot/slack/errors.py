"""What Slack and its client raise → our errors. One table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import (
    NotFoundError,
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from core.ports.platforms import GONE, NOT_A_MEMBER

SERVICE = "Slack"
_NOT_A_MEMBER = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel"})
_GONE = frozenset(
    {"message_not_found", "is_archived", "expired_url", "used_url", "cant_update_message", "thread_not_found"}
)
_TRY_AGAIN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_UNKNOWN_PERSON = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
INVITE = "Invite me with `/invite @Copilot`."


@contextmanager
def mapped() -> Iterator[None]:
    """Raise our errors instead of Slack's, cause kept."""
    try:
        yield
    except SlackApiError as error:
        raise _from_api(error) from error
    except TimeoutError as error:
        raise UpstreamTimeout(SERVICE, "Slack did not answer in time.") from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
        # The request was sent: what it asked for may have happened.
        raise UpstreamTimeout(SERVICE, "Slack broke the connection before it answered.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise UpstreamUnavailable(SERVICE, "Slack cannot be reached.") from error
    except (SlackClientError, json.JSONDecodeError) as error:
        raise UpstreamProtocolError(SERVICE, "Slack answered something unexpected.") from error


def _from_api(error: SlackApiError) -> UpstreamError | NotFoundError:
    response = error.response
    status = getattr(response, "status_code", 200)
    reason = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or reason in ("ratelimited", "rate_limited"):
        delay = response.headers.get("Retry-After", "1")
        return RateLimited(SERVICE, "Slack asks to slow down.", delay=float(delay))
    if status >= 500 or reason in _TRY_AGAIN:
        return UpstreamUnavailable(SERVICE, f"Slack has a problem ({reason or status}).")
    if reason in _UNKNOWN_PERSON:
        return NotFoundError("Slack does not know that person.")
    if reason in _NOT_A_MEMBER:
        return UpstreamRejected(SERVICE, "The bot is not in that channel.", reason=NOT_A_MEMBER, hint=INVITE)
    if reason in _GONE:
        return UpstreamRejected(SERVICE, "That message or channel is gone.", reason=GONE)
    return UpstreamRejected(SERVICE, f"Slack refused it: {reason or status}.", reason=reason or str(status))
