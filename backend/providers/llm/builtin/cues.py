"""What a clause is: something to do, an idea, a problem, or only a note."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.providers.llm.builtin import verbs
from backend.providers.llm.builtin.clauses import Clause
from backend.providers.llm.builtin.vocabulary import FLAGS, words

_PREFIX = re.compile(
    r"[\s>(]*(?:(?P<task>to-?\s?do|tasks?|action(?:\sitem)?|reminder|remember|don'?t forget|note to self"
    r"|must do|need to|have to|next step)\s?[:—\u2013-]"
    r"|(?P<idea>ideas?)\s?[:—\u2013-]|(?P<problem>problem|issue|bug|blocker|pain point)\s?[:—\u2013-]"
    r"|(?P<note>notes?|fyi|done|question|quote|thought|log|learned|til|decision)\s?[:—\u2013-])\s?",
    FLAGS,
)
_FILLER = re.compile(
    r"[\s,.:;!—\u2013-]*(?:(?:(?:and|also|then|so|ok|okay|oh|btw|hey|hi|first|firstly|second|secondly|finally|lastly|next|please|pls|plz|now|later)\b"
    r"|no need to panic)[\s,:]+){0,4}",
    FLAGS,
)
_SHOUT = re.compile(r"(?<!\w)(?-i:TODO|FIXME)\b[\s:—\u2013-]{0,4}", FLAGS)
_SELF = re.compile(
    r"\b(?P<cue>need\sto|have\sto|got\sto|gotta|ought\sto|must|should|shall|(?:am|'m|are|'re)\ssupposed\sto"
    r"|promised\s(?:\w+\s)?to|'d\sbetter|had\sbetter)\s"
    r"(?:(?:also|still|really|just|finally|definitely|then|remember\sto)\s)?(?P<verb>[a-z]+)",
    FLAGS,
)
_INTENT = re.compile(
    r"(?:\b(?:i|we)(?:'ll|\swill)|\b(?:i'm|i\sam|we're|we\sare)\sgoing\sto|\blet'?s|\bit's\stime\sto|\btime\sto)\s(?P<verb>[a-z]+)",
    FLAGS,
)
_REMIND = re.compile(
    r"\b(?:remember\sto|(?:don'?t|do\snot|never)\sforget\sto|be\ssure\sto|make\ssure\sto|remind\sme\sto|please|pls)\s(?P<verb>[a-z]+)",
    FLAGS,
)
_ABOUT = re.compile(r"(?:don'?t\sforget|remind\sme\s(?:about|of)|reminder(?:\sfor|\sabout|\sof)?)\s(?P<verb>\S)", FLAGS)
_POLITE = re.compile(r"(?:can|could|will|would)\syou\s(?:please\s)?(?:remind\sme\sto\s)?(?P<verb>[a-z]+)", FLAGS)
_PASSIVE = re.compile(
    r"(?:the|my|our|this|that|these|those|all)\s(?:[\w'-]+\s){1,5}?(?:needs?\sto|has\sto|have\sto|must)\sbe\s\w+(?:ed|en|nt|pt|ne|lt|ght|de|id)\b",
    FLAGS,
)
_SELVES = words(
    """
    i we and but so also then still really just definitely finally urgently absolutely first probably
    """
)
_IDEA = re.compile(
    r"(?:what\sif|how\sabout|why\snot|why\sdon'?t\s(?:we|i)|wouldn't\sit\sbe|imagine\sif|idea\sfor"
    r"|(?:it\s)?would\sbe\s(?:nice|great|cool|good|fun|useful|awesome)\s(?:if|to)"
    r"|(?:maybe|perhaps)\s(?:we|i)\s(?:could|can|should|might)|(?:we|i)\scould\s(?:also\s|maybe\s|perhaps\s)?"
    r"(?!not\b|have\b|hardly\b|barely\b|hear\b|see\b|feel\b|be\b|n't\b|only\b)[a-z]+)\b",
    FLAGS,
)
_NOT = r"(?:doesn'?t|don'?t|does\snot|do\snot|won'?t|will\snot|isn'?t|is\snot)"
_PROBLEM = re.compile(
    rf"\b{_NOT}\s(?:even\s|really\s)?(?:work(?:ing)?|start|load|open|close|respond(?:ing)?|turn\son|boot|charg\w+|connect|compile|sync)\b"
    r"|(?:\b(?:is|are|seems?|looks?|keeps\sbeing)|'s)\s(?:(?:still|again|completely|totally|so|too|always|really)\s){0,2}"
    r"(?:broken|down|failing|stuck|leaking|offline|crashing|missing|unusable|corrupt(?:ed)?|out\sof\sorder|defective|flaky|slow|unreachable)\b"
    r"|\b(?:can'?t|cannot|can\snot|unable\sto)\s(?!wait|believe|help|complain|stop|imagine|say|remember|deny|thank|be\b|really\b)[a-z]+"
    r"|\bkeeps?\s(?:crashing|failing|freezing|breaking|dropping|losing|disconnecting|restarting|leaking|beeping|jamming)\b"
    r"|\b(?:has\s)?stopped\sworking\b|\b(?:fails|crashes|hangs|freezes)\b|\bleaks\b"
    r"|\bthere(?:'s|\sis)\s(?:a|an|some)\s(?:\w+\s)?(?:bug|problem|issue|error|leak)\b"
    r"|\b(?:problems?|trouble|issues)\swith\b",
    FLAGS,
)
_STOP = re.compile(r",?\s(?:but|because|although|though|otherwise)\s|\s\((?=i\b)", FLAGS)
_AND = re.compile(
    r"(?:\s?,\s(?:and\s)?(?:then\s|also\s)?|\sand\s(?:then\s|also\s)?|\s?;\s?)(?=(?P<word>[a-z-]{2,20})\s(?P<next>\S+))",
    FLAGS,
)
_CUE_AGAIN = re.compile(r"(?:i\s)?(?:need\sto|have\sto|must|remember\sto|don'?t\sforget\sto)\s", FLAGS)
_IDIOM = re.compile(
    r"(?:remind\sme\b|take\scare\b|get\s(?:well|over\sit|lost)|make\ssense|keep\scalm|go\sfigure|thank\s(?:you|god)|check\sthis\sout|tell\sme\s(?:more|why)"
    r"|give\sme\sa\sbreak|read\smore\b|call\sit\s|never\smind|try\sagain|learn\smore\b|(?:make|call|tell)\sme\b(?!\w))",
    FLAGS,
)
_PAST = re.compile(
    r"\byesterday\b|\blast\s(?:night|week|month|year|\w+day)\b|\bago\b|\b(?:was|were|went|did|had)\b", FLAGS
)
_TOPIC = re.compile(r"[^:]{1,40}:\s{1,3}")
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|asks|asked|wrote|writes|sign|poster|title|called|lyrics|joke|rule)\b", FLAGS
)
_SAME_IN_PAST = frozenset({"read", "put", "cut", "set"})
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_NEXT = 60
Sort = Literal["task", "idea", "problem"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A place of a clause that says something of its own.

    Attributes:
        sort: What it is.
        start: Where its title begins.
        end: Where it ends.
    """

    sort: Sort
    start: int
    end: int


