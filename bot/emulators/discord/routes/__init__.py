"""The routes of the REST API, by what they are about."""

from bot.emulators.discord.call import Route
from bot.emulators.discord.routes import basics, callbacks, channels, commands, members, messages, rooms

ROUTES: list[Route] = [
    *basics.ROUTES,
    *members.ROUTES,
    *messages.ROUTES,
    *channels.ROUTES,
    *rooms.ROUTES,
    *commands.ROUTES,
    *callbacks.ROUTES,
]
"""Fixed paths come before those with a placeholder in the same place."""
