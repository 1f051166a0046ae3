"""What a rule for days is, and the words that may stand before a day."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from backend.providers.llm.builtin.vocabulary import FLAGS

_WORDS = r"(?P<pre>due(?: on| by| until| in)?|on|by|until|till|before|no later than|latest|for|starting):?\s(?:the\s)?"
# May stand before a day, and belongs to it; the other must.
PRE = rf"(?:\b{_WORDS})?"
CUE = rf"\b{_WORDS}"
YEAR = r"(?:,?\s(?P<year>(?:19|20|21)\d\d)(?![\d:.]))?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A form of words for a day.

    Attributes:
        pattern: Its groups are for `resolve`; "pre" is the word before the day.
        resolve: Gives the day, from the match and today; None or ValueError when there is none.
        numeric: It has a digit, so that a text without one need not be searched.
        exact: It gives the day of a month, not only a weekday or a distance.
    """

    pattern: re.Pattern[str]
    resolve: Callable[[re.Match[str], date], date | None]
    exact: bool
    numeric: bool


def rule(
    pattern: str, resolve: Callable[[re.Match[str], date], date | None], *, exact: bool = False, numeric: bool = False
) -> Rule:
    """Return a rule; its pattern takes small letters and capitals for the same.

    Args:
        pattern: A regular expression without unbounded repetition.
        resolve: See `Rule`.
        exact: See `Rule`.
        numeric: See `Rule`.
    """
    return Rule(pattern=re.compile(pattern, FLAGS), resolve=resolve, exact=exact, numeric=numeric)
