"""Runs: definitions, histories, decisions."""
