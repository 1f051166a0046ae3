"""Tests of what a trial means."""
