"""Physical backups, the WAL archive and recovery, on clusters of the tests' own."""
