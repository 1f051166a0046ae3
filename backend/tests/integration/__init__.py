"""Tests on a real Postgres and a real Redis."""
