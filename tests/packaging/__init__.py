"""What is built from the checkout."""
