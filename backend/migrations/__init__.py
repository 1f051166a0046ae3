"""Schema changes, one transaction each, one migrator at a time."""
