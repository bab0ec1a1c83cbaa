"""Where records live: implementations of the data ports in `core.ports`."""
