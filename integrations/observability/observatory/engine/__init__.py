"""What the fakes of LLM-Observatory evaluate: calls as columns, filters, rows by the minute, and what is made of them."""
