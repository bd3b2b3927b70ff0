"""The tables of `mappings/`: typed rules, loading, checking, and the sentences of the codes."""
