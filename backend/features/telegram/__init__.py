"""Telegram: link a chat, and capture, ask and plan from there."""
