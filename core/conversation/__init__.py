"""From a turn to a reply, and all wording."""
