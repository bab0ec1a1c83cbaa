"""Slack on loopback, for any bot."""

from bot.emulators.slack.emulator import SlackEmulator

__all__ = ["SlackEmulator"]
