"""Trials of migrations on copies, with real servers and projects that know nothing of the toolkit."""
