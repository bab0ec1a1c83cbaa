"""Incidents: from declaration to post-mortem."""
