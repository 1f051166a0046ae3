"""The runner, in projects that know nothing but its two lines."""
