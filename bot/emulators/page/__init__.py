"""A chat page for the emulated workspaces: people's side of the conversation, in a browser."""

from bot.emulators.page.server import ChatPage, Suggestion

__all__ = ["ChatPage", "Suggestion"]
