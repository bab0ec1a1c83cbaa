"""What people can ask for: one file an intent family; `registry.INTENTS` is the list."""
