"""Every contract that the outside implements. Adapters document only where they differ."""
