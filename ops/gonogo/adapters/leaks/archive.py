"""An image as `docker save` or an OCI layout keeps it, read without an engine: every layer, its settings, its history.

A file that a later layer deletes is still in the image: it is read, and told as such.
"""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from gonogo.adapters.leaks import dockerfiles, tree
from gonogo.errors import UsageError
from gonogo.model import Leak
from gonogo.secrecy import shapes
from gonogo.secrecy.sheets import Origin, Sheets

_LARGEST = 5_000_000
_LARGEST_DOCUMENT = 50_000_000
_ZSTD = b"\x28\xb5\x2f\xfd"
# Other people's files: what looks like a secret in there is one of their tests'.
_OTHERS = ("usr/lib/", "usr/share/", "usr/local/lib/", "usr/include/", "opt/", "lib/", "var/lib/dpkg/")
_OTHERS_PARTS = ("/site-packages/", "/node_modules/", "/dist-packages/")


@dataclass(slots=True)
class Image:
    """What was seen of an image while it was read.

    Attributes:
        notes: what could not be read, a sentence each.
        removed: by path, the layer that deletes it.
    """

    layers: int = 0
    files: int = 0
    notes: list[str] = field(default_factory=list)
    removed: dict[str, str] = field(default_factory=dict)


def read(path: Path, sheets: Sheets) -> tuple[Image, tuple[Leak, ...]]:
    """Look through an image's archive, and return what was seen of it, and what is in the image by its name.

    Raises:
        UsageError: it is no such archive.
    """
    image = Image()
    try:
        with tarfile.open(path) as outer:
            leaks = tuple(_read(outer, image, sheets))
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be read as one"
        message = f"{path.name} is no archive of an image: {why}"
        hint = "docker save IMAGE --output image.tar, then the same command with --image image.tar"
        raise UsageError("image-unreadable", message, where=path.name, hint=hint) from None
    return image, leaks


def with_removals(leak: Leak, image: Image) -> Leak:
    """Return a leak that says of a file that a later layer deletes that this does not help."""
    layer, _, path = leak.path.partition(": ")
    by = image.removed.get(path, "")
    if not by or by == layer:
        return leak
    note = f"deleted in {by}, and still in the image: everyone who can pull it can read the layer"
    return Leak(
        place=leak.place, what=leak.what, path=leak.path, line=leak.line, is_known=leak.is_known,
        is_certain=leak.is_certain, note=note,
    )  # fmt: skip


def _read(outer: tarfile.TarFile, image: Image, sheets: Sheets) -> Iterator[Leak]:
    """Look through all images of an archive."""
    names = set(outer.getnames())
    manifests = _saved(outer) if "manifest.json" in names else _laid_out(outer)
    for settings, layers in manifests:
        yield from _settings(_document(outer, settings), settings, sheets)
        for layer in layers:
            yield from _layer(outer, layer, image, sheets)


def _saved(outer: tarfile.TarFile) -> Iterator[tuple[str, list[str]]]:
    """Yield the settings and layers of each image that `docker save` wrote."""
    for each in _document(outer, "manifest.json"):
        yield each["Config"], list(each["Layers"])


def _laid_out(outer: tarfile.TarFile, name: str = "index.json") -> Iterator[tuple[str, list[str]]]:
    """Yield the same of an OCI layout, whose index may lead to further ones."""
    found = _document(outer, name)
    if "layers" in found:
        yield _blob(found["config"]), [_blob(each) for each in found["layers"]]
        return
    for each in found["manifests"]:
        yield from _laid_out(outer, _blob(each))


def _blob(descriptor: Any) -> str:  # JSON
    """Return where a blob is."""
    return "blobs/" + str(descriptor["digest"]).replace(":", "/")


def _document(outer: tarfile.TarFile, name: str) -> Any:
    """Return a JSON document."""
    with _stream(outer, name) as stream:
        return json.loads(stream.read(_LARGEST_DOCUMENT))


def _stream(outer: tarfile.TarFile, name: str) -> IO[bytes]:
    """Return a member's content; a layer may be a link to another one.

    Raises:
        KeyError: there is none.
    """
    stream = outer.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream


def _settings(document: Any, name: str, sheets: Sheets) -> Iterator[Leak]:
    """Look at an image's variables, labels and history."""
    sheets.add(Origin(place="image", path="settings of the image"), json.dumps(document).encode())
    for each in document.get("config", {}).get("Env") or ():
        variable, _, value = each.partition("=")
        if dockerfiles.is_secret_name(variable) and value and not shapes.looks_like_placeholder(value):
            yield Leak(place="image", what=f"ENV {variable}", path=f"settings of the image {_short(name)}")


def _layer(outer: tarfile.TarFile, name: str, image: Image, sheets: Sheets) -> Iterator[Leak]:
    """Look at every file of a layer."""
    image.layers += 1
    said = f"layer {image.layers} ({_short(name)})"
    with _stream(outer, name) as stream:
        if stream.read(4) == _ZSTD:
            image.notes.append(f"{said} is compressed with zstd and was not read: save the image with gzip")
            return
        stream.seek(0)
        with tarfile.open(fileobj=stream) as layer:
            for member in layer:
                yield from _file(layer, member, said, image=image, sheets=sheets)


def _file(
    layer: tarfile.TarFile, member: tarfile.TarInfo, said: str, *, image: Image, sheets: Sheets
) -> Iterator[Leak]:
    """Look at one file of a layer, or take note that it deletes one."""
    path = PurePosixPath(member.name.removeprefix("./"))
    if path.name.startswith(".wh."):
        image.removed[str(path.with_name(path.name.removeprefix(".wh.")))] = said
        return
    if not member.isfile():
        return
    image.files += 1
    text = str(path)
    content = layer.extractfile(member)
    if content is None:
        return
    others = text.startswith(_OTHERS) or any(part in text for part in _OTHERS_PARTS)
    sheets.add(Origin(place="image", path=f"{said}: {text}", line=1, is_plain=others), content.read(_LARGEST))
    if tree.is_telling(text) and not others and not text.startswith("etc/ssl/"):
        yield Leak(place="image", what="file that holds secrets by its name", path=f"{said}: {text}")


def _short(name: str) -> str:
    """Return enough of a blob's name to find it again."""
    return PurePosixPath(name.removesuffix("/layer.tar")).name.removesuffix(".tar")[:12]
