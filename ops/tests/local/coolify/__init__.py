"""The Coolify stand-in: every fault, every version, every answer."""
