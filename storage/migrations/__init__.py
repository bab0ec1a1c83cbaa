"""The schema's history. `HEAD` is the version that this code needs."""

HEAD = "0003"
KNOWN = ("0001", "0002", "0003")
"""Every version so far, oldest first. A database at any other was made by a newer Copilot."""
