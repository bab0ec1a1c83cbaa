"""Sentences to checked queries: one package a language, each with a typed model, a printer, a parser and guards."""
