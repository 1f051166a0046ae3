"""Tokens: a person looks at theirs, makes one, revokes one."""
