"""What git would take next, and what a build copies into an image."""

from pathlib import Path

import pytest

from gonogo.adapters.leaks import dockerfiles, tree
from gonogo.model import Leak, Secret
from gonogo.secrecy.patterns import all_of
from gonogo.secrecy.sheets import Sheets, Watch
from tests.house.sources import ROOT
from tests.secrecy.conftest import Repository

VALUE = "mV3pQ8zRt6YkW1nB5xLc9"


def look(root: Path) -> list[Leak]:
    """Return what is found in a checkout."""
    found: list[Leak] = []
    sheets = Sheets(watch=Watch((Secret("SECRET_KEY", VALUE),)), patterns=all_of(), told=found.append)
    found += [*tree.unknown_to_git(root, sheets), *tree.context(root, sheets)]
    sheets.done()
    return found


def test_what_git_does_not_know_yet_is_read(repository: Repository) -> None:
    """New files and changed ones; what is ignored is nobody's."""
    repository.commit(**{".gitignore": "kept\n"})
    for name in ("new.py", "README.md", "kept"):
        (repository.root / name).write_text(f"first\n{VALUE}\n")
    assert sorted((leak.place, leak.path, leak.line) for leak in look(repository.root)) == [
        ("tree", "README.md", 2),
        ("tree", "new.py", 2),
    ]


@pytest.mark.parametrize("name", [".env", ".env.prod", "deploy/id_rsa", "a.pem", ".netrc", ".git-credentials"])
def test_a_file_that_holds_secrets_by_its_name_is_told(repository: Repository, name: str) -> None:
    """Whatever is in it: the next change may bring a secret."""
    repository.commit_files("bad", [(name, "nothing\n")])
    assert [(leak.place, leak.path) for leak in look(repository.root)] == [("tree", name)]


@pytest.mark.parametrize("name", [".env.example", "certs/ca-bundle.pem", "id_rsa.pub", "environment.py", "a.env.py"])
def test_a_file_that_only_sounds_like_one_is_not(repository: Repository, name: str) -> None:
    """Examples, and public halves."""
    repository.commit_files("good", [(name, "nothing\n")])
    assert look(repository.root) == []


def test_what_is_copied_into_an_image_is_read_as_the_builder_reads_it(repository: Repository) -> None:
    """Also what git ignores; not what .dockerignore leaves out, another stage's, or what nobody copies."""
    repository.commit(
        **{
            ".gitignore": "*.local\n",
            ".dockerignore": "# none of these\n*\n!app\n**/*.tmp\napp/tests\n",
            "Dockerfile": "FROM x AS build\nCOPY --chown=a:b app/ \\\n  # said\n  /app/\n"
            "COPY --from=build /other /other\nADD https://example.org/a /a\n",
        }
    )
    for name in ("app/a.local", "app/deep/b.local", "app/c.tmp.local", "app/x.tmp", "app/tests/d.local", "e.local"):
        path = repository.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VALUE)
    found = sorted(leak.path for leak in look(repository.root) if leak.place == "context")
    assert found == ["app/a.local", "app/c.tmp.local", "app/deep/b.local"]


def test_a_whole_folder_with_an_environment_file_is_told(repository: Repository) -> None:
    """`COPY . .` and no .dockerignore."""
    repository.commit(**{".gitignore": ".env*\n", "Dockerfile": 'FROM x\nCOPY [".", "/app"]\n'})
    (repository.root / ".env.prod").write_text("A=1\n")
    assert [(leak.place, leak.path) for leak in look(repository.root)] == [("context", ".env.prod")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ARG NPM_TOKEN", "ARG NPM_TOKEN"),
        ("ENV SECRET_KEY=abc", "ENV SECRET_KEY"),
        ("ENV API_PASSWORD abc", "ENV API_PASSWORD"),
        ("ENV A=1 \\\n    DB_PASSWORD='x y'", "ENV DB_PASSWORD"),
        ("ARG SOURCE_COMMIT", ""),
        ("ENV SECRET_KEY_FILE=/run/secrets/a", ""),
        ("ENV SECRET_KEY=", ""),
        ("RUN --mount=type=secret,id=token make", ""),
        ("# ARG NPM_TOKEN", ""),
    ],
)
def test_a_secret_that_is_given_to_a_build_is_told(repository: Repository, line: str, told: str) -> None:
    """By the instruction: an argument stays in the image's history."""
    repository.commit(**{"docker__Dockerfile.worker": f"FROM x\n{line}\n"})
    assert [leak.what for leak in look(repository.root)] == ([told] if told else [])


def test_our_own_images_are_given_no_secret() -> None:
    """And what they copy is code."""
    for name in ("Dockerfile", "Dockerfile.worker"):
        found = dockerfiles.read((ROOT / "backend" / name).read_text(encoding="utf-8"))
        assert list(dockerfiles.baked(found)) == []
        assert "." not in dockerfiles.copied(found)
        assert "backend" in dockerfiles.copied(found)
