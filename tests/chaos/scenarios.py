"""What people do while the bot dies. Each scenario ends when everything that people can see of it is there.

To put another path under the crash matrix, write it here as a function of `Play` and add it to SCENARIOS.
"""

from collections.abc import Awaitable, Callable

from tests.chaos.play import Play

Scenario = Callable[[Play], Awaitable[None]]

_HOURS = 3600.0
_PRODUCTION = "run deploy service=checkout environment=production version=2.9.0"


async def question(play: Play) -> None:
    """A question in a channel is answered in a thread, and one in that thread, too."""
    here, names = play.here, play.here.names
    message, _ = await here.say(names.dana, names.checkout, "@copilot which version of checkout is in production?")
    await play.sees_in(message, "checkout")
    await here.say(names.lee, names.checkout, "which version of payments is in staging?", message)
    await play.sees_in(message, "payments")


async def command(play: Play) -> None:
    """A slash command whose answer everybody sees."""
    await play.command(play.here.names.dana, play.here.names.checkout, "ask which version of checkout is in staging?")
    await play.sees(play.here, play.here.names.checkout, "checkout")


async def run(play: Play) -> None:
    """A run that needs nobody's approval."""
    await play.command(
        play.here.names.dana, play.here.names.checkout, "run deploy service=checkout environment=staging version=2.9.0"
    )
    await play.sees(play.here, play.here.names.checkout, "completed")


async def approved(play: Play) -> None:
    """A run that somebody approves."""
    await play.command(play.here.names.dana, play.here.names.checkout, _PRODUCTION)
    card = await play.asked()
    await play.click(play.there, play.there.names.lee, card, "Approve")
    await play.sees(play.here, play.here.names.checkout, "completed")
    await play.sees(play.there, play.there.names.approvals, "pproved by")


async def denied(play: Play) -> None:
    """A run that somebody denies, with a reason."""
    await play.command(play.here.names.dana, play.here.names.checkout, _PRODUCTION)
    card = await play.asked()
    await play.form(play.there, play.there.names.lee, card, "Deny …", {"reason": "Freeze until Monday"})
    await play.sees(play.here, play.here.names.checkout, "Freeze until Monday")
    await play.sees(play.there, play.there.names.approvals, "enied by")


async def expired(play: Play) -> None:
    """A request that nobody answers reminds, escalates and expires."""
    await play.command(play.here.names.dana, play.here.names.checkout, _PRODUCTION)
    await play.asked()
    # Each message is waited for before the clock moves on: what is late by hours is rightly not sent any more.
    await play.sees(play.here, play.here.names.checkout, "waiting for approval")
    play.advance(2 * _HOURS + 1)
    await play.reminded(1)
    play.advance(1.6 * _HOURS)
    await play.sees(play.there, play.there.names.approvals, "escalated")
    await play.reminded(2)
    play.advance(_HOURS)
    await play.sees(play.there, play.there.names.approvals, "Expired")


async def incident(play: Play) -> None:
    """An incident is declared, gets its room, is told of and resolved."""
    here, names = play.here, play.here.names
    await play.command(names.dana, names.checkout, "declare checkout fails severity=sev1")
    room = await play.room()
    await play.command(names.dana, room, "incident severity=sev2 status=identified")
    await play.command(names.dana, room, "update we are rolling back")
    await play.sees(here, names.checkout, "we are rolling back")
    await play.command(names.dana, room, "resolve errors are gone")
    await play.sees(here, names.checkout, "errors are gone")
    await play.sees(here, room, "errors are gone")


SCENARIOS: tuple[Scenario, ...] = (question, command, run, approved, denied, expired, incident)
ACROSS: tuple[Scenario, ...] = (approved, denied)
"""Those that are also played with the request on one platform and the decision on the other."""
