"""Alerts that other systems tell us of: read, and merged into groups. Pure."""
