"""What an import would do: documents read, translated, checked and written into a journal."""
