"""What would go wrong with an archive: each document, and all together; nothing is sent."""
