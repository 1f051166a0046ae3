"""The public contracts, by name and version: what callers may rely on."""

from typing import Final

from pydantic import BaseModel

from backend.features.capture.schemas import CaptureV1

CONTRACTS: Final[dict[str, type[BaseModel]]] = {"capture.v1": CaptureV1}

__all__ = ["CONTRACTS", "CaptureV1"]
