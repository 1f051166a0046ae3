"""What a question asks for: an agenda, a time, a person, or anything."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from backend.providers.llm.builtin import days
from backend.providers.llm.builtin.calendars import SUNDAY, monday_after
from backend.providers.llm.builtin.matching import stems
from backend.providers.llm.builtin.vocabulary import FLAGS

_AGENDA = re.compile(
    r"\b(?:to\s?-?do|have\sto|need\sto|must\si|should\si|agenda|schedule[d]?|planned|plans?|tasks?|due|calendar|next\sup|going\son|happening|overdue|do\si\shave)\b",
    FLAGS,
)
_WEEK = re.compile(r"\b(?P<next>next|coming)?\s?(?:this\s)?week\b", FLAGS)
_OVERDUE = re.compile(r"\boverdue\b|\blate\b", FLAGS)
_WHEN = re.compile(
    r"\A\W*(?:when\b|what\s(?:day|date|time)\b|on\s(?:which|what)\s(?:day|date)\b|at\swhat\stime\b|how\slong\suntil\b)",
    FLAGS,
)
_WHO = re.compile(r"\A\W*(?:(?:with|to|for|from)\s)?(?:who|whom|whose)\b", FLAGS)
_NOT_TOPIC = frozenset(
    stems(
        "today tomorrow tonight week weekend month task tasks todo agenda schedule scheduled planned plan plans need"
        " must calendar open next overdue late happening going day days list show give urgent coming time date long"
        " until many monday tuesday wednesday thursday friday saturday sunday"
    )
)
Intent = Literal["agenda", "when", "who", "any"]
_OPENINGS: tuple[tuple[Intent, re.Pattern[str]], ...] = (("when", _WHEN), ("who", _WHO))


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question, understood.

    Attributes:
        intent: What it asks for.
        words: The stems that an answer should have.
        today: In the zone of who asks.
        first: Of an agenda, its first day; None is from ever.
        last: Of an agenda, its last day; None is for ever.
        period: Of an agenda, the days in words; empty for all days.
    """

    intent: Intent
    words: frozenset[str]
    today: date
    first: date | None = None
    last: date | None = None
    period: str = ""

    @property
    def late(self) -> bool:
        """Tell whether an agenda of what is overdue is asked for."""
        return self.period == "overdue"


def understood(question: str, now: datetime) -> Asked:
    """Return what a question asks for.

    Args:
        question: In words.
        now: Aware, in the zone of who asks.
    """
    words = frozenset(stems(question))
    topic = words - _NOT_TOPIC or words
    for intent, pattern in _OPENINGS:
        if pattern.match(question):
            return Asked(intent=intent, words=topic, today=now.date())
    agenda = _agenda(question, words - _NOT_TOPIC, today=now.date())
    return agenda or Asked(intent="any", words=topic, today=now.date())


def _agenda(question: str, topic: frozenset[str], *, today: date) -> Asked | None:
    if not _AGENDA.search(question):
        return None
    asked = Asked(intent="agenda", words=topic, today=today)
    if _OVERDUE.search(question):
        return replace(asked, last=today - timedelta(days=1), period="overdue")
    period = _period(question, today)
    if period is None:
        return None if topic else asked
    first, last, name = period
    return replace(asked, words=topic - frozenset(stems(name)), first=first, last=last, period=name)


def _period(question: str, today: date) -> tuple[date | None, date, str] | None:
    """Return the days that a question speaks of; what is overdue belongs to today and to this week."""
    if week := _WEEK.search(question):
        monday = monday_after(today)
        if week["next"]:
            return monday, monday + timedelta(days=SUNDAY), "next week"
        return None, monday - timedelta(days=1), "this week"
    day = next((each.day for each in days.find(question, today) if each.day), None)
    if day is None:
        return None
    name = {today: "today", today + timedelta(days=1): "tomorrow"}.get(day, f"on {day:%A}, {day}")
    return (None if day == today else day), day, name
