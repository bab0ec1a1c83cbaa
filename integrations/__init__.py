"""Other services, one folder each: client, tools, fake."""
