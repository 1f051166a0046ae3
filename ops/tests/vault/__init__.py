"""Copies of backups at another place: a real S3 server, a folder, and memory."""
