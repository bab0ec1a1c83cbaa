"""Measures how well sentences are understood, on sets that somebody else wrote and labelled."""
