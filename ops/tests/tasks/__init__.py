"""Tests of the tasks and their console."""
