"""PromQL: a typed model with printer and reader, sentences to queries, checks before a query runs, and plain words for what it does."""
