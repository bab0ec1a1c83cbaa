"""Jaeger, which keeps traces."""