def read(clause: Clause, bare: str) -> list[Part]:
    """Return what a clause says; nothing when it is only a note.

    Args:
        clause: The clause.
        bare: Its masked text with blanks where dates and details stand, as long as the clause.
    """
    if clause.kind == "done":
        return []
    prefix = _PREFIX.match(bare)
    if prefix:
        sort = prefix.lastgroup
        return [] if sort == "note" else list(_told(sort or "", bare, start=prefix.end()))
    begin = _FILLER.match(bare)
    start = begin.end() if begin else 0
    if clause.kind == "open" or (clause.kind == "item" and clause.heading in {"todo", "buy"}):
        return list(_told("task", bare, start=start))
    if clause.heading in {"ideas", "problems"} and clause.kind == "item":
        return list(_told(clause.heading.rstrip("s"), bare, start=start))
    if bare.rstrip().endswith("?"):
        return _asked(bare, start)
    return _said(clause, bare, start=start)


def _told(sort: str, bare: str, *, start: int) -> Iterator[Part]:
    """Yield what a prefix or a box announces, whatever its words are."""
    if sort == "idea":
        yield Part(sort="idea", start=start, end=len(bare))
    elif sort == "problem":
        yield Part(sort="problem", start=start, end=len(bare))
    else:
        inner = _first_cue(bare, start)
        yield from _split(bare, inner if inner is not None else start)


def _asked(bare: str, start: int) -> list[Part]:
    if _IDEA.match(bare, start):
        return [Part(sort="idea", start=start, end=len(bare))]
    polite = _POLITE.match(bare, start)
    if polite and polite["verb"].lower() in verbs.ALL:
        return list(_split(bare.rstrip("? "), polite.start("verb")))
    return []


