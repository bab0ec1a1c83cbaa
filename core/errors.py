"""What can go wrong, by what the caller may do about it.

    BotError                      retryable or not; delay if known
      UserInputError              ask again, with the reason
      AuthenticationError         who are you; never retry as is
      DeniedError                 say who may; never retry
        ApprovalRefused
        ApprovalExpired
      NotFoundError
      TooManyRequests             our own limit; retryable, with delay
      ConflictError               reload and decide again (version, lease, duplicate id)
      UnavailableError            a part of ours is down or starting; retryable
      UpstreamError               names the service
        UpstreamTimeout           retryable
        UpstreamUnavailable       retryable
        RateLimited               retryable, with delay
        UpstreamRejected          not retryable
        UpstreamProtocolError     not retryable; one side is wrong
      DefinitionError             a workflow definition is invalid (file, line, reason)
      HistoryError                a stored run cannot be folded

Programming mistakes stay built-in exceptions. `message` is safe to show to a person: no secrets, no traces.
"""

from dataclasses import dataclass
from typing import ClassVar


class BotError(Exception):
    """Base of everything that is expected to go wrong now and then."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "", delay: float | None = None) -> None:
        """`message`: what happened; `hint`: what to do next; `delay`: seconds until a retry may help."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.delay = delay


class UserInputError(BotError):
    """The request cannot be understood or carried out as written."""

    code = "VALIDATION_ERROR"
    status = 400


class AuthenticationError(BotError):
    """Nobody, or not who they claim: a missing or wrong key, token or signature."""

    code = "AUTH_FAILED"
    status = 401


class DeniedError(BotError):
    """This person may not do that. The hint says who may."""

    code = "FORBIDDEN"
    status = 403


class ApprovalRefused(DeniedError):
    """This decision does not count: wrong person, the requester, decided already, plan changed."""


class ApprovalExpired(DeniedError):
    """The time to decide is over."""


class NotFoundError(BotError):
    """No such run, approval, workflow or channel."""

    code = "NOT_FOUND"
    status = 404


class ConflictError(BotError):
    """Somebody else was first: the expected version, claim or id is taken."""

    code = "CONFLICT"
    status = 409


class TooManyRequests(BotError):
    """Our own limit was reached."""

    code = "RATE_LIMIT_EXCEEDED"
    status = 429
    retryable = True


class UnavailableError(BotError):
    """A part of this bot is down or not ready yet."""

    code = "SERVICE_UNAVAILABLE"
    status = 503
    retryable = True


class UpstreamError(BotError):
    """Another service failed us."""

    code = "DEPENDENCY_FAILURE"
    status = 502

    def __init__(self, service: str, message: str, *, hint: str = "", delay: float | None = None) -> None:
        super().__init__(message, hint=hint, delay=delay)
        self.service = service


class UpstreamTimeout(UpstreamError):
    """No answer in time. What we asked for may or may not have happened."""

    code = "TIMEOUT"
    status = 504
    retryable = True


class UpstreamUnavailable(UpstreamError):
    """Connection refused or lost, or a 5xx."""

    retryable = True


class RateLimited(UpstreamError):
    """The service told us to slow down; `delay` says how long."""

    retryable = True


class UpstreamRejected(UpstreamError):
    """The service understood and said no; asking again will not help. `reason` is its own error code."""

    def __init__(self, service: str, message: str, *, reason: str = "", hint: str = "") -> None:
        super().__init__(service, message, hint=hint)
        self.reason = reason


class UpstreamProtocolError(UpstreamError):
    """The answer breaks the service's own contract."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a definition file. `line` counts from 1."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class DefinitionError(BotError):
    """A workflow definition is invalid; `problems` lists every fault found."""

    code = "VALIDATION_ERROR"
    status = 400

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class HistoryError(BotError):
    """A stored run cannot be folded: an event is unknown, out of order, or unreadable."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is stored, shown and sent: a closed value. Made by `describe` only."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False
    service: str = ""

    may_have_happened: bool = False
    """What was asked for may have been done all the same: no answer came, or none that says it was not."""


def describe(error: BaseException) -> Failure:
    """Turn any exception into the value that may be stored or shown. Unknown ones say nothing of their insides."""
    if isinstance(error, UpstreamError):
        certain = isinstance(error, UpstreamRejected | RateLimited)
        return Failure(error.code, error.message, error.hint, error.retryable, error.service, not certain)
    if isinstance(error, BotError):
        return Failure(error.code, error.message, error.hint, error.retryable)
    said = "Something broke on our side.", "It is in the log with this reference."
    return Failure("INTERNAL_ERROR", *said, may_have_happened=True)
