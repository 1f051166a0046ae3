"""What is said in a chat: commands as people type them, and replies as people read them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from backend.providers.telegram.splitting import split

PARTS_MAX = 10
CAPTURE = "capture"
QUERY = "query"
_CUT = "The rest is too long for a chat; read it in the app."
_COMMANDS = frozenset({"start", "help", "mode", "capture", "ask", "plan", "unlink"})

HELP = """\
Send me a thought, and I keep it and note the tasks, people and dates in it.

? your question: ask about what you have noted
/plan: what is up today
/mode capture: every message is a thought
/mode query: every message is a question
/capture text, /ask text: this one message only
/unlink: part from your account"""
STRANGER = (
    "Hello. I work for people who have linked this chat to their account. To link yours, ask for a Telegram link in "
    "the app and open it here; it is valid for ten minutes, once."
)
LINKED = "This chat is linked to your account.\n\n" + HELP
CODE_REFUSED = "This link is not valid: it was used, has expired, or was replaced. Ask for a new one in the app."
UNLINKED = "This chat is no longer linked. What you have noted is still in your account."
UNKNOWN_COMMAND = "I do not know this command.\n\n" + HELP
FAILED = "Something went wrong with this message on our side, and it was not worked off. Please send it again later."
WHICH_MODE = "Say /mode capture or /mode query."
MODES = {
    CAPTURE: "Every message is a thought now. Begin with ? to ask.",
    QUERY: "Every message is a question now. Say /capture text to note something.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedSummary:
    """What capturing a thought has found.

    Attributes:
        title: The thought in a few words.
        found: A line for each thing that was found in it.
    """

    title: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerText:
    """An answer to a question.

    Attributes:
        text: The answer, never empty.
        sources: A line for each thing that it is taken from.
    """

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanText:
    """The plan of a day.

    Attributes:
        title: Which day.
        items: A line for each thing to do.
    """

    title: str
    items: tuple[str, ...] = ()


class Capture(Protocol):
    """Keeps a thought and says what is in it."""

    async def __call__(self, twin_id: UUID, text: str, *, key: str) -> CapturedSummary:
        """Capture a thought; the same key again captures nothing and says the same.

        Args:
            twin_id: Whose it is.
            text: What it says.
            key: What makes it happen once.
        """


class Ask(Protocol):
    """Answers a question."""

    async def __call__(self, twin_id: UUID, question: str, *, key: str) -> AnswerText:
        """Answer from what the twin knows.

        Args:
            twin_id: Whose knowledge.
            question: What is asked.
            key: Names the question in logs and records.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Abilities:
    """What can be done from a chat; each is another feature's, and commits what it does.

    Attributes:
        capture: Keeps a thought.
        ask: Answers a question.
        plan: Says what is up today.
    """

    capture: Capture
    ask: Ask
    plan: Callable[[UUID], Awaitable[PlanText]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What somebody wants.

    Attributes:
        name: start, help, mode, capture, ask, plan, unlink, text for no command, or unknown.
        argument: What follows it; empty when nothing does.
    """

    name: str
    argument: str


def command_of(text: str) -> Command:
    """Return what a message wants.

    Args:
        text: As it was typed, without blanks around it, not empty.
    """
    if text.startswith("?"):
        question = text.lstrip("?").strip()
        return Command(name="ask" if question else "help", argument=question)
    if not text.startswith("/"):
        return Command(name="text", argument=text)
    word = text.split(maxsplit=1)[0]
    # In a group a command may name its bot: /help@some_bot.
    name = word[1:].partition("@")[0].lower()
    return Command(name=name if name in _COMMANDS else "unknown", argument=text[len(word) :].strip())


def of_captured(summary: CapturedSummary) -> str:
    """Return what is said after a thought was captured.

    Args:
        summary: What was found.
    """
    return _listed(f"Noted: {summary.title}", summary.found)


def of_answer(answer: AnswerText) -> str:
    """Return what is said to a question.

    Args:
        answer: The answer.
    """
    return answer.text if not answer.sources else f"{answer.text}\n\n{_listed('From:', answer.sources)}"


def of_plan(plan: PlanText) -> str:
    """Return what is said about a day.

    Args:
        plan: The plan.
    """
    return _listed(plan.title, plan.items or ("nothing is due",))


def parts_of(text: str) -> list[str]:
    """Return a reply as messages; one that is far too long is cut, and says so.

    Args:
        text: The reply.
    """
    parts = split(text)
    return parts if len(parts) <= PARTS_MAX else [*parts[: PARTS_MAX - 1], _CUT]


def _listed(title: str, lines: tuple[str, ...]) -> str:
    return "\n".join((title, *(f"• {line}" for line in lines)))
