"""Answers by rules: the best sentences of what was found, each with where it comes from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from math import isfinite

from backend.providers.llm.builtin import clauses, dates, names
from backend.providers.llm.builtin.clauses import CLAUSE_MAX
from backend.providers.llm.builtin.matching import coverage
from backend.providers.llm.builtin.moments import When, local, zone_of
from backend.providers.llm.builtin.names import Known, known_of
from backend.providers.llm.builtin.questions import Asked, understood
from backend.providers.llm.builtin.titles import cut
from backend.providers.llm.records import AnswerDraft, Passage, QueryRequest

NOTHING = (
    "Nothing that you have captured speaks of that. Capture a thought about it, or ask with other words: names, "
    "projects and dates are found best."
)
QUOTES_MAX = 5
AGENDA_MAX = 15
QUOTE_MAX = 300
_PASSAGES_MAX = 50
_PASSAGE_MAX = 4_000
_SENTENCES_MAX = 60
_ENOUGH = 0.34
_SURE, _UNSURE = 0.8, 0.3
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_NOBODY: Known = known_of(())


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A sentence of a passage.

    Attributes:
        fit: How much of the question it covers, from 0 to 1; a sentence of the kind that is asked for has more.
        when: The date that it speaks of.
    """

    passage: Passage
    text: str
    fit: float
    when: When | None


def answer(request: QueryRequest) -> AnswerDraft:
    """Return what fits the question best, quoted and cited.

    Args:
        request: The question, and what was found for it.
    """
    now = local(request.now, zone_of(request.timezone))
    asked = understood(request.question[:_PASSAGE_MAX], now)
    found = [_best(each, asked, now=now) for each in request.passages[:_PASSAGES_MAX]]
    quotes = [quote for quote in found if quote.text]
    if not quotes:
        return AnswerDraft(answer=NOTHING, citations=[], confidence=0.0)
    if asked.intent == "agenda":
        return _agenda(quotes, asked, now=now)
    return _quoted(quotes, asked, now=now)


def _best(passage: Passage, asked: Asked, *, now: datetime) -> Quote:
    """Return the sentence of a passage that fits best; the first one of several."""
    said = local(passage.created_at, now.tzinfo or UTC)
    sentences = islice(clauses.sentences(passage.text[:_PASSAGE_MAX]), _SENTENCES_MAX)
    quotes = [_quote(passage, each, asked=asked, said=said) for each in sentences]
    return max(
        quotes,
        key=lambda quote: (_belongs(quote, asked), quote.fit),
        default=Quote(passage=passage, text="", fit=0.0, when=None),
    )


def _quote(passage: Passage, sentence: str, *, asked: Asked, said: datetime) -> Quote:
    when = next(iter(dates.find(sentence[:CLAUSE_MAX], said)), None)
    fit = coverage(asked.words, sentence)
    if fit and (
        (asked.intent == "when" and when) or (asked.intent == "who" and names.people(sentence[:CLAUSE_MAX], _NOBODY))
    ):
        fit = min(1.0, fit + 0.25)
    return Quote(passage=passage, text=cut(sentence, QUOTE_MAX), fit=fit, when=when)


def _agenda(quotes: list[Quote], asked: Asked, *, now: datetime) -> AnswerDraft:
    """Return a list of what there is to do in some days, or what comes next when nothing is."""
    listed = sorted((each for each in quotes if _belongs(each, asked)), key=_day_order)[:AGENDA_MAX]
    lines = [f"- {each.text}{_day_note(each, now)}" for each in listed]
    if listed:
        return _draft([_agenda_head(asked), *lines], listed, confidence=_SURE)
    empty = (
        f"Nothing that was found is {asked.period}." if asked.late else f"Nothing that was found is due {asked.period}."
    )
    ahead = sorted((each for each in quotes if each.when and each.when.day > now.date()), key=_day_order)[:1]
    following = [f"Next is: {each.text}{_day_note(each, now)}" for each in ahead]
    return _draft([empty.replace(" .", "."), *following], ahead, confidence=_UNSURE)


def _agenda_head(asked: Asked) -> str:
    if asked.late:
        return "Overdue:"
    return f"To do {asked.period}:" if asked.period else "To do:"


def _day_order(quote: Quote) -> tuple[date, datetime]:
    at = quote.when.at if quote.when else None
    return (_due(quote) or date.max, at or _LAST_MOMENT)


def _belongs(quote: Quote, asked: Asked) -> bool:
    """Tell whether a sentence belongs to the agenda that is asked for; a thought only with a day to come."""
    if asked.intent != "agenda" or (asked.words and not quote.fit):
        return False
    due, is_task = _due(quote), quote.passage.kind == "task"
    if asked.first is None and asked.last is None:
        return is_task
    if due is None or not (is_task or due >= asked.today):
        return False
    return (asked.first is None or due >= asked.first) and (asked.last is None or due <= asked.last)


def _due(quote: Quote) -> date | None:
    return quote.when.day if quote.when else None


def _quoted(quotes: list[Quote], asked: Asked, *, now: datetime) -> AnswerDraft:
    best = sorted(quotes, key=lambda quote: (-quote.fit, -_rank(quote)))
    top = best[0]
    chosen = [quote for quote in best if quote.fit >= max(_ENOUGH, top.fit / 2)][:QUOTES_MAX]
    if not chosen:
        return _draft(["Nothing fits closely. The nearest is:", _line(top, now)], [top], confidence=0.1)
    head = _head(chosen[0], asked, now=now)
    confidence = 0.15 + 0.65 * top.fit + 0.15 * _rank(top) / (1 + _rank(top))
    return _draft([*head, *(_line(quote, now) for quote in chosen)], chosen, confidence=confidence)


def _head(quote: Quote, asked: Asked, *, now: datetime) -> list[str]:
    if asked.intent == "when" and quote.when:
        return [f"{dates.shown(quote.when, now)}."]
    if asked.intent == "who" and (people := names.unique(names.people(quote.text, _NOBODY), QUOTES_MAX)):
        return [f"{', '.join(people)}."]
    return []


def _line(quote: Quote, now: datetime) -> str:
    made = local(quote.passage.created_at, now.tzinfo or UTC)
    return f"- {quote.text} ({quote.passage.kind} of {made:%Y-%m-%d})"


def _day_note(quote: Quote, now: datetime) -> str:
    """Return the day of something to do, unless its text gives it."""
    if quote.when is None or quote.when.day.isoformat() in quote.text:
        return ""
    return f" ({dates.shown(quote.when, now)})"


def _rank(quote: Quote) -> float:
    return quote.passage.rank if isfinite(quote.passage.rank) and quote.passage.rank > 0 else 0.0


def _draft(lines: list[str], quotes: list[Quote], *, confidence: float) -> AnswerDraft:
    citations = list(dict.fromkeys(quote.passage.id for quote in quotes))
    return AnswerDraft(answer="\n".join(lines), citations=citations, confidence=round(min(confidence, 0.95), 2))
