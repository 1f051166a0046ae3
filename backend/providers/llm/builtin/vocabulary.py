"""Words of the calendar, as parts of patterns and as numbers."""

import re

FLAGS = re.IGNORECASE
WEEKDAY_LONG = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
# Short forms that are words of their own count only after a preposition.
WEEKDAY_CLEAR = f"{WEEKDAY_LONG}|mon|tues?|thu(?:rs?)?|fri"
WEEKDAY = f"{WEEKDAY_CLEAR}|wed|sat|sun"
MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2, "a few": 3, "other": 2, "second": 2,
    "third": 3, "fourth": 4,
}  # fmt: skip
NUMBER = r"(?:\d{1,3}|a couple of|a few|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"


def weekday_of(word: str) -> int:
    """Return the number of a weekday, Monday is 0.

    Args:
        word: Its name, long or short.
    """
    return _WEEKDAYS.index(word[:3].lower())


def month_of(word: str) -> int:
    """Return the number of a month, January is 1.

    Args:
        word: Its name, long or short.
    """
    return _MONTHS.index(word[:3].lower()) + 1


def number_of(word: str) -> int:
    """Return a number that is written with digits or as a word.

    Args:
        word: At most three digits, or one of the words of `NUMBER`.
    """
    return int(word) if word.isdecimal() else _NUMBERS[" ".join(word.lower().split())]


def words(text: str) -> frozenset[str]:
    """Return the words of a list.

    Args:
        text: Words with blanks between them.
    """
    return frozenset(text.split())
