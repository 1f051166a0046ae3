"""SQL as tokens: a text into its statements, a list into its parts, names as PostgreSQL folds them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<dollar>\$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?P=tag)\$|\$\$.*?\$\$)
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
  | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*")
  | (?P<parameter>%\(\w+\)s|%s|:\w+(?!:)|\$\d+)
  | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>::|:=|\|\||<>|<=|>=|!=|=>|->>|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')
# Words that mean something else without their quotes where a name stands.
_KEPT = {
    "all", "and", "as", "check", "column", "constraint", "default", "from", "group", "if", "index", "not", "null",
    "on", "only", "or", "order", "primary", "public", "references", "select", "table", "to", "unique", "user",
    "using", "where", "foreign",
}  # fmt: skip


def tokens(sql: str) -> list[str]:
    """Return a text's tokens: words folded, strings as they are, comments and white space left out."""
    return [*_tokens(sql)]


@lru_cache(maxsize=4096)
def _tokens(sql: str) -> tuple[str, ...]:
    """Return the same: a statement is asked for several times, and many revisions send the same."""
    found: list[str] = []
    at = 0
    while match := _TOKEN.match(sql, at):
        at = match.end()
        kind, text = match.lastgroup, match[0]
        if match.group("comment"):
            at = _comment_end(sql, match.start())
        elif match.group("dollar"):
            found.append(text)
        elif kind == "word":
            found.append(text.lower())
        elif kind == "quoted":
            found.append(_unquoted(text))
        elif kind != "space":
            found.append(text)
    return tuple(found)


def _comment_end(sql: str, start: int) -> int:
    """Return where a block comment ends; they nest."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(sql, start):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)


def _unquoted(text: str) -> str:
    """Return a quoted name as it would be written without quotes, where that is the same name."""
    plain = _PLAIN.fullmatch(text)
    return plain[1] if plain and plain[1] not in _KEPT else text


def split(sql: str) -> list[str]:
    """Return the statements of a text, as they are written."""
    if ";" not in sql:
        return [sql.strip()] if _tokens(sql) else []
    found, start, depth, at, words = [], 0, 0, 0, [""]
    while match := _TOKEN.match(sql, at):
        at = _comment_end(sql, match.start()) if match.group("comment") else match.end()
        depth, words = _nesting(match, depth, words)
        if match[0] == ";" and depth <= 0:
            found.append(sql[start : match.start()])
            start, words = at, [""]
    found.append(sql[start:])
    return [each.strip() for each in found if _tokens(each)]


def _nesting(match: re.Match[str], depth: int, words: list[str]) -> tuple[int, list[str]]:
    """Return how deep the text is nested after a token: parentheses, and the body of `BEGIN ATOMIC … END`."""
    if match.lastgroup == "sign":
        return depth + (match[0] == "(") - (match[0] == ")"), words
    if match.lastgroup != "word":
        return depth, words
    word = match[0].lower()
    if word == "atomic" and words[-1] == "begin":
        return depth + 1000, [*words, word]
    if depth >= 1000 and word in {"case", "end"}:  # noqa: PLR2004  # a body counts a thousand, a CASE in it another
        return depth + (1000 if word == "case" else -1000), [*words, word]
    return depth, [word]


def parts(words: Sequence[str], separator: str = ",") -> Iterator[list[str]]:
    """Yield what stands between separators that are in no parentheses."""
    depth, part = 0, list[str]()
    for word in words:
        depth += (word in {"(", "["}) - (word in {")", "]"})
        if word == separator and depth == 0:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def joined(words: Sequence[str]) -> str:
    """Return tokens as SQL that people can read."""
    text = " ".join(words)
    text = re.sub(r"\s*(\.|::)\s*", r"\1", text)
    text = re.sub(r"(?<![,<>=+*/|-]) \((?! *select)", "(", text)
    return re.sub(r"\( ", "(", re.sub(r" ([),\]])", r"\1", re.sub(r"\[ ", "[", text)))


def key(name: str) -> str:
    """Return a name to compare by: without the schema that everything is in."""
    return name.removeprefix("public.").removeprefix('"public".')


def literal(word: str) -> str:
    """Return a string literal's text."""
    if word.startswith("$"):
        tag = word[: word.index("$", 1) + 1]
        return word[len(tag) : -len(tag)]
    if word[:1] in "eE":
        word = word[1:].replace("\\'", "'").replace("\\n", "\n")
    return word[1:-1].replace("''", "'")
