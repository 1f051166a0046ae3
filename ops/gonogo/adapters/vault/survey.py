"""What is at a place, by one listing and the indexes that it shows: whole copies, broken ones, parts of none."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import obstore

from gonogo.adapters.vault import index, stores
from gonogo.adapters.vault.index import Index

_AT_A_TIME = 8
_INDEX_BYTES = 64 << 20
Listing = Mapping[str, tuple[int, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What is at a place.

    Attributes:
        whole: indexes of copies whose every part is there.
        broken: by the key of an index, why it makes no copy.
        strays: by the folder of an upload, its objects: no index that can be read names them.
    """

    whole: tuple[Index, ...]
    broken: Mapping[str, str]
    strays: Mapping[str, tuple[str, ...]]
    there: Listing


def taken(store: stores.Store, environment: str, now: datetime) -> Survey:
    """Look at what is kept of an environment."""
    there = stores.listed(store, f"{environment}/")
    keys = sorted(key for key in there if key.endswith(index.SUFFIX))
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        read = dict(zip(keys, pool.map(lambda key: found(store, key, there, now), keys), strict=True))
    whole = tuple(each for each in read.values() if isinstance(each, Index))
    named = {part.key for each in whole for part in each.parts}
    strays: dict[str, tuple[str, ...]] = {}
    for key in sorted(there.keys() - named - set(keys)):
        folder = key.rpartition("/")[0]
        strays[folder] = (*strays.get(folder, ()), key)
    return Survey(
        whole=tuple(sorted(whole, key=lambda each: (each.subject.taken_at, each.key))),
        broken={key: each for key, each in read.items() if isinstance(each, str)},
        strays=strays,
        there=there,
    )


def found(store: stores.Store, key: str, there: Listing, now: datetime) -> Index | str:
    """Return the index at a key, if the copy that it tells of is there; else why not."""
    if there[key][0] > _INDEX_BYTES:
        return "its index is not one of ours: it is too big"
    try:
        content = bytes(obstore.get(store, key).bytes())
    except FileNotFoundError:
        return "it was removed just now"
    try:
        said = index.read(content, key, now)
    except ValueError as error:
        return str(error)
    missing = index.missing(said, there)
    return f"it is not whole: {'; '.join(missing[:3])}" if missing else said
