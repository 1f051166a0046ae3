"""Where copies are kept: a bucket or a mounted folder, opened; and what its refusals mean."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from gonogo.errors import GonogoError, RefusedError, UnreachableError
from gonogo.model import Offsite

Store = S3Store | LocalStore | MemoryStore
# One request's; a part of a copy is one request.
_TIMEOUT = timedelta(minutes=5)
_CONNECT = timedelta(seconds=10)
# The library's own would be ten tries in three minutes, of each request.
_TRIES = 3
_RETRIES = timedelta(seconds=30)
_DISK_FULL = ("os error 28", "os error 122")
# A service's own word for what is wrong, and ours.
_SAID = {
    "InvalidAccessKeyId": "it does not know the access key",
    "SignatureDoesNotMatch": "the secret key is not that of the access key",
    "AuthorizationHeaderMalformed": "the region is not the bucket's",
    "RequestTimeTooSkewed": "this machine's clock is more than 15 minutes off; set it right",
    "ExpiredToken": "the credentials are no longer valid",
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "the access key may not do that",
    "AllAccessDisabled": "the access key may not do that",
    "QuotaExceeded": "it is full",
    "InvalidBucketName": "the bucket's name is none",
}
_AWAY = {
    "InvalidCertificate": "its certificate is not one that this machine trusts",
    "UnknownIssuer": "its certificate is not one that this machine trusts",
    "InvalidContentType": "it does not speak TLS there",
    "BadScheme": "an endpoint without TLS begins with http://",
    "dns error": "its name is not known",
    "Connection refused": "nothing listens there",
    "TimedOut": "it does not answer in time",
}


def opened(offsite: Offsite) -> Store:
    """Return the store; a bucket is not contacted yet.

    Raises:
        UnreachableError: the folder is not there.
    """
    url = urlsplit(offsite.url)
    if url.scheme == "file":
        folder = Path(unquote(url.path))
        if not folder.is_dir():
            raise UnreachableError(
                "offsite-unreachable", f"the folder {folder} is not there: is the disk mounted?", where=offsite.url
            )
        return LocalStore(folder)
    return S3Store(
        url.netloc,
        client_options={
            "timeout": _TIMEOUT,
            "connect_timeout": _CONNECT,
            "allow_http": offsite.endpoint.startswith("http://"),
        },
        retry_config={"max_retries": _TRIES, "retry_timeout": _RETRIES},
        prefix=url.path.strip("/") or None,
        **_config(offsite),
    )


def _config(offsite: Offsite) -> dict[str, Any]:  # the library's own type is none at run time
    """Return a bucket's address and our keys; without keys the machine's own role is asked for."""
    found: dict[str, Any] = {
        "virtual_hosted_style_request": not offsite.endpoint,
        "region": offsite.region or "us-east-1",
    }
    if offsite.endpoint:
        found["endpoint"] = offsite.endpoint
    if offsite.access_key and offsite.access_key.reveal():
        found["access_key_id"] = offsite.access_key.reveal()
    if offsite.secret_key and offsite.secret_key.reveal():
        found["secret_access_key"] = offsite.secret_key.reveal()
    return found


@contextmanager
def asked(where: str) -> Iterator[None]:
    """Say in words what a store refuses, and whether it answered at all.

    Args:
        where: the place's address.

    Raises:
        RefusedError: it said no.
        UnreachableError: it did not answer.
    """
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise told(error, where) from None


def told(error: Exception, where: str) -> GonogoError:
    """Return an error of the library's as one of ours."""
    text = str(error)
    code = next(iter(re.findall(r"<Code>(\w+)</Code>", text)), "")
    status = next(iter(re.findall(r"status code: (\d{3})", text)), "")
    if any(each in text for each in _DISK_FULL):
        return RefusedError("offsite-full", "there is no space left at the other place", where=where)
    if status.startswith("5") or (not status and "HTTP error" in text):
        reason = next(
            (words for mark, words in _AWAY.items() if mark in text), f"it answers {status}" if status else ""
        )
        return UnreachableError(
            "offsite-unreachable",
            f"the other place does not answer{': ' if reason else ''}{reason}",
            where=where,
            why="copies that are there are as they were; backups on this machine too",
        )
    first = re.sub(r"^.*?: ", "", text.partition("\n")[0])[:200]
    reason = _SAID.get(code) or (f"{code or status}" if code or status else first)
    return RefusedError("offsite-refused", f"the other place refuses it: {reason}", where=where)


def listed(store: Store, prefix: str) -> dict[str, tuple[int, float]]:
    """Return every object below a prefix: its size, and when it was last changed, seconds since 1970."""
    found = (each for chunk in obstore.list(store, prefix=prefix) for each in chunk)
    return {each["path"]: (each["size"], each["last_modified"].timestamp()) for each in found}


def settle(store: Store) -> None:
    """Have what was written on its disk, where we are the ones to see to it."""
    if isinstance(store, LocalStore):
        os.sync()


def swept(store: Store, prefix: str) -> None:
    """Remove what a killed writer may have left in a folder; of a bucket, nothing is left."""
    if isinstance(store, LocalStore) and store.prefix:
        for path in Path(store.prefix, prefix).glob("*#*"):
            path.unlink(missing_ok=True)


def removed(store: Store, keys: Sequence[str]) -> None:
    """Remove objects; one that is not there is no error."""
    for key in keys:
        try:
            obstore.delete(store, key)
        except FileNotFoundError:
            continue
