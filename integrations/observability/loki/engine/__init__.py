"""Evaluates LogQL for the fake: streams, pipelines, counts over time."""
