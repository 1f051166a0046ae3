"""A stand-in for Todoist's API v1: the Sync endpoint and REST, over one set of accounts in memory."""