def _said(clause: Clause, bare: str, *, start: int) -> list[Part]:
    if _IDEA.match(bare, start):
        return [Part(sort="idea", start=start, end=len(bare))]
    begin = _order(clause, bare, start=start)
    begin = begin if begin is not None else _first_cue(bare, start)
    if begin is not None:
        before = _PROBLEM.search(bare, 0, begin)
        problem = [Part(sort="problem", start=start, end=_clean_end(bare, begin))] if before and begin > start else []
        return problem + list(_split(bare, begin))
    if _PASSIVE.match(bare, start):
        return [Part(sort="task", start=start, end=len(bare))]
    if _PROBLEM.search(bare):
        return [Part(sort="problem", start=start, end=len(bare))]
    return []


def _clean_end(bare: str, end: int) -> int:
    """Return where the words before a cue end, without the words that lead to the cue."""
    lead = re.search(
        r"[\s,;]+(?:(?:and|so|but|i|we|then|also|still|really|need|have|must|should|to|please)[\s,]+){0,6}\Z",
        bare[max(0, end - 60) : end],
        FLAGS,
    )
    return end - (len(lead[0]) if lead else 0)


def _first_cue(bare: str, start: int) -> int | None:
    """Return where what is to do begins behind the first cue, None without one."""
    if shout := _SHOUT.search(bare, start):
        return shout.end()
    found = [match.start("verb") for match in _SELF.finditer(bare, start) if _by_self(bare, start, match=match)]
    found += [match.start("verb") for match in _INTENT.finditer(bare, start) if match["verb"].lower() in verbs.ALL]
    found += [match.start("verb") for match in _REMIND.finditer(bare, start) if _acts(match)]
    if about := _ABOUT.match(bare, start):
        found.append(about.start("verb"))
    return min(found, default=None)


def _by_self(bare: str, start: int, *, match: re.Match[str]) -> bool:
    """Tell whether it is the writer who must, not somebody else."""
    if not _acts(match):
        return False
    before = bare[start : match.start()].rstrip()
    words = _WORD.findall(before[-40:])
    if not words or before[-1] in ",;:.!—\u2013":
        return True
    last = words[-1].lower()
    if last in {"and", "but", "so"}:
        return bool(re.match(r"(?:i|we|i'm|i've|my|our)\b", bare[start:], FLAGS)) or last == "so"
    return last in _SELVES


def _acts(match: re.Match[str]) -> bool:
    return match["verb"].lower() not in verbs.NO_ACTION


def _order(clause: Clause, bare: str, *, start: int) -> int | None:
    """Return where an order begins, at the start or behind what it is about: "Kitchen: call the plumber"."""
    if _is_order(clause, bare, start=start):
        return start
    topic = _TOPIC.match(bare, start)
    behind = topic and not _REPORTED.search(bare, start, topic.end()) and _is_order(clause, bare, start=topic.end())
    return topic.end() if topic and behind else None


def _is_order(clause: Clause, bare: str, *, start: int) -> bool:
    """Tell whether a sentence begins with an order; a verb alone is one when a date stands beside it."""
    first = _WORD.match(bare, start)
    if not first or first[0].lower() not in verbs.ALL or _IDIOM.match(bare, start) or bare[first.end() :][:1] == ":":
        return False
    verb = first[0].lower()
    following = [word.lower().strip(".,;:!") for word in bare[first.end() : first.end() + _NEXT].split()]
    if not following:
        return verb in verbs.PLAIN and bool(clause.masked[first.end() :].strip(" .,!"))
    if following[0] in verbs.NO_ORDER:
        return False
    if verb in verbs.NOUNISH:
        return not _is_noun(following) and not _PAST.search(bare, start)
    return verb not in _SAME_IN_PAST or not _PAST.search(bare, start)


def _is_noun(following: list[str]) -> bool:
    """Tell from the words behind it whether a word that may be a noun is one: "call with", "order arrived"."""
    second, third = following[0], following[1] if len(following) > 1 else ""
    return second in verbs.NOUN_NEXT or second.endswith("ed") or third in verbs.NO_ORDER


def _split(bare: str, start: int) -> Iterator[Part]:
    """Yield the tasks of a place, each for itself where an order follows an "and" or a comma."""
    stop = _STOP.search(bare, start)
    end = stop.start() if stop else len(bare)
    for match in _AND.finditer(bare, start, end):
        again = _CUE_AGAIN.match(bare, match.end())
        if again or _goes_on(match):
            yield Part(sort="task", start=start, end=match.start())
            start = again.end() if again else match.end()
    yield Part(sort="task", start=start, end=end)


def _goes_on(match: re.Match[str]) -> bool:
    word, following = match["word"].lower(), match["next"].lower().strip(".,;:!")
    if word in verbs.PLAIN:
        return following not in verbs.NO_ORDER
    return word in verbs.NOUNISH and (match["next"][:1].isupper() or following in _OBJECTS)


_OBJECTS = words(
    """
    the a an my our his her their this that some for him them everyone mom mum dad about all
    """
)
