"""Alertmanager, which groups alerts and keeps them silent."""
