"""Todoist: its API v1, as far as a two-way sync needs it."""
