"""Runs Alembic migrations on PostgreSQL so that production does not notice: two lines in env.py."""

from gonogo_migrator.entry import run
from gonogo_migrator.errors import GaveUpError, MigratorError, StoppedError
from gonogo_migrator.settings import Settings

__all__ = ["GaveUpError", "MigratorError", "Settings", "StoppedError", "run"]
