"""Questions about calls of language models: what they cost, how many tokens they took, how long they lasted and how they failed."""
