"""What looks for secrets, and what it finds."""
