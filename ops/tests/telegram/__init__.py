"""The bot's webhook: judged, set, proved."""
