"""What the assistant can do; features do not know each other."""
