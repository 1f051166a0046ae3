"""What is wrong with a secret's value: an example's, one that cannot be typed so, another provider's, a weak one."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.model import Secret
from gonogo.secrecy import marks

_PLACEHOLDERS = re.compile(
    r"change[-_ ]?(?:me|this)|replace[-_ ]?(?:me|this|with)|placeholder|\bexample\b|\btodo\b|your[-_ ]|x{4,}|<[^>]*>"
    r"|\.{3,}|\*{3,}|…|\bdummy\b|\bfixme\b|insert[-_ ]?here|^(?:none|null|undefined|secret|password|token|test)$",
    re.IGNORECASE,
)
# How each provider's keys begin, and whose variable names they go with.
_PROVIDERS = (
    ("Anthropic", r"sk-ant-", "ANTHROPIC|CLAUDE"),
    ("OpenRouter", r"sk-or-", "OPENROUTER"),
    ("OpenAI", r"sk-(?!ant-|or-)", "OPENAI"),
    ("xAI", r"xai-", "XAI|GROK"),
    ("Groq", r"gsk_", "GROQ"),
    ("Google", r"AIza", "GOOGLE|GEMINI|FIREBASE"),
    ("GitHub", r"gh[pousr]_|github_pat_", "GITHUB|GH_"),
    ("GitLab", r"glpat-", "GITLAB"),
    ("Stripe", r"[sr]k_(?:live|test)_|whsec_", "STRIPE"),
    ("Slack", r"xox[abposr]-", "SLACK"),
    ("AWS", r"(?:AKIA|ASIA)[A-Z0-9]{16}$", "AWS|S3"),
    ("Telegram's bots", r"\d{6,12}:[\w-]{30,}$", "TELEGRAM|BOT"),
    ("Coolify", r"\d+\|[A-Za-z0-9]{40,}$", "COOLIFY"),
)
# What a value must look like, by its variable's name.
_FORMS = (
    (re.compile(r"^XAI_API_KEY$"), re.compile(r"xai-\S{8,}"), "xAI's keys begin with xai-"),
    (
        re.compile(r"^TELEGRAM_BOT_TOKEN$"),
        re.compile(r"\d{1,18}:[\w-]{20,}"),
        "a bot's token is its number, a colon and its secret, as BotFather shows it",
    ),
    (re.compile(r"^(DATABASE|POSTGRES\w*)_URL$"), re.compile(r"postgres(ql)?(\+\w+)?://.+"), "it is no Postgres URL"),
    (re.compile(r"^REDIS_URL$"), re.compile(r"(rediss?|unix)://.+"), "it is no Redis URL"),
    (
        re.compile(r"^TELEGRAM_WEBHOOK_SECRETS?$"),
        re.compile(r"[\w-]{1,256}(\s*,\s*[\w-]{1,256})*"),
        "Telegram takes A-Z a-z 0-9 _ - only",
    ),
)
_SHORTEST, _FEWEST_BITS = 8, 28.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """What is wrong with a value; never the value.

    Attributes:
        is_useless: whether it cannot work, or protects nothing.
    """

    text: str
    is_useless: bool


def looks_like_placeholder(value: str) -> bool:
    """Return whether a value is what an example says."""
    return bool(_PLACEHOLDERS.search(value)) or len(set(value)) == 1


def bits(value: str) -> float:
    """Return how much chance a value holds at most, in bits, by how often each of its letters comes."""
    counts = Counter(value)
    return -sum(many * math.log2(many / len(value)) for many in counts.values())


def flaws(secret: Secret, examples: frozenset[str] = frozenset()) -> tuple[Flaw, ...]:
    """Return all that is wrong with a secret's value.

    Args:
        secret: the variable's name and its value.
        examples: values that stand in the project's own example.
    """
    value = secret.reveal()
    if not value.strip():
        return (Flaw(text="is empty", is_useless=True),)
    bare = value.strip().strip("'\"")
    if bare in examples or any(looks_like_placeholder(each) for each in _secret_parts(secret, bare)):
        return (Flaw(text="holds a placeholder", is_useless=True),)
    return (*_wrapping(value), *_form(secret.name, bare), *_strength(secret, bare))


def _secret_parts(secret: Secret, bare: str) -> tuple[str, ...]:
    """Return what of a value nobody may guess: of a URL its password, which may be missing."""
    return secret.words[1:] if "://" in bare else (bare,)


def _wrapping(value: str) -> Iterator[Flaw]:
    """Yield what stands around a value and does not belong to it."""
    if value != value.strip():
        what = "a line break" if "\n" in value or "\r" in value else "a space"
        yield Flaw(text=f"has {what} at its beginning or end, which is sent with it", is_useless=True)
    if value.strip()[:1] in {"'", '"'}:
        yield Flaw(text="begins with a quotation mark, which is sent with it", is_useless=True)


def _form(name: str, value: str) -> Iterator[Flaw]:
    """Yield what a value should look like and does not."""
    for whose, begins, names in _PROVIDERS:
        if re.match(begins, value) and not re.search(names, name) and _names_a_provider(name):
            yield Flaw(text=f"looks like a key of {whose}: another provider's", is_useless=True)
            return
    for named, form, said in _FORMS:
        if named.search(name) and not form.fullmatch(value):
            yield Flaw(text=f"does not look right: {said}", is_useless=False)


def _names_a_provider(name: str) -> bool:
    """Return whether a variable's name says whose key it holds."""
    return any(re.search(names, name) for *_, names in _PROVIDERS)


def _strength(secret: Secret, value: str) -> Iterator[Flaw]:
    """Yield whether a value can be guessed."""
    for each in _secret_parts(secret, value):
        if len(each) < _SHORTEST:
            yield Flaw(text=f"is shorter than {_SHORTEST} characters: it can be guessed", is_useless="://" not in value)
            return
        if bits(each) < _FEWEST_BITS:
            yield Flaw(text="repeats itself: it can be guessed", is_useless=False)
            return


def is_watched(secret: Secret) -> bool:
    """Return whether a value can be looked for: a placeholder or a short one is everywhere."""
    return bool(marks.parts(secret)) and not any(map(looks_like_placeholder, marks.parts(secret)))
