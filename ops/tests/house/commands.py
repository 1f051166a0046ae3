"""The commands in a page, and whether the real entry points take them.

A word in capitals, `<a word>` or an ellipsis stands for whatever belongs there; an ellipsis at the end of a call says
that it goes on, and what is written of it is looked at. Variables of the process environment are in capitals, a block's
own are not.
"""

import io
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib.util import find_spec
from itertools import chain, pairwise

from alembic.config import CommandLine
from invoke.exceptions import ParseError
from invoke.parser import Parser
from invoke.program import Program
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nox import registry
from nox._options import options as nox_options

import noxfile
from backend.admin.main import _parser as admin_parser
from gonogo.local.drills import FAULTS
from tasks import ns
from tests.house.sources import ROOT

SHELL = {"", "sh", "bash", "console"}
# What a call may begin with beside the program itself.
WRAPPERS = {"$", "time", "exec", "eval", "export"}
UV_VALUED = {"--group", "--package"}
CONNECTORS = re.compile(r"[();<>|&]+")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_,-]*|.*(?:…|\$).*", re.DOTALL)
# Names that look like a task and are something else: a kind of job, a line of the log.
NO_TASKS = {"jobs.deferred", "jobs.retention"}
# A value that suits what argparse reads as a number.
SAMPLE, SAMPLES = "1", {"EMAIL": "ada@example.org"}
UNREADABLE = "(unreadable)"


def wrong_calls(page: str) -> list[str]:
    """Return what is wrong with the commands of a page, in words."""
    return [f"{' '.join(words)}: {problem}" for words in calls(page) if (problem := wrong(words))]


def calls(page: str) -> Iterator[list[str]]:
    """Yield each call of a page as words, those that are no entry point of ours too."""
    for token in MarkdownIt("commonmark").enable("table").parse(page):
        if token.type == "fence" and token.info.strip() in SHELL:
            yield from chain.from_iterable(split(line) for line in _lines(token.content))
        yield from chain.from_iterable(_inline(each) for each in token.children or () if each.type == "code_inline")


def _inline(span: Token) -> Iterator[list[str]]:
    """Yield the calls of a code span; a task's name alone is no whole call."""
    task, _, rest = span.content.partition(" ")
    noun, _, verb = task.partition(".")
    is_task = noun in nouns() and re.fullmatch(r"[a-z]+|\*", verb) and task not in NO_TASKS
    yield from split(f"invoke {task} {rest or '…'}" if is_task else span.content)


def _lines(block: str) -> Iterator[str]:
    """Yield a block's commands, each with the lines that it goes on in."""
    begun = ""
    for line in block.splitlines():
        begun += re.sub(r"(?:^|\s)#(?:\s.*)?$", "", line)
        if begun.endswith("\\") or begun.count("'") % 2 or begun.count('"') % 2:
            begun = begun.removesuffix("\\") + "\n"
            continue
        yield begun
        begun = ""
    yield begun


def split(code: str) -> Iterator[list[str]]:
    """Yield the simple commands of a line, what is substituted into it included."""
    for inner in re.findall(r"\$\(([^()]*)\)", code):
        yield from split(inner)
    plain = re.sub(r"<\S[^<>\n]*>", "VALUE", re.sub(r"\$\([^()]*\)", "…", code))
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:
        # Prose or another language; a call of ours must be one that a shell can read.
        words = ["invoke", UNREADABLE] if re.search(r"^\s*(uv run|invoke|nox) ", plain, re.MULTILINE) else []
    command: list[str] = []
    for word in [*words, ";"]:
        if not CONNECTORS.fullmatch(word):
            command.append(word)
        elif command:
            yield command
            command = []


def wrong(words: Sequence[str]) -> str | None:
    """Return what is wrong with a call; None when nothing is, or when it is none of ours."""
    rest, names = list(words), set(re.findall(r"\$\{?(\w+)", " ".join(words)))
    while rest and (rest[0] in WRAPPERS or ASSIGNMENT.match(rest[0])):
        names.add(rest.pop(0).partition("=")[0])
    if (words[0] != "export" and not rest[:1]) or "".join(rest[:1]).startswith("$"):
        return None
    if unknown := sorted(name for name in names if name.isupper() and name not in variables()):
        return f"no variable {', '.join(unknown)}"
    if rest[:2] == ["uv", "run"]:
        return _uv_run(rest[2:])
    return program(rest) if rest else None


def _uv_run(rest: list[str]) -> str | None:
    """Look at the options of `uv run`, then at what it runs."""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option not in UV_VALUED:
            return f"uv run {option}"
        if rest.pop(0) not in sections()[option]:
            return f"uv run {option}: no such one"
    return program(rest)


def program(words: list[str]) -> str | None:
    """Look at a program with its arguments."""
    name, arguments = (words or [""])[0], words[1:]
    if name in {"python", "python3"}:
        return _python(arguments)
    if name in {"sh", "bash"}:
        return script(arguments[0]) if arguments else None
    if name in PROGRAMS:
        return PROGRAMS[name](arguments)
    is_ours = name == ".ci/run" or re.fullmatch(r"(?:\./)?ops/[\w/.-]+\.sh", name)
    return script(name) if is_ours else None


