"""People and projects that a text names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.providers.llm.builtin.moments import Span
from backend.providers.llm.builtin.vocabulary import FLAGS, words

_WORD = re.compile(r"[^\W\d_](?:[\w-]|'(?!s\b))*")
LONGEST = 200
_TITLES = words("mr mrs ms miss dr prof professor doctor aunt uncle herr frau")
_FAMILY = words("mom mum mommy mummy dad daddy grandma grandpa granny")
_TO_THEM = words(
    """
    call called phone phoned ring rang email emailed mail mailed text texted message messaged ping pinged ask
    asked tell told meet met invite invited visit visited thank thanked remind contact contacted congratulate
    help helped nudge brief pay paid meeting calling visiting seeing saw owe owes
    """
)
_TOGETHER = words(
    """
    meet meeting met call lunch dinner breakfast brunch coffee talk talked speak spoke chat chatted appointment
    date walk drinks beer sync interview discuss discussed check catch trip went plan session agreed agree
    arrange review align follow go play played tennis football chess dance hike run train study sing coordinate
    clarify skype zoom party work worked share shared visit stay
    """
)
_TO = words(
    """
    talk talked speak spoke write wrote send sent reply replied give gave explain lend return forward hand show
    report apologise apologize introduce listen back answer email bring promised
    """
)
_FOR = words("present gift birthday cake card flowers birthdays party")
_SPEAKS = words(
    """
    said says told called asked asks wants wanted thinks thought wrote sent mentioned suggested suggests needs
    recommended recommends promised agreed lives likes loves moved works replied answered invited visits
    """
)
_THEIRS = words(
    """
    birthday wedding party number address mail email phone place mother father wife husband brother sister kids
    """
)
_NOBODY = words(
    """
    i we you he she it they the a an this that these those my our your his her their its who what when where why
    how monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february
    march april may june july august september october november december today tomorrow tonight everyone
    everybody nobody somebody someone anyone people christmas easter boss team client customer support project
    idea problem todo buy call email ok yes no google amazon apple microsoft github docker python react slack
    paypal netflix linkedin facebook whatsapp twitter english german french spanish internet wifi new all some
    and or but if so not maybe plan
    """
)
_PROJECT = re.compile(
    r"(?:\b(?:for|in|on|of)\s)?(?:\b(?:the|our|my)\s)?(?:"
    r"(?-i:\b(?P<after>[A-Z][\w-]{1,40}(?:\s[A-Z][\w-]{1,40}){0,3}))\s(?-i:project)\b"
    r"|\bproject\s(?-i:(?P<before>[A-Z][\w-]{0,40}(?:\s[A-Z][\w-]{1,40}){0,3})))",
    FLAGS,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Names that are known already.

    Attributes:
        by_key: The names by what their spellings share.
        by_first: The keys of names by their first word.
    """

    by_key: dict[str, str]
    by_first: dict[str, list[str]]

    def spelled(self, name: str) -> str:
        """Return a name as it is known, else as it stands.

        Args:
            name: As the text has it.
        """
        key = key_of(name)
        return self.by_key.get(key) or self.by_key.get(key.replace("-", " ").replace("_", " ")) or name

    def resolved(self, name: str) -> str:
        """Return a person as known: by the whole name, or by a first name that only one has.

        Args:
            name: As the text has it.
        """
        spelled = self.spelled(name)
        same = self.by_first.get(key_of(name), [])
        return self.by_key[same[0]] if spelled == name and len(same) == 1 else spelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A name, and where a text has it.

    Attributes:
        name: As it is known, else as the text writes it.
        span: Where the text has it, with the words that only lead to it.
        cut: Whether a title can do without that place.
    """

    name: str
    span: Span
    cut: bool = False


def known_of(names: Iterable[str]) -> Known:
    """Return names in the form in which they are looked up.

    Args:
        names: As they are written; the first of two spellings counts.
    """
    by_key = {key_of(name): name for name in reversed([fit(name) for name in names]) if name}
    by_first: dict[str, list[str]] = {}
    for key in by_key:
        by_first.setdefault(key.split()[0], []).append(key)
    return Known(by_key=by_key, by_first=by_first)


def fit(name: str) -> str:
    """Return a name that may be stored, empty when nothing is left of it.

    Args:
        name: As somebody wrote it.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in name[:LONGEST])
    return " ".join(printable.split()) if key_of(printable) else ""


