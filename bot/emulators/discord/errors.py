"""How an API call fails, with Discord's codes and words."""

from typing import Any

Json = dict[str, Any]

_WORDS: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (404, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10009: (404, "Unknown Overwrite"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30005: (400, "Maximum number of guild roles reached (250)"),
    30013: (400, "Maximum number of guild channels reached (500)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50016: (
        400,
        "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.",
    ),
    50021: (403, "Cannot execute action on a system message"),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50028: (400, "Invalid Role"),
    50034: (400, "A message provided was too old to bulk delete"),
    50035: (400, "Invalid Form Body"),
    40005: (413, "Request entity too large"),
    50003: (403, "Cannot execute action on a DM channel"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
}


class DiscordError(Exception):
    """An answer with an error code."""

    def __init__(self, code: int, *, status: int | None = None, message: str = "", errors: Json | None = None) -> None:
        """`errors`: what is wrong with which field, nested; `status` and `message` default to those of the code."""
        known_status, known_words = _WORDS.get(code, (400, "Bad Request"))
        self.code = code
        self.status = status or known_status
        self.message = message or known_words
        self.errors = errors
        super().__init__(f"{code} {self.message}")

    def body(self) -> Json:
        """The answer's body."""
        body: Json = {"message": self.message, "code": self.code}
        return {**body, "errors": self.errors} if self.errors else body


def unauthorized() -> DiscordError:
    """No token, or a wrong one."""
    return DiscordError(0, status=401, message="401: Unauthorized")


def not_found() -> DiscordError:
    """There is nothing at this address."""
    return DiscordError(0, status=404, message="404: Not Found")
