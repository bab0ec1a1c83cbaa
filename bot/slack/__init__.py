"""Slack: transport, inbound, render, connector."""
