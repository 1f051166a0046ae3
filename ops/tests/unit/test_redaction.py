"""What must never be shown is not shown, whatever form it has taken; everything else stays as it is."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.model import Finding, Secret, Severity
from gonogo.redaction import STARS, Redaction

WORD = "p@ss/wörd\"with'everything&more"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=8, max_size=40)


@pytest.mark.parametrize(
    "written",
    [
        WORD,
        json.dumps(WORD),
        json.dumps(WORD, ensure_ascii=False),
        json.dumps(json.dumps(WORD)),
        json.dumps(WORD).replace("/", "\\/"),
        quote(WORD),
        quote(WORD, safe=""),
        quote(WORD, safe="").replace("%C3%B6", "%c3%b6").replace("%2F", "%2f").replace("%27", "%27"),
        repr(ValueError(WORD)),
        base64.b64encode(WORD.encode()).decode(),
        base64.urlsafe_b64encode(f"user:{WORD}".encode()).decode(),
        f"https://host/?token={quote(WORD, safe='')}&next=1",
    ],
)
def test_a_secret_is_hidden_in_every_form(written: str) -> None:
    """As encoders, tracebacks and headers write it."""
    hidden = Redaction([WORD]).hidden(f"before {written} after")

    assert STARS in hidden
    assert "everything" not in hidden
    assert (hidden.startswith("before "), hidden.endswith(" after")) == (True, True)


@given(word=WORDS, before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_word_survives(word: str, before: str, after: str) -> None:
    """Whatever stands around it."""
    assert word not in Redaction([word]).hidden(f"{before}{word}{after}")


@given(text=st.text(st.characters(codec="ascii"), max_size=80))
def test_nothing_is_hidden_twice(text: str) -> None:
    """What was hidden stays as it is."""
    redaction = Redaction([WORD, "another-secret"])

    assert redaction.hidden(redaction.hidden(text)) == redaction.hidden(text)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgresql://user:pa55@host:5432/db is away", "postgresql://user:***@host:5432/db is away"),
        ("redis://:pa55@host", "redis://:***@host"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        (f"12|{'a1' * 24} is unknown", "*** is unknown"),
        ("http://host:8000/a@b and 12|short", "http://host:8000/a@b and 12|short"),
        ("nothing of the kind, user@host", "nothing of the kind, user@host"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_unknown(text: str, hidden: str) -> None:
    """A password in a URL, a bearer token, a token of Coolify's; nothing else."""
    assert Redaction().hidden(text) == hidden


def test_short_words_stay() -> None:
    """They would garble every text; such secrets are refused before a release."""
    assert Redaction(["api", "", "a"]).hidden("an api") == "an api"


def test_the_longer_of_two_secrets_goes_first() -> None:
    """So that nothing of it is left over."""
    assert Redaction(["secret-one", "secret-one-and-two"]).hidden("secret-one-and-two!") == f"{STARS}!"


def test_json_keeps_its_shape_and_its_keys() -> None:
    """Only values are hidden; names of variables must still be read."""
    data = {"another-secret": ["x", "another-secret y", 3, None, {"a": True}]}

    assert Redaction(["another-secret"]).hidden_in(data) == {
        "another-secret": ["x", f"{STARS} y", 3, None, {"a": True}]
    }


def test_a_secret_knows_its_parts() -> None:
    """A URL's password, quoted and not; what follows the number of a Coolify token."""
    assert Secret("URL", "postgresql://u:p%40ss@h/d").words == ("postgresql://u:p%40ss@h/d", "p%40ss", "p@ss")
    assert Secret("TOKEN", "12|abc").words == ("12|abc", "abc")


def test_a_record_is_told_by_its_fields() -> None:
    """Those of its records, too; a secret in one of them is hidden as anywhere."""
    finding = Finding(rule="another-secret-rule", severity=Severity.BLOCK, message="says another-secret", hint="")
    assert Redaction(["another-secret"]).hidden_in({"each": (finding,)}) == {
        "each": [{"rule": "***-rule", "severity": "block", "message": "says ***", "hint": ""}]
    }


@pytest.mark.parametrize("text", ["BEARER abcdefgh1234", "authorization: Bearer abcdefgh1234"])
def test_a_bearer_token_is_hidden_however_it_is_spelled(text: str) -> None:
    """By its looks alone."""
    assert "abcdefgh1234" not in Redaction().hidden(text)
