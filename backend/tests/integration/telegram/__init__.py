"""Telegram, against a stand-in that behaves like it."""
