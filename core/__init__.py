"""The rules of the bot: values, decisions, and the ports that the outside implements. No I/O here."""
