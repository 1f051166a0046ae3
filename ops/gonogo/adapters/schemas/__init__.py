"""A schema as its catalog has it, as models expect it, and as it takes the statements that code sends."""

from gonogo.adapters.schemas.answers import answers
from gonogo.adapters.schemas.catalog import read
from gonogo.adapters.schemas.literals import literals
from gonogo.adapters.schemas.models import expected

__all__ = ["answers", "expected", "literals", "read"]
