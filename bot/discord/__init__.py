"""Discord: transport, inbound, render, connector."""
