"""What a port promises: each test class runs on the in-memory fake and on the real adapter."""
