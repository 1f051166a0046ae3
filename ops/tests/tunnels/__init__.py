"""An environment behind an SSH server: a real sshd, a real client, real servers behind it."""
