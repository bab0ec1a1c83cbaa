"""What a transport hands its payloads to. `bot.gateway.Gateway` is the one implementation; tests may use their own."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.intents.verbs import Completes
from core.messages import Form, Incoming, Option, Overheard, Place, Platform

COMMIT_WITHIN_EVENT = 2.5
"""Seconds to commit a Slack event in; Slack gives up after 3 and sends again."""
COMMIT_WITHIN_INTERACTION = 0.4
"""Seconds after which a command, click or form is acknowledged or deferred even when its commit still runs."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A form to open at once, before any I/O."""

    form: Form
    token: str = ""
    """Comes back in `Submission.token`."""


class Ingress(Protocol):
    """One inbound path for all platforms."""

    async def event(self, item: Incoming | Overheard) -> bool:
        """Commit something the platform sends again when it is not acknowledged. Returns when it is committed (True) or known
        already (False): acknowledge. Raises UnavailableError when it could not be committed within COMMIT_WITHIN_EVENT:
        withhold the acknowledgement. What was only overheard is False once it is remembered, or not wanted."""
        ...

    async def interaction(self, item: Incoming, *, lost: Callable[[], Awaitable[None]]) -> bool:
        """Commit something that is never sent again. Returns within COMMIT_WITHIN_INTERACTION at the latest: True when
        committed, False while still committing; acknowledge or defer in both cases. Should the commit fail, before or after
        that, `lost` is awaited once: it tells the person "not recorded, nothing was done". Never raises for a failed commit."""
        ...

    def opening_for_command(self, text: str) -> Opening | None:
        """The form that a command opens (arguments missing); from memory only, no I/O."""
        ...

    def opening_for_action(self, action: str, *, text: str = "") -> Opening | None:
        """The form that a button `form:<name>[:<token>]` opens; from memory only. None for other actions or unknown forms.
        `text`: of the message whose menu was used; it fills the form's last text field."""
        ...

    def complete(
        self, what: Completes, typed: str, *, context: Sequence[str] = (), place: Place | None = None
    ) -> Sequence[Option]:
        """At most 25 completions from memory, best first. `context`: the arguments typed before this one."""
        ...

    async def last_seen(self, platform: Platform) -> float:
        """Platform time (seconds) of the latest message or interaction of this platform that was committed; 0 without any."""
        ...

    async def unfinished(self, platform: Platform, *, since: float) -> Sequence[Incoming]:
        """What came from this platform after this time (seconds) and has no outcome yet, earliest first, from whichever process
        took it in. UnavailableError when the records are away."""
        ...

    def engaged(self, place: Place) -> bool:
        """True when the thread is known in memory as one the bot takes part in. A hint to fetch less; the core decides."""
        ...
