"""Todoist: one account, kept the same as its owner's tasks here."""
