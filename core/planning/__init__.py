"""From an interpretation to calls and runs, under policy."""
