"""Plan: what today is for."""
