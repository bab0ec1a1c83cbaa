"""Evaluates TraceQL for the fake: conditions on spans, their structure, pipelines, numbers over time."""