def key_of(name: str) -> str:
    """Return what spellings of one name share.

    Args:
        name: As somebody wrote it.
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def unique(names: Iterable[str], limit: int) -> list[str]:
    """Return names without a second spelling of any, in order.

    Args:
        names: Names that may repeat.
        limit: How many at most.
    """
    found: dict[str, str] = {}
    for name in filter(None, map(fit, names)):
        found.setdefault(key_of(name), name)
    return list(found.values())[:limit]


def projects(text: str, known: Known) -> list[Named]:
    """Return the projects that a text names without a tag.

    Args:
        text: One clause, masked.
        known: Those that are there already.
    """
    found = []
    for match in _PROJECT.finditer(text) if "roject" in text else ():
        name = match["after"] or match["before"]
        if name.lower() not in _NOBODY:
            found.append(
                Named(name=known.spelled(name), span=match.span(), cut=match[0][:3].lower() in {"for", "in ", "on "})
            )
    return found + [each for each in _known(text, known) if not any(_overlap(each.span, other.span) for other in found)]


def people(text: str, known: Known) -> list[str]:
    """Return the people that a text names.

    Args:
        text: One clause, masked and without dates.
        known: Those who are there already.
    """
    words = list(_WORD.finditer(text))
    found = [each.name for each in _known(text, known)]
    position = 0
    while position < len(words):
        length = _length(words, position) if _may_begin(words[position][0]) else 0
        if length and (_is_met(words, position, text=text) or _acts(words, position + length, text=text)):
            found.append(known.resolved(_name(words[position : position + length], text)))
            joined = _joined(words, position + length, text=text)
            found += [known.resolved(_name(words[a:b], text)) for a, b in joined]
            position += length
        else:
            position += 1
    return found


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _known(text: str, known: Known) -> Iterator[Named]:
    """Yield the known names of a text; one of a single word must be written as it is known."""
    if not known.by_key:
        return
    words = list(re.finditer(r"\w[\w-]*", text))
    for index, word in enumerate(words):
        for key in known.by_first.get(word[0].casefold(), ()):
            last = index + len(key.split()) - 1
            if last < len(words) and key_of(text[word.start() : words[last].end()]) == key:
                name = known.by_key[key]
                if last > index or (word[0] == name and not name.islower()):
                    yield Named(name=name, span=(word.start(), words[last].end()))


def _may_begin(word: str) -> bool:
    return word[0].isupper() or word in _FAMILY or word in _TITLES


def _is_name(word: str) -> bool:
    lower = word.lower()
    proper = word[0].isupper() and len(word) > 1 and not word[1:].isupper() and lower not in _NOBODY
    return proper and not re.search(r"[a-z][A-Z]", word.removeprefix("Mc").removeprefix("Mac"))


def _length(words: list[re.Match[str]], position: int) -> int:
    """Return of how many words the name is that begins here; 0 when none does."""
    first = words[position][0].lower()
    if first in _FAMILY:
        return 1
    start = position + (1 if first in _TITLES else 0)
    end = start
    while end < len(words) and end - start < 3 and _is_name(words[end][0]) and _close(words, end, start=position):  # noqa: PLR2004 -- words of a name
        end += 1
    return end - position if end > start else 0


def _close(words: list[re.Match[str]], index: int, *, start: int) -> bool:
    if index == start:
        return True
    gap = words[index].string[words[index - 1].end() : words[index].start()]
    return gap in {" ", ". "} and (gap == " " or words[index - 1][0].lower() in _TITLES)


def _before(words: list[re.Match[str]], position: int) -> list[str]:
    return [each[0].lower() for each in words[max(0, position - 8) : position]]


def _is_met(words: list[re.Match[str]], position: int, *, text: str) -> bool:
    """Tell whether the words before a name are such that a person follows."""
    before = _before(words, position)
    if words[position][0].lower() in _TITLES:
        return True
    if not before or not text[words[position - 1].end() : words[position].start()].isspace():
        return _theirs(words, position, text=text)
    last, earlier = before[-1], set(before[:-1])
    return (
        last in _TO_THEM
        or (last == "with" and bool(earlier & _TOGETHER))
        or (last == "to" and bool(earlier & _TO))
        or (last in {"for", "of"} and bool(earlier & _FOR))
        or (last in {"up", "off"} and bool(earlier & {"pick", "drop"}))
        or _theirs(words, position, text=text)
    )


def _theirs(words: list[re.Match[str]], position: int, *, text: str) -> bool:
    """Tell whether what belongs to a person follows: "Anna's birthday"."""
    end = words[position].end()
    following = words[position + 1 : position + 4]
    return text.startswith("'s ", end) and any(each[0].lower() in _THEIRS for each in following)


def _acts(words: list[re.Match[str]], following: int, *, text: str) -> bool:
    """Tell whether the word after a name is what people do."""
    if following >= len(words) or text[words[following - 1].end() : words[following].start()] != " ":
        return False
    return words[following][0].lower() in _SPEAKS


def _joined(words: list[re.Match[str]], position: int, *, text: str) -> list[tuple[int, int]]:
    """Return where the names are that follow by "and" or a comma."""
    found = []
    while position < len(words):
        gap = text[words[position - 1].end() : words[position].start()]
        position += words[position][0].lower() == "and" and gap in {" ", ", "}
        comma = gap == ", "
        length = _length(words, position) if position < len(words) else 0
        if not length or not (comma or words[position - 1][0].lower() == "and"):
            break
        found.append((position, position + length))
        position += length
    return found


def _name(words: list[re.Match[str]], text: str) -> str:
    name = text[words[0].start() : words[-1].end()]
    return name.capitalize() if name.lower() in _FAMILY else name
