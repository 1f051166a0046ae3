"""gonogo carries a release of a Python service from commit to verified production, and back."""
