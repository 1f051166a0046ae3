"""JSON as the standard has it, and one object among other words."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.providers.llm import replies, strict_json
from backend.providers.llm.errors import REASONS, ProviderError
from backend.providers.llm.strict_json import UnfinishedError

TEXT = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
FEW = settings(max_examples=50)


@FEW
@given(value=OBJECTS, before=TEXT, after=TEXT)
def test_one_object_is_found_among_words(value: dict[str, object], before: str, after: str) -> None:
    """Whatever its texts hold; words with brackets of their own are too much."""
    text = f"{before} {json.dumps(value)} {after}"
    if any(sign in before + after for sign in "{}[]"):
        return

    assert strict_json.parse_answer(text) == value


@FEW
@given(value=OBJECTS.filter(bool), kept=st.floats(0.01, 0.99))
def test_what_was_cut_short_is_never_mended(value: dict[str, object], kept: float) -> None:
    """It ends inside of an object, and that is all that is said of it."""
    text = json.dumps(value)

    with pytest.raises(UnfinishedError):
        strict_json.parse_answer(text[: max(1, int(len(text) * kept))])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no object at all",
        "[1",
        "{} {}",
        '{"a":1}\n{"a":1}',
        '[{"a":1}',
        '{"a":1}]',
        '```json\n{"a":1}\n```\n```json\n{"a":2}\n```',
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":1e999}',
        "{'a':1}",
        '{"a":1,}',
        '{"a":01}',
        '{"a":"\t"}',
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' + "9" * 5_000 + "}",
    ],
)
def test_what_is_refused(text: str) -> None:
    """By one error of ours."""
    with pytest.raises(ValueError):  # noqa: PT011 -- that it is this one and no other is the rule
        strict_json.parse_answer(text)


@pytest.mark.parametrize(
    "text",
    ["{" * 500_000, '{"' + '\\"' * 250_000, '{"a":"' + "\\" * 500_000, '{"a":' * 150_000, "}" * 500_000, '"' * 500_000],
    ids=["open", "escaped", "backslashes", "nested", "closed", "quotes"],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    """Its length once, not its square."""
    began_s = time.process_time()

    with pytest.raises(ValueError):  # noqa: PT011
        strict_json.parse_answer(text)

    assert time.process_time() - began_s < 2.0


def ended(envelope: dict[str, object]) -> str:
    """Return how reading an envelope ends; any other error is a defect."""
    try:
        replies.payload_of(envelope)
    except ProviderError as error:
        return error.reason
    return "ok"


@given(envelope=st.dictionaries(st.sampled_from(["output", "status", "error", "incomplete_details"]), JSON))
def test_any_envelope_has_a_payload_or_a_reason(envelope: dict[str, object]) -> None:
    """And raises nothing else."""
    assert ended(envelope) in {"ok", *REASONS}


@given(text=TEXT | st.text(alphabet='{}[]":,\\ntrue1e-. ') | JSON.map(json.dumps))
def test_any_text_has_a_payload_or_a_reason(text: str) -> None:
    """And raises nothing else."""
    part = {"type": "output_text", "text": text}

    assert ended({"output": [{"type": "message", "content": [part]}]}) in {
        "ok",
        "empty",
        "truncated",
        "invalid payload",
    }
