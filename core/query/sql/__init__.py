"""SQL over the bot's own records: a model, a builder, guards, explanations, and sentences turned into it.

Nothing of what a person wrote is ever run as text. A statement is parsed, every node of the tree must be one that is known to be
harmless (`guard`), each table is replaced by a subquery of what this person may see (`restrict`), and the tree is printed anew.
"""
