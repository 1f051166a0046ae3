"""The job queue as its operator meets it."""
