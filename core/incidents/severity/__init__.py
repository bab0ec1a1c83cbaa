"""How bad an incident is, proposed from a report."""
