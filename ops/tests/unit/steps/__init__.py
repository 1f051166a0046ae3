"""One file per step: check, apply, verify, revert."""
