"""Dates that belong to no task: appointments, birthdays, deadlines."""

import re

from backend.providers.llm.builtin.moments import Span
from backend.providers.llm.builtin.titles import title
from backend.providers.llm.builtin.vocabulary import FLAGS

_OPENING = re.compile(
    r"[\s,:]*(?:(?:i|we)(?:'ve|\shave)?(?:\sgot|\shave)?\s(?=(?:an?|the|my|our|another)\s)|there(?:'s|\sis|\swill\sbe)\s"
    r"|(?:i'm|i\sam|we're|we\sare)\s(?=meeting|visiting|seeing|flying|having)|(?:it's|is|it\sis|will\sbe)\s)?(?:(?:an?|the|my|our)\s)?",
    FLAGS,
)
_NOUN = re.compile(
    r"\b(?:appointments?|appt|birthday|bday|meeting|wedding|anniversary|flight|train|concert|party|deadline|exam|interview|lunch|dinner"
    r"|breakfast|brunch|call|conference|trip|holidays?|vacation|dentist|doctor|haircut|class|course|webinar|workshop|review|demo|standup"
    r"|stand-up|sync|delivery|check-?in|check-?out|departure|arrival|hotel|festival|match|game|ceremony|funeral|reunion|session|training"
    r"|lesson|seminar|presentation|release|launch|kick-?off|retro|planning|coffee|visit|date|moving\sday|graduation|opening|exhibition"
    r"|due\sdate|expires|meeting|visiting|seeing|flying)\b",
    FLAGS,
)
_TOLD = re.compile(
    r"\b(?:was|were|went|had|did|been|said|says|told|thinks?|felt|came|took|made|got|liked|loved|enjoyed|cancell?ed|moved|finished|called|sent"
    r"|i|he|she|they|you|me|if|when|because|would|could|might|not|never|see|thanks|bye|maybe)\b|n't\b",
    FLAGS,
)
_SENTENCE = re.compile(r"\b(?:is|are|we|it|this|that|will|be|has|have|can)\b|'[dm]\b|'ll\b|'re\b", FLAGS)
_CLOSING = re.compile(
    r"\s(?:is|are|will\sbe|is\sset|is\sscheduled|leaves|starts|begins|ends|takes\splace|happens|arrives|departs)\s*(?:on|at|for)?\Z",
    FLAGS,
)
_DID = re.compile(r"\s*(?:\w+ed|saw|met|ran|ate|slept|drove|flew|bought)\b", FLAGS)
_WORDS_MAX = 7


def label(text: str, bare: str, *, cuts: list[Span], pinned: bool) -> str:
    """Return what happens at a date, empty when a clause only tells something.

    Args:
        text: The clause.
        bare: Its masked text, with blanks where dates and details stand.
        cuts: Where these stand.
        pinned: Its date has a time of day.
    """
    opening = _OPENING.match(bare)
    start = opening.end() if opening else 0
    if bare.rstrip().endswith("?") or _TOLD.search(bare, start):
        return ""
    words = len(bare.split())
    if _DID.match(bare, start):
        return ""
    if not _NOUN.search(bare) and not (pinned and words <= _WORDS_MAX and not _SENTENCE.search(bare, start)):
        return ""
    named = title(text, cuts, start=start, end=len(text))
    return title(closed, [], start=0, end=len(closed)) if (closed := _CLOSING.sub("", named)) else ""
