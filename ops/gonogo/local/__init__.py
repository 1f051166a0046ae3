"""The local stack: real servers, a Coolify stand-in that runs real processes, and traffic through it."""
