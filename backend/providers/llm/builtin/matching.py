"""How well words fit a question: light stemming, and how much of the question a sentence covers."""

import re

from backend.providers.llm.builtin.vocabulary import words

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_STOP = words(
    """
    a about again all also am an and any anything are as at be been being but by can could did do does doing
    done due ever everything for from had has have having he her here him his how i if in into is it its just
    know let me more my no not now of on or our ours out said say says shall she should so some something tell
    than that the their them then there these they thing things this those to us want was we were what when
    where which who whom whose why will with would you your
    """
)
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "edly", "ed", "es", "ly", "s", "e", "y")
_STEM_MIN = 3
_WORDS_MAX = 400


def stems(text: str) -> list[str]:
    """Return the words of a text that say something, each reduced to its stem.

    Args:
        text: Any text; words beyond the first 400 are left out.
    """
    words = [match[0].casefold().removesuffix("'s") for match in _WORD.finditer(text[: _WORDS_MAX * 12])][:_WORDS_MAX]
    return [stem(word) for word in words if word not in _STOP]


def stem(word: str) -> str:
    """Return a word without its ending, so that "meetings" and "meeting" are the same.

    Args:
        word: In small letters.
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_MIN:
            return _single(word[: -len(ending)])
    return word


def _single(word: str) -> str:
    """Return a word with one letter where an ending had doubled the last: "planned", "plan"."""
    return word[:-1] if len(word) > _STEM_MIN and word[-1] == word[-2] and word[-1] not in "aeious" else word


def coverage(question: frozenset[str], text: str) -> float:
    """Return how much of a question's words a text has, from 0 to 1.

    Args:
        question: Its stems.
        text: Any text.
    """
    return len(question & set(stems(text))) / len(question) if question else 0.0
