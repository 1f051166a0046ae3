"""The second place for backups: encrypted copies in a bucket or on a mounted disk, each of them whole or not there."""

from gonogo.adapters.vault.copies import ObjectVault

__all__ = ("ObjectVault",)
