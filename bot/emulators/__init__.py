"""Slack and Discord on loopback; import nothing from the rest."""
