"""Getting in: signatures, tokens, nonces, passwords, configuration."""
