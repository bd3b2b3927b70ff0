"""Archives: reading sources, converting them, what is refused, and the account of it."""
