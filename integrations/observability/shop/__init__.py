"""The running systems behind the demo: a shop of eight services, told by what it measures. Nothing in it is random or kept: every moment
of the last two weeks can be asked for, and answers the same each time."""
