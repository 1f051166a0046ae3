"""PostgreSQL's protocol, as far as it tells which statements are sent and which are refused."""

import struct
from collections.abc import Callable, Iterator

from gonogo.model.schemas import Refused, Sent

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
# Requests for an encrypted session: TLS and GSSAPI.
ENCRYPTIONS = (struct.pack("!i", 80877103), struct.pack("!i", 80877104))
_HEAD = 5


class Frames:
    """Messages out of a stream of bytes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rest = bytearray()

    def take(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the type and the body of each message that is whole by now."""
        rest, at = self._rest, 0
        rest += data
        while len(rest) - at >= _HEAD:
            end = at + 1 + int.from_bytes(rest[at + 1 : at + 5])
            if len(rest) < end:
                break
            yield bytes(rest[at : at + 1]), bytes(rest[at + 5 : end])
            at = end
        del rest[:at]


class Listener:
    """One session, heard from both sides."""

    def __init__(self, note: Callable[[Sent], None], refuse: Callable[[Refused], None]) -> None:
        """Begin before its first statement.

        Args:
            note: told each run of a statement.
            refuse: told what the server has refused.
        """
        self._note = note
        self._refuse = refuse
        self._frames = {"client": Frames(), "server": Frames()}
        self._prepared: dict[str, Sent] = {}
        self._current = ""

    def client(self, data: bytes) -> None:
        """Hear what the program sends."""
        for kind, body in self._frames["client"].take(data):
            if kind == b"P":
                self._parse(body)
            elif kind == b"B":
                self._bind(body)
            elif kind == b"Q":
                self._current = _text(body, 0)[0]
                self._note(Sent(sql=self._current, values=()))

    def server(self, data: bytes) -> None:
        """Hear what the server answers."""
        for kind, body in self._frames["server"].take(data):
            if kind == b"E":
                fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
                self._refuse(Refused(code=fields.get(b"C", ""), message=fields.get(b"M", ""), sql=self._current))

    def _parse(self, body: bytes) -> None:
        """Keep a statement that is prepared; it is told when it runs."""
        name, at = _text(body, 0)
        sql, at = _text(body, at)
        (count,) = struct.unpack_from("!h", body, at)
        types = struct.unpack_from(f"!{count}I", body, at + 2)
        self._current = sql
        self._prepared[name] = Sent(sql=sql, types=types)

    def _bind(self, body: bytes) -> None:
        _, at = _text(body, 0)
        name, at = _text(body, at)
        formats, at = _numbers(body, at)
        values, _ = _values(body, at)
        if prepared := self._prepared.get(name):
            each = formats * len(values) if len(formats) == 1 else formats or (0,) * len(values)
            self._current = prepared.sql
            self._note(Sent(sql=prepared.sql, types=prepared.types, formats=each, values=values))


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = body.index(b"\0", at)
    return body[at:end].decode(errors="replace"), end + 1


def _numbers(body: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (count,) = struct.unpack_from("!h", body, at)
    return struct.unpack_from(f"!{count}h", body, at + 2), at + 2 + 2 * count


def _values(body: bytes, at: int) -> tuple[tuple[bytes | None, ...], int]:
    (count,), at, found = struct.unpack_from("!h", body, at), at + 2, []
    for _ in range(count):
        (length,), at = struct.unpack_from("!i", body, at), at + 4
        found.append(None if length < 0 else body[at : at + length])
        at += max(length, 0)
    return tuple(found), at
