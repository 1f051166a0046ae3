"""The public contracts as files: written so that two runs write the same, and never so that a reader breaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from backend.admin.compatibility import Schema, breaks

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Answers(GenerateJsonSchema):
    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001  # as it is called
        """Return whether a property is always there: in an answer all are, those with a default too."""
        del total
        return not field.get("serialization_exclude", False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What is in a folder, held against the contracts that the service has.

    Attributes:
        stale: Names of files that are not as they would be written; a missing one is stale.
        breaks: What would break a reader, one line each; a contract that the service does not have any more, too.
    """

    stale: tuple[str, ...]
    breaks: tuple[str, ...]


def schema_of(name: str, model: type[BaseModel]) -> Schema:
    """Return the JSON Schema of a contract's answers.

    Args:
        name: The contract, with its version.
        model: Its record.
    """
    schema = model.model_json_schema(schema_generator=_Answers, mode="serialization")
    return {"$schema": _DIALECT, "$id": f"urn:contract:{name}", **schema}


def compare(folder: Path, contracts: Mapping[str, type[BaseModel]]) -> Comparison:
    """Return how far a folder's files are from the contracts.

    Args:
        folder: Holds a file for each contract, or will.
        contracts: By name.
    """
    written = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    found = [f"{name}: the service does not have it any more" for name in written if name not in contracts]
    for name, model in contracts.items():
        if name in written:
            found += [f"{name}: {each}" for each in breaks(json.loads(written[name]), schema_of(name, model))]
    stale = [name for name, model in contracts.items() if written.get(name) != _text(name, model)]
    return Comparison(stale=tuple(stale), breaks=tuple(found))


def write(folder: Path, contracts: Mapping[str, type[BaseModel]]) -> Comparison:
    """Write what is stale, unless anything would break a reader; return what was found before.

    Args:
        folder: Made when absent.
        contracts: By name.
    """
    compared = compare(folder, contracts)
    if not compared.breaks:
        folder.mkdir(parents=True, exist_ok=True)
        for name in compared.stale:
            folder.joinpath(f"{name}.json").write_text(_text(name, contracts[name]), encoding="utf-8")
    return compared


def _text(name: str, model: type[BaseModel]) -> str:
    return json.dumps(schema_of(name, model), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
