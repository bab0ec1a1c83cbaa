"""Trains the intent classifier. Not part of the shipped package."""
