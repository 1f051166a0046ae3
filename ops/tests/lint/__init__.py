"""The linter for migrations."""
