"""Backups by the project's own script, on real servers."""
