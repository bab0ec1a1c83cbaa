"""What discord.py raises → our errors. One table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from core.errors import (
    BotError,
    NotFoundError,
    RateLimited,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from core.ports.platforms import GONE, NOT_A_MEMBER

SERVICE = "Discord"
INVITE = "Give me *View Channel* and *Send Messages* in it (Edit Channel, Permissions)."
_GONE = frozenset({10003, 10008, 10015, 10062, 50027, 40060})
"""Unknown channel, message, webhook or interaction; invalid webhook token; answered already."""
_NOT_A_MEMBER = frozenset({50001, 50013})
"""Missing access; missing permissions."""
_UNKNOWN_PERSON = frozenset({10007, 10013})
"""Unknown member or user."""
_RETRY_AFTER = re.compile(r"retry[_ ]after\D+([\d.]+)", re.IGNORECASE)


@contextmanager
def mapped() -> Iterator[None]:
    """Raise our errors instead of discord.py's, cause kept."""
    try:
        yield
    except discord.DiscordException as error:
        raise from_discord(error) from error
    except TimeoutError as error:
        raise UpstreamTimeout(SERVICE, "Discord did not answer in time.") from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
        # The request was sent: what it asked for may have happened.
        raise UpstreamTimeout(SERVICE, "Discord broke the connection before it answered.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise UpstreamUnavailable(SERVICE, "Discord cannot be reached.") from error


def from_discord(error: discord.DiscordException) -> BotError:
    """Our error for one of discord.py's."""
    if isinstance(error, discord.RateLimited):
        return RateLimited(SERVICE, "Discord asks to slow down.", delay=error.retry_after)
    if not isinstance(error, discord.HTTPException):
        return UpstreamProtocolError(SERVICE, f"Discord answered something unexpected ({type(error).__name__}).")
    if error.status == 429:
        found = _RETRY_AFTER.search(error.text)
        return RateLimited(SERVICE, "Discord asks to slow down.", delay=float(found[1]) if found else 1.0)
    if error.status >= 500:
        return UpstreamUnavailable(SERVICE, f"Discord has a problem ({error.status}).")
    if error.code in _UNKNOWN_PERSON:
        return NotFoundError("Discord does not know that person.")
    if error.code in _NOT_A_MEMBER:
        return UpstreamRejected(SERVICE, "The bot cannot write in that channel.", reason=NOT_A_MEMBER, hint=INVITE)
    if error.code in _GONE:
        return UpstreamRejected(SERVICE, "That message, channel or interaction is gone.", reason=GONE)
    return UpstreamRejected(SERVICE, f"Discord refused it: {error.text[:200]}", reason=str(error.code or error.status))
