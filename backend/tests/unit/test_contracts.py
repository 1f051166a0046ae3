"""Public contracts: nobody who reads an answer by its published schema trips over a newer one."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from backend.admin import contracts
from backend.admin.compatibility import breaks
from backend.admin.main import DONE, REFUSED, main
from backend.api.main import create_app
from backend.api.schemas import CONTRACTS
from backend.tests.unit.settings import make_environment

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference" / "contracts"
TEXT: dict[str, Any] = {"type": "string"}


def answer(required: tuple[str, ...] = ("a",), **properties: Any) -> dict[str, Any]:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required)}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of something that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def behind(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose property is described elsewhere."""
    return {**answer(a={"$ref": "#/$defs/A"}), "$defs": {"A": schema}}


def inside(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an object with a list in a list."""
    return answer(a={"type": "array", "items": {"type": "array", "items": schema}})


COMPATIBLE = {
    "the same": (answer(a=TEXT), answer(a=TEXT)),
    "words about it": (answer(a=TEXT), answer(a={**TEXT, "title": "A", "description": "b", "default": "c"})),
    "another property": (answer(a=TEXT), answer(a=TEXT, b=TEXT)),
    "another required property": (answer(a=TEXT), answer(("a", "b"), a=TEXT, b=TEXT)),
    "required from now on": (answer((), a=TEXT), answer(a=TEXT)),
    "never null any more": (answer(a=or_null(TEXT)), answer(a=TEXT)),
    "fewer values": (answer(a={"enum": ["x", "y"], **TEXT}), answer(a={"const": "x", **TEXT})),
    "only some values": (answer(a=TEXT), answer(a={"enum": ["x"], **TEXT})),
    "a format at last": (answer(a=TEXT), answer(a={"format": "date", **TEXT})),
    "tighter bounds": (
        answer(a={"type": "integer", "minimum": 0, "maximum": 9}),
        answer(a={"type": "integer", "minimum": 1, "maximum": 4}),
    ),
    "whole numbers only": (answer(a={"type": "number"}), answer(a={"type": "integer"})),
    "moved elsewhere": (answer(a=TEXT), behind(TEXT)),
    "null in another form": (answer(a=or_null(TEXT)), answer(a={"type": ["string", "null"]})),
    "anything became text": (answer(a={}), answer(a=TEXT)),
}
INCOMPATIBLE = {
    "removed": (answer(a=TEXT), answer((), b=TEXT), "answer.a is gone"),
    "renamed": (answer((), user_id=TEXT), answer((), userId=TEXT), "answer.user_id is gone"),
    "may be missing": (answer(a=TEXT), answer((), a=TEXT), "answer.a may be missing now"),
    "may be null": (answer(a=TEXT), answer(a=or_null(TEXT)), "answer.a may be nothing now"),
    "another type": (answer(a=TEXT), answer(a={"type": "integer"}), "answer.a may be an integer now"),
    "a wider type": (answer(a={"type": "integer"}), answer(a={"type": "number"}), "answer.a may be a number now"),
    "any type": (answer(a=TEXT), answer(a={}), "answer.a may be anything now"),
    "one more value": (
        answer(a={"enum": ["x"], **TEXT}),
        answer(a={"enum": ["x", "y"], **TEXT}),
        "answer.a may be 'y' now",
    ),
    "any value": (answer(a={"enum": ["x"], **TEXT}), answer(a=TEXT), "answer.a may be any value now"),
    "another constant": (answer(a={"const": "p.v1"}), answer(a={"const": "p.v2"}), "answer.a may be 'p.v2' now"),
    "another format": (
        answer(a={"format": "date", **TEXT}),
        answer(a={"format": "date-time", **TEXT}),
        "answer.a has format date-time instead of date",
    ),
    "no format": (answer(a={"format": "uuid", **TEXT}), answer(a=TEXT), "answer.a has format None instead of uuid"),
    "a looser bound": (
        answer(a={"type": "number", "maximum": 1}),
        answer(a={"type": "number", "maximum": 2}),
        "answer.a has maximum 2 instead of 1",
    ),
    "no bound": (
        answer(a={**TEXT, "minLength": 1}),
        answer(a=TEXT),
        "answer.a has minLength None instead of 1",
    ),
    "behind a reference": (behind(answer(("b",), b=TEXT)), behind(answer((), b=TEXT)), "answer.a.b may be missing now"),
    "in a list": (inside(TEXT), inside(or_null(TEXT)), "answer.a[][] may be nothing now"),
    "in what may be null": (
        answer(a=or_null(answer(b=TEXT))),
        answer(a=or_null(answer(b={"type": "boolean"}))),
        "answer.a.b may be a boolean now",
    ),
    "in a map": (
        answer(a={"type": "object", "additionalProperties": TEXT}),
        answer(a={"type": "object", "additionalProperties": {"type": "integer"}}),
        "answer.a.* may be an integer now",
    ),
    "what was ruled out": (
        {**answer(a=TEXT), "additionalProperties": False},
        answer(a=TEXT, b=TEXT),
        "answer.b was ruled out",
    ),
    "a list became one": (
        answer(a={"type": "array", "items": TEXT}),
        answer(a=TEXT),
        "answer.a may be text now",
    ),
}


class TestBreaks:
    """What a reader trips over."""

    @pytest.mark.parametrize("case", COMPATIBLE)
    def test_compatible(self, case: str) -> None:
        """Less than before, or more beside it, harms nobody."""
        old, new = COMPATIBLE[case]

        assert breaks(old, new) == []

    @pytest.mark.parametrize("case", INCOMPATIBLE)
    def test_incompatible(self, case: str) -> None:
        """What an old reader did not foresee is said, with its place."""
        old, new, said = INCOMPATIBLE[case]

        assert breaks(old, new) == [said]

    def test_a_schema_that_holds_itself_has_an_end(self) -> None:
        """A tree is compared as deep as anybody reads."""
        tree = {"$ref": "#/$defs/T", "$defs": {"T": answer((), a={"$ref": "#/$defs/T"})}}

        assert breaks(tree, tree) == []


@pytest.mark.contracts
class TestPublished:
    """docs/reference/contracts."""

    def test_no_reader_breaks(self) -> None:
        """A change that breaks readers is a new version, beside the old one."""
        assert contracts.compare(FOLDER, CONTRACTS).breaks == ()

    def test_files_are_as_the_code_is(self) -> None:
        """Otherwise: uv run invoke contracts.write."""
        assert contracts.compare(FOLDER, CONTRACTS).stale == ()

    @pytest.mark.parametrize("name", CONTRACTS)
    def test_every_answer_says_what_it_is(self, name: str) -> None:
        """Its first required property is the contract with its version."""
        schema = contracts.schema_of(name, CONTRACTS[name])

        assert "contract" in schema["required"]
        assert schema["properties"]["contract"]["const"] == name

    def test_every_contract_is_answered(self) -> None:
        """Each one is some route's answer, and no route answers with one that is not published."""
        shown = create_app(make_environment()).openapi()["components"]["schemas"]
        answered = {each["properties"]["contract"]["const"] for each in shown.values() if _is_contract(each)}

        assert answered == set(CONTRACTS)


def _is_contract(schema: dict[str, Any]) -> bool:
    return "const" in schema.get("properties", {}).get("contract", {})


class Thing(BaseModel):
    """A contract."""

    contract: Literal["thing.v1"] = "thing.v1"
    name: str


class NamelessThing(BaseModel):
    """The same contract, broken."""

    contract: Literal["thing.v1"] = "thing.v1"


class TestWrite:
    """What is written, and what is not."""

    def test_twice_writes_the_same(self, tmp_path: Path) -> None:
        """Then nothing is stale."""
        first = contracts.write(tmp_path, {"thing.v1": Thing})
        text = (tmp_path / "thing.v1.json").read_bytes()
        second = contracts.write(tmp_path, {"thing.v1": Thing})

        assert (first.stale, second.stale) == (("thing.v1",), ())
        assert (tmp_path / "thing.v1.json").read_bytes() == text
        assert json.loads(text)["$id"] == "urn:contract:thing.v1"

    def test_what_breaks_readers_is_not_written(self, tmp_path: Path) -> None:
        """Neither a changed contract nor one that is gone: the file that readers rely on stays."""
        contracts.write(tmp_path, {"thing.v1": Thing})
        text = (tmp_path / "thing.v1.json").read_bytes()

        changed = contracts.write(tmp_path, {"thing.v1": NamelessThing})
        gone = contracts.write(tmp_path, {})

        assert changed.breaks == ("thing.v1: answer.name is gone",)
        assert gone.breaks == ("thing.v1: the service does not have it any more",)
        assert (tmp_path / "thing.v1.json").read_bytes() == text

    def test_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It checks, writes, and refuses to write over what would break."""
        folder = str(tmp_path / "contracts")

        codes = [main(["write-contracts", *flags, folder]) for flags in (("--check",), (), ("--check",))]
        (tmp_path / "contracts" / "plan.v1.json").write_text('{"properties": {"gone": {"type": "string"}}}')
        refused = main(["write-contracts", folder])

        assert (codes, refused) == ([REFUSED, DONE, DONE], REFUSED)
        assert "plan.v1: answer.gone is gone" in capsys.readouterr().err
