"""Find what looks like a secret in a text, whoever's it is. Pure; what is found is never kept, only where it stands."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gonogo.secrecy import marks, shapes

_HEX = re.compile(r"[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# Names of things that look like secrets and are none.
_PUBLIC = re.compile(
    r"sha\d*|md5|hash|digest|checksum|integrity|fingerprint|public|pubkey|commit|revision|etag|uuid|_id$|regex|pattern"
    r"|prefix|verifier|limit|count|length|name|path|file|url|type|scope|policy|class",
    re.IGNORECASE,
)
# What stands where a password would, in documents and tests.
_TAUGHT = re.compile(
    r"(?:my|the|your|some|new|old|a|wrong|right|bad|good|first|second|other)?[-_ ]?"
    r"(?:user|name|pass|passwd|password|pw|pwd|secret|token|key|postgres|redis|root|admin|guest|test|app|hunter2|s3cret)"
    r"[-_ ]?(?:word|here|\d{0,3})",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"[\w.\-\[\]\"']{0,60}$")
_FEWEST_BITS, _FEWEST_PER_LETTER, _FEWEST_PER_HEX = 60.0, 3.4, 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """One form that secrets have.

    Attributes:
        kind: what it is, for people.
        regex: group 1 is the secret where there is one, else all of it.
        anchors: texts of which one stands in each; looking for these is quick.
        is_certain: whether the form leaves little doubt.
        judge: a second look at the match, for what an expression cannot say.
    """

    kind: str
    regex: re.Pattern[str]
    anchors: tuple[str, ...] = ()
    is_certain: bool = True
    judge: Callable[[re.Match[str]], bool] = lambda _: True


def find(text: str, patterns: Iterable[Pattern]) -> Iterator[tuple[int, Pattern]]:
    """Yield where something looks like a secret, and what it looks like; each place once."""
    taken: set[int] = set()
    for pattern in patterns:
        if pattern.anchors and not any(anchor in text for anchor in pattern.anchors):
            continue
        for match in pattern.regex.finditer(text):
            group = 1 if pattern.regex.groups else 0
            at, secret = match.start(group), match[group]
            if secret and at not in taken and not _is_example(secret) and pattern.judge(match):
                taken.update(range(at, match.end(group)))
                yield at, pattern


def _is_example(secret: str) -> bool:
    """Return whether a secret is one of those that documents show."""
    is_key = secret.startswith("-----")
    if "EXAMPLE" in secret or (not is_key and shapes.looks_like_placeholder(secret)):
        return True
    return not is_key and len(set(secret)) < min(8, len(secret) // 2)


def _is_password(match: re.Match[str]) -> bool:
    """Return whether what stands before the @ of a URL is somebody's password."""
    word = match[1]
    if any(each in word for each in "{}<>$()%*…") and "%" not in word.replace("%%", ""):
        return False
    if _TAUGHT.fullmatch(word) or re.fullmatch(r"[a-z]+(?:[-_.][a-z]+)*", word) or not word.strip(".*-_x"):
        return False
    return len(word) >= marks.SHORTEST


def _is_random(match: re.Match[str]) -> bool:
    """Return whether a value beside a telling name was made by chance."""
    value, before = match[1], _NAME_BEFORE.search(match.string, max(0, match.start() - 60), match.start())
    name = (before[0] if before else "") + match[0][: match.start(1) - match.start()]
    if _PUBLIC.search(name) or _UUID.fullmatch(value) or value.count("/") > len(value) // 12 + 1:
        return False
    if not (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return False
    per_letter = shapes.bits(value) / len(value)
    if _HEX.fullmatch(value):
        return per_letter >= _FEWEST_PER_HEX and len(value) in {32, 40, 48, 64, 96, 128}
    return per_letter >= _FEWEST_PER_LETTER and shapes.bits(value) >= _FEWEST_BITS and not _is_spoken(value)


def _is_spoken(value: str) -> bool:
    """Return whether a value is words and numbers that somebody wrote: too few changes between kinds of letters."""
    kinds = re.sub(r"[^a-zA-Z0-9]", "", re.sub(r"[0-9]", "9", re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", value))))
    turns = sum(a != b for a, b in itertools.pairwise(kinds))
    return turns < len(kinds) / 5


_OWN = (
    Pattern(
        kind="private key",
        regex=re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s\"'+]){1,12}"
            r"(?:[A-Z][\w-]+: [^\n]{1,80}\s+){0,4}[A-Za-z0-9+/=]{40}"
        ),
        anchors=("PRIVATE KEY",),
    ),
    Pattern(kind="age secret key", regex=re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}"), anchors=("AGE-SECRET-KEY-1",)),
    Pattern(kind="xAI key", regex=re.compile(r"\bxai-[A-Za-z0-9]{32,}"), anchors=("xai-",)),
    Pattern(
        kind="key of OpenAI or Anthropic",
        regex=re.compile(r"\bsk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{32,}"),
        anchors=("sk-",),
        judge=lambda match: any(map(str.isdigit, match[0])) and any(map(str.isupper, match[0])),
    ),
    Pattern(kind="Coolify token", regex=re.compile(r"(?<![\w|])\d{1,6}\|[A-Za-z0-9]{40,}(?!\w)"), anchors=("|",)),
    Pattern(
        kind="Telegram bot token",
        regex=re.compile(r"(?:(?<![\w:])|(?<=/bot))(\d{8,10}:AA[0-9A-Za-z_-]{33})(?![\w-])"),
        anchors=(":AA",),
    ),
    Pattern(
        kind="GitHub token",
        regex=re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})"),
        anchors=("gh", "github_pat_"),
    ),
    Pattern(
        kind="AWS key",
        regex=re.compile(r"(?<![A-Za-z0-9/+])((?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})(?![0-9A-Za-z/+=])"),
        anchors=("AKIA", "ASIA", "ABIA", "ACCA"),
    ),
    Pattern(kind="Stripe key", regex=re.compile(r"\b[sr]k_live_[0-9a-zA-Z]{24,}"), anchors=("k_live_",)),
    Pattern(kind="Stripe webhook secret", regex=re.compile(r"\bwhsec_[0-9a-zA-Z+/=]{32,}"), anchors=("whsec_",)),
    Pattern(kind="Google API key", regex=re.compile(r"\bAIza[0-9A-Za-z_-]{35}(?![\w-])"), anchors=("AIza",)),
    Pattern(
        kind="JSON Web Token",
        regex=re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
        anchors=("eyJ",),
        is_certain=False,
    ),
    Pattern(
        kind="password in a URL",
        regex=re.compile(r"(?<=[a-z])://[^\s:/?#@\"'`|<>]{0,64}:([^\s/?#@\"'`|]{4,200})@[\w.\[{<$-]"),
        anchors=("://",),
        judge=_is_password,
    ),
)
_GENERIC = Pattern(
    kind="random value beside a telling name",
    regex=re.compile(
        r"(?:secret|token|passw(?:or)?d|passwd|api_?-?key|access_?-?key|private_?-?key|auth_?-?key|credential|_key)"
        r"[\w.\-\]]{0,30}[\"'`]?[ \t]{0,3}(?::=|=>|[:=])[ \t]{0,3}(?:[bruf]{0,2}[\"'`])?"
        r"([A-Za-z0-9+/_=~.\-]{20,200})(?![\w(\[{$])",
        re.IGNORECASE,
    ),
    is_certain=False,
    judge=_is_random,
)


def all_of(more: Iterable[Pattern] = ()) -> tuple[Pattern, ...]:
    """Return every form, the surest first, with those of somebody else's list among them."""
    return (*_OWN, *more, _GENERIC)
