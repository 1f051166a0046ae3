"""A stream on its way to a store: encrypted, cut into parts, each of them stored once."""

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import obstore
import pyrage

from gonogo.adapters.vault import index, stores
from gonogo.adapters.vault.index import Part
from gonogo.errors import RefusedError

# Parts that are on their way at a time: with the one that is being filled, all that is held in memory.
_AT_A_TIME = 3


class Parts:
    """What encryption writes into: parts, on their way while the next one is filled."""

    def __init__(self, store: stores.Store, folder: str, part_bytes: int, pool: ThreadPoolExecutor) -> None:
        """Prepare; nothing is sent yet."""
        self._store, self._folder, self._part_bytes, self._pool = store, folder, part_bytes, pool
        self._filling = bytearray()
        self._under_way: deque[Future[None]] = deque()
        self._digest = hashlib.sha256()
        self._sent: list[Part] = []
        self.failed: Exception | None = None

    def write(self, content: bytes) -> int:
        """Take some bytes."""
        try:
            self._filling += content
            if len(self._filling) >= self._part_bytes:
                self._send(self._part_bytes)
        except Exception as error:
            self.failed = error
            raise
        return len(content)

    def flush(self) -> None:
        """Do nothing: a part is sent when it is full."""

    def finish(self) -> tuple[tuple[Part, ...], str]:
        """Send what is left, wait for all of it, and return the parts and the sha256 of all in a row."""
        if self._filling:
            self._send(len(self._filling))
        while self._under_way:
            self._under_way.popleft().result()
        return tuple(self._sent), self._digest.hexdigest()

    def _send(self, length: int) -> None:
        """Send so many bytes as the next part."""
        content = bytes(memoryview(self._filling)[:length])
        del self._filling[:length]
        self._digest.update(content)
        key = index.part_key(self._folder, len(self._sent))
        self._sent.append(Part(key=key, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest()))
        if len(self._under_way) >= _AT_A_TIME:
            self._under_way.popleft().result()
        self._under_way.append(self._pool.submit(self._put, key, content))

    def _put(self, key: str, content: bytes) -> None:
        """Store a part. Its key is this upload's alone: the same bytes sent twice are stored once."""
        obstore.put(self._store, key, content, use_multipart=False)


class Source:
    """What encryption reads from: an iterator's pieces as one file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Prepare."""
        self._pieces = pieces
        self._left = memoryview(b"")
        self.failed: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes; none at the end."""
        try:
            while not self._left:
                self._left = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except Exception as error:
            self.failed = error
            raise
        found = bytes(self._left[:size] if size >= 0 else self._left)
        self._left = self._left[len(found) :]
        return found


def send(
    pieces: Iterator[bytes], recipients: list[Any], store: stores.Store, folder: str, part_bytes: int
) -> tuple[tuple[Part, ...], str]:
    """Encrypt a stream and store it in parts; return them, and the sha256 of all in a row.

    Raises:
        RefusedError: the stream broke, or cannot be encrypted.
    """
    source = Source(pieces)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        parts = Parts(store, folder, part_bytes, pool)
        try:
            pyrage.encrypt_io(source, parts, recipients)
        except (pyrage.EncryptError, OSError) as error:
            raise (
                source.failed or parts.failed or RefusedError("copy-failed", f"it cannot be encrypted: {error}")
            ) from None
        return parts.finish()
