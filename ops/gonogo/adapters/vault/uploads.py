"""One upload: its parts under a name of their own, then the index, written last and only where there is none."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from gonogo.adapters.vault import index, packing, sealing, sending, stores, survey
from gonogo.adapters.vault.index import Index, Subject
from gonogo.errors import RefusedError
from gonogo.model import Backup

# A bigger backup has bigger parts, so that there are never many thousands.
_PARTS = 2000
# Parts of another machine's upload that has not ended are left alone for so long.
_FOREIGN_S = 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploads:
    """Uploads from this machine, one at a time.

    Attributes:
        where: the place's address, for people.
        machine: names this machine's uploads: whoever holds its lock knows that all others of them are dead.
        part_bytes: how big one object is.
    """

    store: stores.Store
    where: str
    environment: str
    machine: str
    now: Callable[[], datetime]
    part_bytes: int

    def copied(self, backup: Backup, subject: Subject, keys: sealing.Recipients) -> Index:
        """Return the index of a backup's copy, which is whole: one that is there already is not sent again."""
        seen = survey.taken(self.store, self.environment, self.now())
        there = _there(seen, subject)
        self._clear(seen)
        return there or self._sealed(self._sent(backup, subject, keys))

    def _clear(self, seen: survey.Survey) -> None:
        """Remove parts of uploads that will not go on: this machine's own, and others' that have not grown for long.

        A key that may not delete leaves them: they are no copies, and the bucket's own rules remove them.
        """
        now = self.now().timestamp()
        for folder, keys in seen.strays.items():
            is_ours = folder.rpartition(".")[2].startswith(f"{self.machine}-")
            if is_ours or all(now - seen.there[key][1] > _FOREIGN_S for key in keys):
                self._removed(folder, keys)

    def _sent(self, backup: Backup, subject: Subject, keys: sealing.Recipients) -> Index:
        """Send all parts of a copy, and see that they are there."""
        push = f"{self.machine}-{secrets.token_hex(8)}"
        folder, size = index.parts_folder(subject, push), max(self.part_bytes, subject.plain_bytes // _PARTS)
        try:
            parts, digest = sending.send(packing.packed(backup, subject), keys, self.store, folder, size)
            total = sum(each.size_bytes for each in parts)
            sent = Index(subject=subject, push=push, size_bytes=total, stored_sha256=digest, parts=parts)
            stores.settle(self.store)
            self._must_be_there(sent)
        except BaseException:
            self._forget(subject, push)
            raise
        return sent

    def _sealed(self, sent: Index) -> Index:
        """Write the index; another upload's that came first is the copy.

        Raises:
            RefusedError: the place does not take it.
        """
        try:
            self._put(sent)
        except AlreadyExistsError:
            pass
        except BaseError as error:
            if not self._is_index(sent):  # the answer may have been lost alone
                self._forget(sent.subject, sent.push)
                raise stores.told(error, self.where) from None
        return sent if self._is_index(sent) else self._instead(sent)

    def _instead(self, sent: Index) -> Index:
        """Return the copy that another push made whole in the meantime, or put ours where a broken one is."""
        there = _there(survey.taken(self.store, self.environment, self.now()), sent.subject)
        if there:
            self._forget(sent.subject, sent.push)
            return there
        stores.removed(self.store, (sent.key,))
        self._put(sent)
        return sent

    def _put(self, sent: Index) -> None:
        """Write an index where there is none, and see that its parts are there still."""
        obstore.put(self.store, sent.key, index.written(sent), mode="create", use_multipart=False)
        stores.settle(self.store)
        self._must_be_there(sent)

    def _is_index(self, sent: Index) -> bool:
        """Return whether the index that is there is ours."""
        try:
            return bytes(obstore.get(self.store, sent.key).bytes()) == index.written(sent)
        except FileNotFoundError:
            return False

    def _must_be_there(self, sent: Index) -> None:
        """Hold that the place lists every part as it was sent."""
        folder = index.parts_folder(sent.subject, sent.push)
        missing = index.missing(sent, stores.listed(self.store, f"{folder}/"))
        if missing:
            message = f"the other place has lost what was sent: {'; '.join(missing[:3])}"
            raise RefusedError("copy-lost", message, where=self.where)

    def _forget(self, subject: Subject, push: str) -> None:
        """Remove what was sent of a copy that is not to be, as far as the place lets us: it is no copy either way."""
        folder = index.parts_folder(subject, push)
        with suppress(BaseError, FileNotFoundError):
            self._removed(folder, tuple(stores.listed(self.store, f"{folder}/")))

    def _removed(self, folder: str, keys: tuple[str, ...]) -> None:
        """Remove the objects of an upload, as far as the place lets us."""
        with suppress(BaseError):
            stores.removed(self.store, keys)
            stores.swept(self.store, folder)


def machine(locks: Path) -> str:
    """Return what names uploads from this machine, the same each time: made once, by chance, and kept.

    Args:
        locks: the folder that it is kept in; whoever asks holds the lock there.
    """
    file = locks / "vault-machine"
    if not file.is_file():
        aside = file.with_suffix(".part")
        aside.write_text(secrets.token_hex(6), encoding="ascii")
        aside.rename(file)
    return file.read_text(encoding="ascii").strip()


def _there(seen: survey.Survey, subject: Subject) -> Index | None:
    """Return the whole copy of a backup that is there already.

    Raises:
        RefusedError: another backup's has its place.
    """
    for each in seen.whole:
        if each.subject == subject:
            return each
        if index.base(each.subject) == index.base(subject):
            raise RefusedError(
                "copy-differs",
                f"there is a copy of another backup {subject.name} from the same moment",
                where=each.key,
                why="one of the two was changed after it was written",
            )
    return None
