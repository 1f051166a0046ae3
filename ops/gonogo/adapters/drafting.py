"""A new revision's file, by the project's own naming and its own template; what is there is never overwritten."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import alembic
from alembic.config import Config as AlembicConfig
from alembic.util import rev_id, template_to_file

from gonogo.errors import ConfigurationError, NoGoError, UsageError
from gonogo.model import Chain

_FILE_TEMPLATE, _LONGEST_SLUG = "%(rev)s_%(slug)s", 40
_NUMBER = re.compile(r"0*\d{1,9}")
_STAMP = re.compile(r"20\d{10}(?:\d\d)?")
_ANCHOR = re.compile(r"^(?:depends_on|branch_labels|down_revision)\b.*$", re.MULTILINE)
_DECLARED = re.compile(r"^(?:kind|reversible)\b.*\n", re.MULTILINE)
_NOTES = {
    "expand": (
        "# Code from before runs on what this leaves: add; do not drop, rename or tighten.",
        "# An index on a big table: in a revision of its own, within op.get_context().autocommit_block().",
    ),
    "contract": (
        "# Code from before does not run on what this leaves: one release after the last code that uses it.",
        "# What is dropped is gone: the release takes a backup first.",
    ),
    "data": (
        "# Rows alone, in batches that commit by themselves, and so that it may be run again from the middle:",
        "# with op.get_context().autocommit_block(): UPDATE … WHERE id IN (SELECT … LIMIT 1000), until none is left.",
    ),
}
_TIMEOUTS = (
    "# Every lock has a lock_timeout: env.py's, or SET LOCAL lock_timeout = '2s'. A long statement has its own limit."
)
_WAIVING = "# A finding of migrate.lint passes by a comment: `gonogo: allow RULE until 2027-12-31: why it is safe`."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A revision that is not written yet."""

    revision: str
    parent: str
    path: Path
    text: str

    def write(self) -> None:
        """Write the file.

        Raises:
            NoGoError: something is there already.
        """
        try:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(self.text)
        except FileExistsError:
            message = f"{self.path} is there already"
            raise NoGoError("file-exists", message, why="nothing is overwritten", hint="choose another title") from None


def draft(chain: Chain, title: str, kind: str, *, root: Path, ini: str, now: datetime) -> Draft:
    """Return the file of the next revision.

    Args:
        chain: the history so far.
        title: what it does, in words.
        kind: `expand`, `contract` or `data`.
        root: the project.
        ini: Alembic's ini file, relative to it.
        now: aware.

    Raises:
        UsageError: the title holds nothing that a file name can be made of.
        NoGoError: the history has several heads.
        ConfigurationError: there is no place for revisions.
    """
    if len(chain.heads) > 1:
        message = f"the migrations have {len(chain.heads)} heads: {', '.join(chain.heads)}"
        why = "nobody could say which of them the new one stands on"
        raise NoGoError("several-heads", message, why=why, hint='alembic merge heads -m "merge"')
    config = AlembicConfig(str(root / ini))
    folder = _folder(chain, config, root)
    ids = [migration.id for migration in chain.migrations]
    revision, parent = _next_id(ids, now), chain.heads[0] if chain.heads else ""
    names = [Path(migration.path).stem for migration in chain.migrations]
    message = f"{kind} {title}" if names and all(_says_kind(name) for name in names[-3:]) else title
    path = folder / f"{_file_name(config, revision, message, now)}.py"
    return Draft(revision=revision, parent=parent, path=path, text=_text(folder, revision, parent, title, kind, now))


def _folder(chain: Chain, config: AlembicConfig, root: Path) -> Path:
    """Return where revisions are: beside the newest one."""
    newest = {migration.id: migration.path for migration in chain.migrations}
    if chain.heads and chain.heads[0] in newest:
        return (root / newest[chain.heads[0]]).parent
    place = _option(config, "script_location")
    folder = (root / place if place else root) / "versions"
    if place and folder.parent.is_dir():
        folder.mkdir(exist_ok=True)
        return folder
    message = "there is no place for revisions: script_location of Alembic's configuration names none"
    raise ConfigurationError("no-script-location", message, hint="alembic init migrations")


