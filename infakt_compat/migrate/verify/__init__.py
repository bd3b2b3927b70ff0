"""The proof of a move: what v3 holds, read back and compared with the archive field by field."""
