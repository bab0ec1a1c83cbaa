"""Looks at everything the bot depends on, and says what is wrong and how to mend it."""
