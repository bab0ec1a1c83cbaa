"""How an API call fails."""

from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """An answer `{"ok": false, "error": code, …}`."""

    def __init__(self, code: str, **extra: object) -> None:
        """`extra`: further fields of the answer."""
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> Json:
        """The answer's body."""
        return {"ok": False, "error": self.code, **self.extra}


class RateLimited(SlackError):
    """HTTP 429 with Retry-After."""

    def __init__(self, retry_after: float) -> None:
        """`retry_after`: seconds."""
        super().__init__("ratelimited")
        self.retry_after = retry_after


def invalid(code: str, problems: list[str]) -> SlackError:
    """An error that lists its reasons the way Slack does."""
    return SlackError(
        code, errors=problems, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]}
    )
