"""What Telegram sends is read without trust."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.providers.telegram import updates
from backend.providers.telegram.updates import MalformedUpdateError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
PERSON = {"id": 7, "is_bot": False, "first_name": "Ada"}
CHAT = {"id": 7, "type": "private"}


def body(**fields: Any) -> bytes:
    """Return an update as it is sent."""
    return json.dumps({"update_id": 5, **fields}).encode()


class TestRead:
    """An update becomes what we use of it."""

    def test_reads_a_message(self) -> None:
        """Who, where and what."""
        message = updates.read(body(message={"chat": CHAT, "from": PERSON, "text": " hi ", "date": 1})).message

        assert message is not None
        assert (message.chat_id, message.chat_type, message.user_id, message.text) == (7, "private", 7, "hi")

    def test_reads_what_is_written_below_a_picture(self) -> None:
        """A caption is a text."""
        message = updates.read(body(message={"chat": CHAT, "from": PERSON, "caption": "receipt", "photo": []})).message

        assert message is not None
        assert message.text == "receipt"

    def test_text_can_be_stored(self) -> None:
        """What Postgres cannot hold is left out."""
        message = updates.read(body(message={"chat": CHAT, "from": PERSON, "text": "a\0b\ud800c"})).message

        assert message is not None
        assert message.text == "ab\ufffdc"

    @pytest.mark.parametrize(
        "message",
        [
            None,
            [],
            "text",
            {},
            {"chat": None},
            {"chat": {"id": "7", "type": "private"}},
            {"chat": {"id": 2**63, "type": "private"}},
            {"chat": {"id": 7}},
            {"chat": CHAT, "from": {"id": True}},
            {"chat": CHAT, "from": PERSON, "text": 5},
            {"chat": CHAT, "from": PERSON, "text": ["x"]},
        ],
    )
    def test_a_message_of_another_form_is_none(self, message: object) -> None:
        """Its update keeps its number all the same."""
        update = updates.read(body(message=message))

        assert (update.update_id, update.kind, update.message) == (5, "message", None)

    @given(fields=st.dictionaries(st.text(), JSON, max_size=4), message=JSON)
    def test_any_update_with_a_number_is_read(self, fields: dict[str, Any], message: Any) -> None:
        """Whatever else is in it."""
        update = updates.read(body(**{**fields, "message": message, "update_id": 5}))

        assert update.update_id == 5

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"{",
            b"null",
            b"[]",
            b"5",
            b"{}",
            b'{"update_id": null}',
            b'{"update_id": "5"}',
            b'{"update_id": 5.0}',
            b'{"update_id": true}',
            b'{"update_id": 9223372036854775808}',
            b'{"update_id": ' + b"9" * 5_000 + b"}",
            b'{"update_id": 5, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b"\xff\xfe\x00",
            b'{"update_id": 5, "x": "\xff"}',
            b"<html></html>",
        ],
    )
    def test_refuses_what_has_no_number(self, sent: bytes) -> None:
        """It could not be told from others."""
        with pytest.raises(MalformedUpdateError):
            updates.read(sent)

    @given(sent=st.binary(max_size=200))
    def test_no_bytes_break_it(self, sent: bytes) -> None:
        """They are an update, or they are malformed."""
        try:
            updates.read(sent)
        except MalformedUpdateError:
            return
