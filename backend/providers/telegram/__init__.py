"""Telegram: what we ask of its Bot API, what it sends us, and how long a message may be."""
