"""LLM-Observatory: what calls of language models cost, took and how they failed; and its unified service."""
