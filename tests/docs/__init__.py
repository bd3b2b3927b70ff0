"""The documentation, checked."""
