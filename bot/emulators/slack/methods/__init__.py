"""The Web API's methods."""

from collections.abc import Callable
from typing import Any

from bot.emulators.slack.call import Call
from bot.emulators.slack.methods import (
    basics,
    bookmarks,
    conversations,
    files,
    history,
    membership,
    messages,
    pins,
    reactions,
    streams,
    users,
    views,
)

METHODS: dict[str, Callable[[Call], dict[str, Any]]] = {
    **basics.METHODS,
    **bookmarks.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **history.METHODS,
    **membership.METHODS,
    **messages.METHODS,
    **pins.METHODS,
    **reactions.METHODS,
    **streams.METHODS,
    **users.METHODS,
    **views.METHODS,
}
