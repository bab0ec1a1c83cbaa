"""Tempo, which keeps traces."""
