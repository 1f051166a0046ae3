"""What we ask of the outside: each a protocol, the real one, and where it can be, a built-in one."""
