"""Me: what is known of the person who asks."""
