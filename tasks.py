"""The Invoke namespace: what operates an environment. What is verified is in noxfile.py."""

from gonogo.tasks import namespace as ns

__all__ = ["ns"]
