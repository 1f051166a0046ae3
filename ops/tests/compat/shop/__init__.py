"""A very small service of somebody else's, to be lived with on another schema."""
