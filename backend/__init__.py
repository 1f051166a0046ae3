"""The assistant: an API and a worker over one Postgres and one Redis."""
