"""Look through many small texts at once: what stands in them that is a secret in use, or looks like one.

Texts are read as bytes, letter for letter (latin-1), since nobody knows how they were written. Small ones are looked
through together: that is what makes a history of thousands of commits quick.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gonogo import redaction
from gonogo.model import Leak, Secret
from gonogo.secrecy import marks, patterns, shapes

_TOGETHER = 512 * 1024
# Between two texts: no form of a secret goes over it.
_BETWEEN = "\n\0\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a text is from.

    Attributes:
        line: the number of its first line; 0 where lines mean nothing.
        only_certain: whether only what leaves little doubt is told of it.
        is_plain: whether only values in use are looked for.
    """

    place: str
    path: str
    commit: str = ""
    line: int = 0
    only_certain: bool = False
    is_plain: bool = False


class Watch:
    """The secrets in use, in every form in which they may have been written down. They live in memory only."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Take note of each that can be looked for."""
        self._forms = {
            form.encode().decode("latin-1"): secret.name
            for secret in secrets
            if shapes.is_watched(secret)
            for part in marks.parts(secret)
            for form in redaction.forms(part)
            if len(form) >= marks.SHORTEST
        }

    @property
    def forms(self) -> tuple[str, ...]:
        """Return what is looked for, in order; to be hashed and nothing else."""
        return tuple(sorted(self._forms))

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where a secret in use stands, and its variable."""
        for form, name in self._forms.items():
            at = text.find(form)
            while at >= 0:
                yield at, name
                at = text.find(form, at + len(form))


@dataclass(slots=True)
class Sheets:
    """Texts that are looked through together.

    Attributes:
        told: told of each place where a secret stands, once for each line.
    """

    watch: Watch
    patterns: Sequence[patterns.Pattern]
    told: Callable[[Leak], None]
    _parts: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _origins: list[Origin] = field(default_factory=list)
    _size: int = 0

    def add(self, origin: Origin, text: bytes) -> None:
        """Take a text; it is looked through at the latest when all are done."""
        self._starts.append(self._size)
        self._origins.append(origin)
        self._parts += (text.decode("latin-1"), _BETWEEN)
        self._size += len(text) + len(_BETWEEN)
        if self._size >= _TOGETHER:
            self.done()

    def done(self) -> None:
        """Look through what was taken and not looked through yet."""
        if not self._parts:
            return
        text = "".join(self._parts)
        told: set[tuple[Origin, int]] = set()
        for leak, at in self._found(text):
            where = self._origins[bisect_right(self._starts, at) - 1]
            if (where, leak.line) not in told:
                told.add((where, leak.line))
                self.told(leak)
        self._parts, self._starts, self._origins, self._size = [], [], [], 0

    def _found(self, text: str) -> Iterator[tuple[Leak, int]]:
        """Yield what stands where, secrets in use first."""
        for at, name in self.watch.find(text):
            yield self._leak(text, at, name, is_known=True, is_certain=True), at
        for at, pattern in patterns.find(text, self.patterns):
            origin = self._origins[bisect_right(self._starts, at) - 1]
            if not origin.is_plain and (pattern.is_certain or not origin.only_certain):
                yield self._leak(text, at, pattern.kind, is_known=False, is_certain=pattern.is_certain), at

    def _leak(self, text: str, at: int, what: str, *, is_known: bool, is_certain: bool) -> Leak:
        """Return where something stands."""
        index = bisect_right(self._starts, at) - 1
        origin = self._origins[index]
        line = origin.line + text.count("\n", self._starts[index], at) if origin.line else 0
        return Leak(
            place=origin.place,
            what=what,
            path=origin.path,
            line=line,
            commit=origin.commit,
            is_known=is_known,
            is_certain=is_certain,
        )
