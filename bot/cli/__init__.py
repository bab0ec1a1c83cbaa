"""The command line: `copilot`."""