def _option(config: AlembicConfig, name: str) -> str:
    """Return an option of Alembic's, wherever this project has it; empty where it has not."""
    return str(config.get_alembic_option(name) or "")


def _next_id(ids: Sequence[str], now: datetime) -> str:
    """Return the next id as the newest ones are: a number that counts, a time, or Alembic's own."""
    recent = [each for each in ids[-3:] if each]
    if recent and all(_STAMP.fullmatch(each) for each in recent):
        return now.strftime("%Y%m%d%H%M%S")[: len(recent[-1])]
    if recent and all(_NUMBER.fullmatch(each) for each in recent):
        highest = max((each for each in ids if _NUMBER.fullmatch(each)), key=int)
        return str(int(highest) + 1).zfill(len(highest))
    found = str(rev_id())
    return found if found not in ids else _next_id(ids, now)


def _says_kind(name: str) -> bool:
    """Return whether a file's name says its revision's kind."""
    return any(f"_{kind}_" in name for kind in _NOTES)


def _file_name(config: AlembicConfig, revision: str, message: str, now: datetime) -> str:
    """Return a file's name by the project's own pattern."""
    slug = "_".join(re.findall(r"\w+", message)).lower()
    if not slug:
        raise UsageError("no-title", f"{message!r} holds no letter and no digit", hint='invoke migrate.new "add zones"')
    longest = int(_option(config, "truncate_slug_length") or _LONGEST_SLUG)
    if len(slug) > longest:
        slug = slug[:longest].rsplit("_", 1)[0]
    at = now.astimezone(UTC) if _option(config, "timezone").upper() == "UTC" else now.astimezone()
    parts = {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}
    pattern = _option(config, "file_template") or _FILE_TEMPLATE
    return str(pattern % {"rev": revision, "slug": slug, "epoch": int(at.timestamp()), **parts})


def _text(folder: Path, revision: str, parent: str, title: str, kind: str, now: datetime) -> str:  # noqa: PLR0917
    """Return a revision by the project's own template, with what it declares and what to think of."""
    own = folder.parent / "script.py.mako"
    usual = Path(alembic.__file__).parent / "templates" / "generic" / "script.py.mako"
    is_lossy = kind != "expand"
    back = 'raise NotImplementedError("nothing brings the values back: restore, or mend it with the next revision")'
    said: dict[str, Any] = {
        "message": title.strip().rstrip("."),
        "up_revision": revision,
        "down_revision": parent or None,
        "branch_labels": None,
        "depends_on": None,
        "create_date": now,
        "comma": _comma,
        "imports": "",
        "upgrades": "\n    ".join((*_NOTES[kind], _TIMEOUTS, _WAIVING, "pass")),
        "downgrades": back if is_lossy else "# Takes back exactly what the upgrade brings.\n    pass",
    }
    with TemporaryDirectory() as scratch:
        drawn = Path(scratch) / "revision.py"
        template_to_file(str(own if own.is_file() else usual), str(drawn), "utf-8", **said)
        rendered = drawn.read_text(encoding="utf-8")
    return _declaring(rendered, f'kind = "{kind}"\nreversible = {not is_lossy}\n')


def _declaring(text: str, declared: str) -> str:
    """Return a revision that says its kind and whether it can be taken back, behind Alembic's own variables."""
    without = _DECLARED.sub("", text)
    anchors = list(_ANCHOR.finditer(without))
    if not anchors:
        return f"{without.rstrip()}\n\n{declared}"
    at = anchors[-1].end()
    return f"{without[:at]}\n\n{declared}\n{without[at:].lstrip()}".replace(f"{declared}\ndef ", f"{declared}\n\ndef ")


def _comma(value: object) -> str:
    """Return what Alembic's own template shows of revisions with commas between them."""
    if value is None:
        return ""
    return ", ".join(str(each) for each in value) if isinstance(value, tuple | list) else str(value)
