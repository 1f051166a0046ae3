"""What routes ask for: the services behind a request, and who sends it."""
