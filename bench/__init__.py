"""Measurements beside bare alternatives, as ratios of one run. Timings live here, never in a test."""