def _python(arguments: list[str]) -> str | None:
    """Look at `python -m MODULE`; anything else is not ours."""
    if arguments[:1] != ["-m"] or len(arguments) == 1:
        return None
    module, rest = arguments[1], arguments[2:]
    if module == "backend.admin.main" and rest:
        return refused(admin_parser().parse_args, rest)
    if module in PROGRAMS:
        return PROGRAMS[module](rest)
    return None if find_spec(module) else f"no module {module}"


def script(name: str) -> str | None:
    """Say whether a script exists and may be run."""
    path = ROOT / name
    if PLACEHOLDER.fullmatch(name) or name.startswith("-"):
        return None
    return None if path.is_file() and os.access(path, os.X_OK) else "no such script that may be run"


def invoke(arguments: list[str]) -> str | None:
    """Let Invoke read a call, with each task that a placeholder may stand for."""
    if arguments == [UNREADABLE]:
        return "a shell cannot read it"
    tasks, rest = arguments[:1], arguments[1:]
    if not tasks or tasks[0].startswith("-"):
        return _parsed(arguments)
    pattern = re.sub(r"\\\*|[A-Z]+|…", ".+", re.escape(tasks[0]))
    meant = [name for name in ns.task_names if re.fullmatch(pattern, name)]
    problems = [_parsed([name, *(rest or ["…"] * tasks[0].endswith("*"))]) for name in meant]
    return None if None in problems else (problems or ["no such task"])[0]


def _parsed(arguments: list[str]) -> str | None:
    """Let Invoke read one call, and look at the values that it may take."""
    goes_on = is_cut_short(arguments)
    program = Program(namespace=ns)
    parser = Parser(initial=program.initial_context, contexts=ns.to_contexts())
    try:
        read = parser.parse_argv(arguments[:-1] if goes_on else arguments)
    except ParseError as error:
        return None if goes_on and "positional" in str(error) else str(error)
    for name, allowed in {"env": environments(), "fault": {*FAULTS}}.items():
        values = {
            str(context.args[name].value) for context in read if name in context.args and context.args[name].value
        }
        if strange := [each for each in values if each not in allowed and not PLACEHOLDER.fullmatch(each)]:
            return f"--{name} {strange[0]}: no such one"
    return None


def nox(arguments: list[str]) -> str | None:
    """Let Nox read a call, and look for its sessions."""
    assert noxfile.__doc__  # imported, it has registered them
    if problem := refused(nox_options.parser().parse_args, arguments):
        return problem
    asked = getattr(nox_options.parser().parse_args(arguments), "sessions", None) or []
    unknown = [name for name in asked if name not in registry.get() and not PLACEHOLDER.fullmatch(name)]
    return f"no session {', '.join(unknown)}" if unknown else None


def alembic(arguments: list[str]) -> str | None:
    """Let Alembic read a call, and look for its file."""
    parser = CommandLine("alembic").parser
    if problem := refused(parser.parse_args, arguments):
        return problem
    files = [each for option, each in pairwise(arguments) if option == "-c"]
    return next((f"no file {each}" for each in files if not (ROOT / each).is_file()), None)


def pytest(arguments: list[str]) -> str | None:
    """Look for the tests that are named."""
    files = [each.partition("::")[0] for each in arguments if "/" in each and not PLACEHOLDER.fullmatch(each)]
    return next((f"no file {each}" for each in files if not (ROOT / each).exists()), None)


def is_cut_short(arguments: list[str]) -> bool:
    """Return whether a call goes on: its last ellipsis is not an option's value."""
    return arguments[-1:] == ["…"] and not "".join(arguments[-2:-1]).startswith("-")


def refused(parse: Callable[[list[str]], object], arguments: list[str]) -> str | None:
    """Return what argparse says against a call."""
    goes_on = is_cut_short(arguments)
    said = io.StringIO()
    words = arguments[:-1] if goes_on else arguments
    given = [SAMPLES.get(each, SAMPLE) if PLACEHOLDER.fullmatch(each) else each for each in words]
    try:
        with redirect_stderr(said), redirect_stdout(said):
            parse(given)
    except SystemExit as end:
        words = said.getvalue().strip().splitlines()[-1:]
        is_unfinished = goes_on and "required" in said.getvalue()
        return None if end.code in {0, None} or is_unfinished else "".join(words)
    return None


PROGRAMS: dict[str, Callable[[list[str]], str | None]] = {
    "invoke": invoke,
    "nox": nox,
    "alembic": alembic,
    "pytest": pytest,
}


@cache
def nouns() -> set[str]:
    """Return what tasks are grouped by."""
    return {name.partition(".")[0] for name in ns.task_names}


@cache
def environments() -> set[str]:
    """Return the names of the environments."""
    return {*tomllib.loads((ROOT / "gonogo.toml").read_text(encoding="utf-8"))["environments"]}


@cache
def sections() -> dict[str, set[str]]:
    """Return what `uv run --group` and `--package` may name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {"--group": {*project["dependency-groups"]}, "--package": {"backend", "gonogo", "gonogo-migrator"}}


@cache
def variables() -> set[str]:
    """Return the variables that are set somewhere or explained."""
    read = {name: (ROOT / name).read_text(encoding="utf-8") for name in (".env.example", "gonogo.toml")}
    explained = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    return {
        *re.findall(r"^#?([A-Z_]+)=", read[".env.example"], re.MULTILINE),
        *re.findall(r"\$([A-Z_]+)", read["gonogo.toml"]),
        *re.findall(r"`([A-Z][A-Z_]+)`", explained),
    }
