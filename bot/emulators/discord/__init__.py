"""Discord on loopback, for any bot."""

from bot.emulators.discord.emulator import DiscordEmulator

__all__ = ["DiscordEmulator"]
