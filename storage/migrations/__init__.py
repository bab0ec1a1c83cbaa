"""The schema's history. `HEAD` is the version that this code needs."""

HEAD = "0009"
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every version so far, oldest first. A database at any other was made by a newer Copilot."""
