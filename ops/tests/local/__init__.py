"""The local stack: its servers, its Coolify stand-in, its traffic."""
