"""Loki, which keeps logs."""
