"""Evaluates PromQL for the fake: series, functions over ranges, operators, aggregations."""
