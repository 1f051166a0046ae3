"""Invoke tasks run as processes, in a copy of the repository. Imports nothing of ours."""
