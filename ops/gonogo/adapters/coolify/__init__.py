"""Coolify's HTTP API by the rules of docs/coolify.md."""

from gonogo.adapters.coolify.calls import Patience
from gonogo.adapters.coolify.client import Coolify

__all__ = ["Coolify", "Patience"]
