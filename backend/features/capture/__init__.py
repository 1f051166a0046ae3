"""Capture: keep a thought, and process it later."""
