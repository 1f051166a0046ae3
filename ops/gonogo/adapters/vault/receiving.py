"""A copy on its way back: its parts in order, each held against the index, decrypted and unpacked as they come."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import obstore
import pyrage

from gonogo.adapters.vault import packing, stores
from gonogo.adapters.vault.index import Index, Part
from gonogo.adapters.vault.packing import Unpacked
from gonogo.adapters.vault.sending import Source
from gonogo.errors import RefusedError

_AHEAD = 2


@contextmanager
def parts(store: stores.Store, index: Index) -> Iterator[Iterator[bytes]]:
    """Give a copy's parts in order, each once it is what the index says; some are fetched ahead until this ends.

    Raises:
        RefusedError: one is not.
    """
    with ThreadPoolExecutor(_AHEAD) as pool, closing(_in_order(store, index, pool)) as stream:
        yield stream


def _in_order(store: stores.Store, index: Index, pool: ThreadPoolExecutor) -> Generator[bytes, None, None]:
    """Yield a copy's parts. The pool is not ours to end: whoever forgets a generator ends it at any moment."""
    whole = hashlib.sha256()
    under_way: deque[Future[bytes]] = deque()
    for part in index.parts:
        under_way.append(pool.submit(_part, store, part))
        if len(under_way) > _AHEAD:
            yield _added(whole, under_way.popleft().result())
    while under_way:
        yield _added(whole, under_way.popleft().result())
    if whole.hexdigest() != index.stored_sha256:
        raise RefusedError("copy-corrupt", "the parts are each as the index says, and together they are not")


def opened(
    stream: Iterator[bytes], keys: list[Any], folder: Path, refused: Callable[[Exception], Exception]
) -> Unpacked:
    """Decrypt a stream and unpack it below a folder.

    Args:
        stream: what is stored.
        keys: the secret keys.
        folder: is there and empty.
        refused: says in words why it cannot be decrypted.

    Raises:
        RefusedError: it is not what was stored, or no key fits.
    """
    source = Source(stream)
    out, into = os.pipe()
    with ThreadPoolExecutor(1) as pool, os.fdopen(out, "rb") as reader:
        decrypting = pool.submit(_decrypt, source, into, keys)
        broken: Exception | None = None
        found: Unpacked | None = None
        try:
            found = packing.unpacked(reader, folder)
            while reader.read(1 << 16):  # what fills the archive's last record
                pass
        except (RefusedError, OSError) as error:
            reader.close()  # whoever writes into it ends, too
            broken = error
        failed = _own(decrypting.exception())
    if source.failed:
        raise source.failed
    if failed:
        raise refused(failed)
    if found is None:
        raise broken or RefusedError("copy-corrupt", "there is nothing in the copy")
    return found


def _own(error: BaseException | None) -> Exception | None:
    """Return what went wrong in decryption itself: a reader that has gone is none of it."""
    return None if not isinstance(error, Exception) or "Broken pipe" in str(error) else error


def _decrypt(source: Source, into: int, keys: list[Any]) -> None:
    """Decrypt into a pipe."""
    with os.fdopen(into, "wb") as writer:
        pyrage.decrypt_io(source, writer, keys)


def _added(whole: Any, content: bytes) -> bytes:
    """Return some bytes, after they were added to the sum of all."""
    whole.update(content)
    return content


def _part(store: stores.Store, part: Part) -> bytes:
    """Return a part that is what the index says."""
    try:
        content = bytes(obstore.get(store, part.key).bytes())
    except FileNotFoundError:
        raise RefusedError("copy-corrupt", f"{part.key} is missing") from None
    if len(content) != part.size_bytes:
        seen = f"{len(content)} bytes, the index says {part.size_bytes}"
        raise RefusedError("copy-corrupt", f"{part.key} has {seen}")
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise RefusedError("copy-corrupt", f"{part.key} is not what was stored: its sha256 is not the index's")
    return content
