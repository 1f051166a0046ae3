"""A place in a statement's tokens, from which it is read on."""

from collections.abc import Sequence

_SIGNS = {"(", ")", ",", ".", ";", "=", "*", ""}


class Words:
    """Tokens and how far they were read."""

    def __init__(self, words: Sequence[str]) -> None:
        """Begin at the first."""
        self._words = list(words)
        self._at = 0

    @property
    def next(self) -> str:
        """Return the token that comes next; empty at the end."""
        return self._words[self._at] if self._at < len(self._words) else ""

    @property
    def rest(self) -> list[str]:
        """Return the tokens that were not read."""
        return self._words[self._at :]

    def take(self, text: str) -> bool:
        """Read some words if they come next, and return whether they did; `a|b` is either."""
        wanted = text.split()
        following = self._words[self._at : self._at + len(wanted)]
        if len(following) < len(wanted):
            return False
        if any(word not in choice.split("|") for word, choice in zip(following, wanted, strict=True)):
            return False
        self._at += len(wanted)
        return True

    def skip(self, *texts: str) -> frozenset[str]:
        """Read each of some words that may come next, in this order, and return the names of those that did."""
        return frozenset(text.replace(" ", "_") for text in texts if self.take(text))

    def any_of(self, *texts: str) -> frozenset[str]:
        """Read as many of some words as come next, in any order, and return their names."""
        found: set[str] = set()
        while taken := [text for text in texts if self.take(text)]:
            found |= {text.replace(" ", "_") for text in taken}
        return frozenset(found)

    def word(self) -> str:
        """Read one token."""
        found = self.next
        self._at += 1
        return found

    def name(self) -> str:
        """Read a name with its schema; empty when there is none."""
        if self.next in _SIGNS:
            return ""
        found = self.word()
        while self.next == ".":
            self._at += 1
            found = f"{found}.{self.word()}"
        return found

    def names(self) -> tuple[str, ...]:
        """Read names with commas between them."""
        found = [self.name()]
        while self.next == ",":
            self._at += 1
            self.take("only")
            found.append(self.name())
        return tuple(name for name in found if name)

    def group(self) -> list[str]:
        """Read what stands in parentheses; nothing when there are none."""
        if self.next != "(":
            return []
        depth, start = 0, self._at
        while self._at < len(self._words):
            depth += (self.next == "(") - (self.next == ")")
            self._at += 1
            if depth == 0:
                return self._words[start + 1 : self._at - 1]
        return self._words[start + 1 :]

    def until(self, *stops: str) -> list[str]:
        """Read up to one of some words that is in no parentheses."""
        depth, start = 0, self._at
        while self._at < len(self._words):
            if depth == 0 and self.next in stops:
                break
            depth += (self.next in {"(", "["}) - (self.next in {")", "]"})
            self._at += 1
        return self._words[start : self._at]

    def has(self, text: str) -> bool:
        """Return whether some words come anywhere in what was not read."""
        wanted = text.split()
        rest = self.rest
        return any(rest[index : index + len(wanted)] == wanted for index in range(len(rest)))
