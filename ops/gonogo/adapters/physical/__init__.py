"""Physical backups: copies of a cluster's files, chains of them, its WAL, and recovery to a moment."""
