"""A stand-in for Telegram's Bot API: methods, a webhook with its queue and retries, and the limits of sending."""
