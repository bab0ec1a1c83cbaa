"""People and other programs: platforms, command line, composition."""
