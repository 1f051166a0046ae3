"""An image is read from what docker save or an OCI layout wrote; a deleted file is still in it."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gonogo.adapters.leaks import archive
from gonogo.errors import UsageError
from gonogo.model import Leak, Secret
from gonogo.secrecy.patterns import all_of
from gonogo.secrecy.sheets import Sheets, Watch
from tests.secrecy.corpus import planted

VALUE = "mV3pQ8zRt6YkW1nB5xLc9"


def tarred(files: Mapping[str, bytes]) -> bytes:
    """Return files as a tar."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return kept.getvalue()


def oci(layers: Sequence[bytes], config: Mapping[str, Any] | None = None, *, nested: bool = False) -> bytes:
    """Return an image by the OCI layout."""
    blobs: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"digest": f"sha256:{digest}", "size": len(content)}

    manifest = {"config": blob(json.dumps(config or {}).encode()), "layers": [blob(each) for each in layers]}
    described = blob(json.dumps(manifest).encode())
    if nested:
        described = blob(json.dumps({"manifests": [described]}).encode())
    blobs["index.json"] = json.dumps({"manifests": [described]}).encode()
    return tarred(blobs)


def saved(layers: Sequence[bytes], config: Mapping[str, Any] | None = None) -> bytes:
    """Return an image as an older docker save writes it."""
    files = {f"{number}/layer.tar": layer for number, layer in enumerate(layers)}
    manifest = [{"Config": "c.json", "RepoTags": ["a:b"], "Layers": list(files)}]
    return tarred(
        {**files, "c.json": json.dumps(config or {}).encode(), "manifest.json": json.dumps(manifest).encode()}
    )


def read(tmp_path: Path, content: bytes) -> tuple[archive.Image, list[Leak]]:
    """Return what is found in an archive."""
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    found: list[Leak] = []
    sheets = Sheets(watch=Watch((Secret("SECRET_KEY", VALUE),)), patterns=all_of(), told=found.append)
    image, named = archive.read(path, sheets)
    sheets.done()
    return image, [archive.with_removals(each, image) for each in (*found, *named)]


FORMS: dict[str, Callable[[list[bytes]], bytes]] = {
    "oci": oci,
    "oci, nested": lambda layers: oci(layers, nested=True),
    "oci, gzip": lambda layers: oci([gzip.compress(each) for each in layers]),
    "docker save": saved,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_layer_is_read(tmp_path: Path, form: str) -> None:
    """In each form that images are kept in."""
    layers = [tarred({"app/a.py": b"one\n"}), tarred({"./app/b.py": f"two\nKEY='{VALUE}'\n".encode()})]
    image, (leak,) = read(tmp_path, FORMS[form](layers))
    assert (image.layers, image.files) == (2, 2)
    assert (leak.what, leak.line, leak.is_known) == ("SECRET_KEY", 2, True)
    assert leak.path.startswith("layer 2 (")
    assert leak.path.endswith("): app/b.py")


def test_a_file_that_a_later_layer_deletes_is_still_told(tmp_path: Path) -> None:
    """The layer below keeps it."""
    layers = [tarred({"app/.env": VALUE.encode()}), tarred({"app/.wh..env": b""})]
    _, leaks = read(tmp_path, oci(layers))
    assert {leak.what for leak in leaks} == {"SECRET_KEY", "file that holds secrets by its name"}
    assert all(leak.note.startswith("deleted in layer 2") for leak in leaks)


def test_variables_and_history_are_read(tmp_path: Path) -> None:
    """A build's argument is in the history; an ENV is in the settings."""
    config = {
        "config": {"Env": ["PATH=/bin", "API_TOKEN=some-value-of-it", "SECRET_KEY_FILE=/run/secrets/key"]},
        "history": [{"created_by": f"RUN |1 KEY={VALUE} make"}, {"created_by": "CMD sh"}],
    }
    _, leaks = read(tmp_path, oci([tarred({})], config))
    assert sorted(leak.what for leak in leaks) == ["ENV API_TOKEN", "SECRET_KEY"]


def test_other_people_s_files_are_read_for_values_in_use_only(tmp_path: Path) -> None:
    """A library's tests are full of keys that open nothing."""
    key = planted("github classic").encode()
    folder = "usr/local/lib/python3.11/site-packages/x"
    layers = [tarred({f"{folder}/a.py": key, "app/a.py": key, f"{folder}/b.py": VALUE.encode()})]
    _, leaks = read(tmp_path, oci(layers))
    assert sorted((leak.what, leak.path.rpartition("/")[2]) for leak in leaks) == [
        ("GitHub token", "a.py"),
        ("SECRET_KEY", "b.py"),
    ]


def test_a_layer_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Zstandard, which this Python does not know; the others are read."""
    image, leaks = read(tmp_path, oci([b"\x28\xb5\x2f\xfd" + b"\0" * 20, tarred({"a": VALUE.encode()})]))
    assert len(leaks) == 1
    assert "zstd and was not read" in image.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a tar",
        tarred({"a": b"b"}),
        tarred({"manifest.json": b"{"}),
        tarred({"manifest.json": b'[{"Config": "c", "Layers": ["x"]}]'}),
        tarred({"index.json": b'{"manifests": [{"digest": "sha256:nothing"}]}'}),
        oci([tarred({"a": b"1" * 5000})])[:-6000],
    ],
)
def test_what_is_no_image_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    """Without a stack trace, also where it is cut off."""
    with pytest.raises(UsageError, match="no archive of an image") as refused:
        read(tmp_path, content)
    assert "docker save" in refused.value.hint
