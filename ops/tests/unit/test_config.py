"""gonogo.toml read for one environment: every problem at once, and never a secret."""

from pathlib import Path

import pytest

from gonogo import config
from gonogo.errors import ConfigurationError, UsageError
from gonogo.model import Config

FILE = """
[project]
name = "example"
log = "comms/log.md"
[artifact]
environment = ["uv", "sync"]
key_files = ["uv.lock"]
[service]
live = "/live"
ready = "/ready"
workers = "/workers"
canary = "/canary"
job = "/jobs/{id}"
[commands]
migrate = ["alembic"]
migrations = "alembic.ini"
smoke = ["pytest"]
backup = ["sh"]
[environments.prod]
env_file = ".env.prod"
coolify_url = "https://coolify"
coolify_token = "$COOLIFY_TOKEN"
api_uuid = "a"
worker_uuid = "w"
api_url = "$API_URL"
api_token = "$API_TOKEN"
database_url = "$DATABASE_URL"
redis_url = "$REDIS_URL"
scratch_url = "$SCRATCH_DATABASE_URL"
[environments.local]
stack = "local"
[environments.local.limits]
bake_s = 8
"""
ENVIRON = {
    "COOLIFY_TOKEN": "1|hunter2-coolify",
    "API_URL": "https://api",
    "API_TOKEN": "hunter2-token",
    "DATABASE_URL": "postgresql://u:hunter2@h/d",
    "REDIS_URL": "redis://:hunter2@h",
    "SCRATCH_DATABASE_URL": "postgresql://u:hunter2@s/d",
}
STACK = {**ENVIRON, "COOLIFY_URL": "http://127.0.0.1:1", "COOLIFY_API_UUID": "a", "COOLIFY_WORKER_UUID": "w"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A gonogo.toml that is complete."""
    path = tmp_path / "gonogo.toml"
    path.write_text(FILE)
    return path


def _changed(path: Path, old: str, new: str) -> Path:
    """Return the file after one change, which must have been one."""
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return path


def _problems(path: Path, environ: dict[str, str] | None = None, name: str = "prod") -> tuple[str, ...]:
    """Return the problems that loading an environment finds."""
    with pytest.raises(ConfigurationError) as caught:
        config.load(path, name, ENVIRON if environ is None else environ)
    assert "hunter2" not in f"{caught.value!r} {caught.value.where} {caught.value.message} {caught.value.hint}"
    return caught.value.problems


def _loaded(path: Path, name: str = "prod") -> Config:
    """Return the configuration of an environment."""
    return config.load(path, name, STACK)


class TestLoaded:
    """A file without a problem."""

    def test_values_are_taken_as_written_or_from_their_variable(self, path: Path) -> None:
        """A dollar sign makes the difference."""
        target = _loaded(path).target
        assert (target.coolify_url, target.api_url) == ("https://coolify", "https://api")
        assert target.database_url.reveal() == "postgresql://u:hunter2@h/d"

    def test_nothing_of_a_secret_is_in_its_representation(self, path: Path) -> None:
        """Nor in that of what holds it."""
        loaded = _loaded(path)
        assert "hunter2" not in f"{loaded!r} {loaded} {loaded.target.api_token} {loaded.target.secrets}"

    def test_paths_are_meant_from_the_file_s_folder(self, path: Path) -> None:
        """Not from where the command was run."""
        loaded = _loaded(path)
        assert (loaded.root, loaded.state) == (path.parent, path.parent / ".gonogo")
        assert loaded.log == path.parent / "comms/log.md"
        assert loaded.ledger_url == f"sqlite:///{path.parent}/.gonogo/ledger.db"

    @pytest.mark.parametrize("url", ["postgresql://h/ledger", "sqlite:////srv/ledger.db"])
    def test_any_other_ledger_is_taken_as_it_is(self, path: Path, url: str) -> None:
        """A server, or an absolute file."""
        assert _loaded(_changed(path, "[project]", f'[project]\nledger = "{url}"')).ledger_url == url

    def test_a_project_need_not_keep_a_log(self, path: Path) -> None:
        """Then there is none."""
        assert _loaded(_changed(path, 'log = "comms/log.md"\n', "")).log is None

    def test_a_local_stack_s_environment_names_no_values(self, path: Path) -> None:
        """The stack says them itself."""
        target = _loaded(path, "local").target
        assert (target.stack, target.coolify_url, target.limits.bake_s) == ("local", "http://127.0.0.1:1", 8)

    def test_changes_are_refused_unless_allowed(self, path: Path) -> None:
        """Nothing uncommitted is released by default."""
        assert not _loaded(path).target.allow_dirty
        assert _loaded(
            _changed(path, 'stack = "local"', 'stack = "local"\nallow_dirty = true'), "local"
        ).target.allow_dirty

    def test_what_is_accepted_is_said_in_the_file(self, path: Path) -> None:
        """Neither an outage nor a thin bake is, by default."""
        assert (_loaded(path).target.allow_stop_first, _loaded(path).target.accept_thin_bake) == (False, "")
        written = 'stack = "local"\nallow_stop_first = true\naccept_thin_bake = "nobody is here at night"'
        target = _loaded(_changed(path, 'stack = "local"', written), "local").target
        assert (target.allow_stop_first, target.accept_thin_bake) == (True, "nobody is here at night")

    @pytest.mark.parametrize("value", ["true", '"  "', "1"])
    def test_a_thin_bake_is_accepted_for_a_reason_only(self, path: Path, value: str) -> None:
        """In words that stand in the evidence."""
        changed = _changed(path, 'stack = "local"', f'stack = "local"\naccept_thin_bake = {value}')
        assert _problems(changed, STACK, "local") == (
            f"environments.local.accept_thin_bake is no text: set it in {config.FILE}",
        )

    def test_what_needs_no_environment_needs_no_variable(self, path: Path) -> None:
        """History can be read without a secret."""
        assert config.load_project(path, {}).project == "example"

    @pytest.mark.parametrize(("name", "stack"), [("prod", None), ("local", "local")])
    def test_an_environment_says_whether_it_is_local(self, path: Path, name: str, stack: str | None) -> None:
        """Without any of its values."""
        assert config.stack_of(path, name) == stack

    def test_it_says_what_a_commit_s_image_is_tagged_with_and_how_many_run(self, path: Path) -> None:
        """One of each, and no image, unless it is said."""
        plain = _loaded(path)
        assert (plain.artifact.image_tag, plain.target.replicas, plain.target.worker_replicas) == ("", 1, 1)
        _changed(path, 'key_files = ["uv.lock"]', 'key_files = ["uv.lock"]\nimage_tag = "v{version}"')
        said = _loaded(_changed(path, 'api_uuid = "a"', 'api_uuid = "a"\nreplicas = 3\nworker_replicas = 2'))
        assert (said.artifact.image_tag, said.target.replicas, said.target.worker_replicas) == ("v{version}", 3, 2)


class TestEnvFile:
    """An environment's env file."""

    def test_it_fills_in_what_the_process_environment_does_not_say(self, path: Path) -> None:
        """Comments and quotes as in any env file."""
        lines = "".join(f'{name}="{value}"\n' for name, value in ENVIRON.items())
        (path.parent / ".env.prod").write_text(f"# values\n{lines}")
        assert config.load(path, "prod", {}).target.api_url == "https://api"

    def test_the_process_environment_wins(self, path: Path) -> None:
        """What is exported for this command is meant."""
        (path.parent / ".env.prod").write_text("API_URL=https://from-file\n")
        assert config.load(path, "prod", ENVIRON).target.api_url == "https://api"

    def test_a_dollar_sign_in_a_value_is_a_dollar_sign(self, path: Path) -> None:
        """Passwords hold them."""
        (path.parent / ".env.prod").write_text("API_TOKEN=pa${HOME}ss\n")
        environ = {name: value for name, value in ENVIRON.items() if name != "API_TOKEN"}
        assert config.load(path, "prod", environ).target.api_token.reveal() == "pa${HOME}ss"

    def test_it_need_not_be_there(self, path: Path) -> None:
        """CI exports everything."""
        assert not (path.parent / ".env.prod").exists()
        assert config.load(path, "prod", ENVIRON).target.name == "prod"


class TestMissing:
    """What is not set."""

    def test_every_missing_name_is_told_at_once(self, path: Path) -> None:
        """Not one after the other."""
        problems = _problems(path, {})
        assert [problem.split()[0] for problem in problems] == [
            "COOLIFY_TOKEN",
            "API_URL",
            "API_TOKEN",
            "DATABASE_URL",
            "REDIS_URL",
            "SCRATCH_DATABASE_URL",
        ]

    def test_each_is_told_with_where_it_is_set(self, path: Path) -> None:
        """The file, the key, the env file."""
        assert all("gonogo.toml" in problem and ".env.prod" in problem for problem in _problems(path, {}))
        assert "environments.prod.coolify_token" in _problems(path, {})[0]

    @pytest.mark.parametrize("value", ["", "   "])
    def test_an_empty_variable_is_a_missing_one(self, path: Path, value: str) -> None:
        """An empty secret is no secret."""
        (problem,) = _problems(path, {**ENVIRON, "API_TOKEN": value})
        assert problem.startswith("API_TOKEN is not set")

    def test_a_command_that_not_every_project_has_may_be_left_out(self, path: Path) -> None:
        """There is none then; one that is not a list is a problem as any other."""
        left_out = config.load(path, "prod", ENVIRON).commands.contracts
        _changed(path, 'backup = ["sh"]', 'backup = ["sh"]\ncontracts = "sh"')

        (problem,) = _problems(path, ENVIRON)
        assert (left_out, problem.startswith("commands.contracts")) == ((), True)

    def test_problems_of_the_file_and_of_the_environment_come_together(self, path: Path) -> None:
        """One run tells all."""
        _changed(path, 'name = "example"', "")
        _changed(path, 'live = "/live"', "")
        _changed(path, 'worker_uuid = "w"', "")
        _changed(path, 'backup = ["sh"]', 'backup = "sh"')
        found = " | ".join(_problems(path, {}))
        names = ("project.name", "service.live", "environments.prod.worker_uuid", "commands.backup", "COOLIFY_TOKEN")
        assert [name for name in names if name not in found] == []

    def test_the_count_and_the_next_command_are_told(self, path: Path) -> None:
        """Exit code 2."""
        with pytest.raises(ConfigurationError, match="'prod' is not complete: 6 problems") as caught:
            config.load(path, "prod", {})
        assert (caught.value.exit_code, caught.value.hint) == (2, "set them")

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        """And where to run."""
        with pytest.raises(ConfigurationError, match=r"there is no gonogo\.toml"):
            config.load(tmp_path / "gonogo.toml", "prod", {})


class TestWrong:
    """What is set, and wrong."""

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ("[project]", "[deploys]\n[project]", "[deploys] is not a table"),
            ("[project]", "[project]\nlgo = 1", "project.lgo is not a key"),
            ("[service]", '[service]\nlvie = "/"', "service.lvie is not a key"),
            ("[environments.prod]", "[environments.prod]\nurl = 1", "environments.prod.url is not a key"),
            ("[environments.prod]", "[stack]\nservice = 1\n[environments.prod]", "stack.service is not a key"),
            (
                "[environments.prod]",
                '[stack.environment]\nA = "{xia}/v1 {random}"\n[environments.prod]',
                "stack.environment.A names {xia}; known are {xai}, {todoist}, {telegram}, {random}",
            ),
            (
                "[environments.prod]",
                "[environments.prod]\nlimits.bake = 1",
                "environments.prod.limits.bake is not a limit",
            ),
        ],
    )
    def test_an_unknown_key_is_refused(self, path: Path, old: str, new: str, problem: str) -> None:
        """A typing error must not be a silent default."""
        (found,) = _problems(_changed(path, old, new))
        assert found.startswith(problem)

    @pytest.mark.parametrize("key", ["coolify_token", "api_token", "database_url", "redis_url", "scratch_url"])
    def test_a_secret_written_into_the_file_is_refused(self, path: Path, key: str) -> None:
        """The file is committed; the value is not repeated."""
        line = next(line for line in FILE.splitlines() if line.startswith(key))
        problems = _problems(_changed(path, line, f'{key} = "postgresql://hunter2"'))
        assert f"environments.prod.{key} is a secret written into gonogo.toml" in problems[0]

    @pytest.mark.parametrize(
        ("variable", "schemes"),
        [
            ("API_URL", "http:// or https://"),
            ("DATABASE_URL", "postgresql:// or postgres://"),
            ("SCRATCH_DATABASE_URL", "postgresql:// or postgres://"),
            ("REDIS_URL", "redis:// or rediss:// or unix://"),
        ],
    )
    def test_a_url_with_a_scheme_that_cannot_work_is_refused(self, path: Path, variable: str, schemes: str) -> None:
        """By its variable; the value may hold a password and is not shown."""
        (problem,) = _problems(path, {**ENVIRON, variable: "mysql://u:hunter2@h"})
        assert problem.startswith(f"{variable} does not start with {schemes}")

    @pytest.mark.parametrize(
        ("limit", "problem"),
        [
            ("bake_s = -1", "bake_s must be a number of zero or more"),
            ('bake_s = "8"', "bake_s must be a number of zero or more"),
            ("bake_s = true", "bake_s must be a number of zero or more"),
            ("bake_s = nan", "bake_s must be a number of zero or more"),
            ("bake_s = inf", "bake_s must be a number of zero or more"),
            ("migrate_attempts = 1.5", "migrate_attempts must be a whole number"),
            ("migrate_attempts = 0", "migrate_attempts must be more than zero"),
            ("bake_rate = 0", "bake_rate must be more than zero"),
            ("poll_s = 0.0", "poll_s must be more than zero"),
            ("bake_min_requests = 0", "bake_min_requests must be more than zero"),
            ("bake_min_requests = 0.5", "bake_min_requests must be a whole number"),
            ("require_trial = 1", "require_trial must be true or false, without quotes"),
            ("trial_rewrite_bytes = 1.5", "trial_rewrite_bytes must be a whole number"),
        ],
    )
    def test_a_limit_that_nothing_can_be_held_against_is_refused(self, path: Path, limit: str, problem: str) -> None:
        """Before a release, not in its middle."""
        changed = _changed(path, "bake_s = 8", limit)
        assert _problems(changed, STACK, "local") == (f"environments.local.limits.{problem}",)

    def test_what_env_py_wants_where_migrations_are_tried_is_read(self, path: Path) -> None:
        """Of the table that linting reads; what is no table is said."""
        table = '[lint.environment]\nSHOP_MODE = "trial"\nSHOP_SIZE = 3'
        path.write_text(f"{path.read_text()}\n{table}\n")
        assert _loaded(path).lint_environment == {"SHOP_MODE": "trial", "SHOP_SIZE": "3"}
        (problem,) = _problems(_changed(path, table, "[lint]\nenvironment = 1"))
        assert problem.startswith("lint.environment is not a table")

    def test_migrations_are_tried_on_the_scratch_server_unless_another_one_is_named(self, path: Path) -> None:
        """A secret, as every URL of a database."""
        assert _loaded(path).target.trial_url.reveal() == ENVIRON["SCRATCH_DATABASE_URL"]
        named = _changed(path, "redis_url =", 'shadow_database_url = "$SHADOW_URL"\nredis_url =')
        target = config.load(named, "prod", {**ENVIRON, "SHADOW_URL": "postgresql://u:hunter2@shadow/d"}).target
        assert target.trial_url.reveal().endswith("@shadow/d")
        assert target.shadow_url in target.secrets

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("postgresql://other:hunter2@H:5432/d?sslmode=require", "SHADOW_URL is the environment's own database"),
            ("mysql://u:hunter2@s/d", "SHADOW_URL does not start with postgresql://"),
            ("", "SHADOW_URL is not set"),
        ],
    )
    def test_migrations_are_never_tried_on_the_target(self, path: Path, url: str, problem: str) -> None:
        """However its URL is written."""
        _changed(path, "redis_url =", 'shadow_database_url = "$SHADOW_URL"\nredis_url =')
        (found,) = _problems(path, {**ENVIRON, "SHADOW_URL": url})
        assert found.startswith(problem)

    def test_no_bake_at_all_is_a_choice(self, path: Path) -> None:
        """Zero seconds are a good limit there."""
        assert _loaded(_changed(path, "bake_s = 8", "bake_s = 0"), "local").target.limits.bake_s == 0

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ("[project]", 'stack = "local"\n[project]', "stack is not a table"),
            ("[environments.prod]", "[environments.prod]\nlimits = 1", "environments.prod.limits is not a table"),
            ("[environments.prod]", '[environments.prod]\nallow_dirty = "no"', "environments.prod.allow_dirty must be"),
        ],
    )
    def test_a_value_of_another_kind_is_refused(self, path: Path, old: str, new: str, problem: str) -> None:
        """In words, not with a stack trace."""
        (found,) = _problems(_changed(path, old, new))
        assert found.startswith(problem)

    @pytest.mark.parametrize("content", [b"[project", b"\xff"])
    def test_a_file_that_is_no_toml_is_told(self, path: Path, content: bytes) -> None:
        """With the parser's words."""
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"gonogo\.toml cannot be read"):
            config.load(path, "prod", ENVIRON)

    @pytest.mark.parametrize("name", ["production", ""])
    def test_an_unknown_environment_lists_the_known_ones(self, path: Path, name: str) -> None:
        """Exit code 2."""
        with pytest.raises(UsageError, match="there is no environment called") as caught:
            config.load(path, name, ENVIRON)
        assert caught.value.hint == "use one of: local, prod"


def test_this_repository_s_own_file_is_sound() -> None:
    """Only values that the environment has to bring are missing."""
    own = Path(__file__).parents[3] / "gonogo.toml"
    assert all("is not set: export it" in problem for problem in _problems(own, {}))
    assert config.load_project(own, {}).project


def test_a_ledger_may_be_named_by_a_variable(path: Path) -> None:
    """A Postgres ledger's password does not stand in the file."""
    path.write_text(path.read_text().replace("[project]", '[project]\nledger = "$LEDGER_URL"'))

    assert config.load_project(path, {"LEDGER_URL": "postgresql://ledger"}).ledger_url == "postgresql://ledger"
    assert "LEDGER_URL is not set: export it (for project.ledger of gonogo.toml)" in _problems(path, ENVIRON)


def test_freeze_windows_are_read_and_their_problems_told_with_the_others(path: Path) -> None:
    """In the environment's own table."""
    good = '[[environments.prod.freeze]]\nreason = "weekend"\ndays = ["sat"]\n'
    path.write_text(FILE.replace("[environments.local]", f"{good}[environments.local]"))
    (window,) = config.load(path, "prod", ENVIRON).target.freeze
    assert (window.reason, window.days) == ("weekend", frozenset({5}))

    path.write_text(path.read_text().replace('"sat"', '"someday"'))
    with pytest.raises(ConfigurationError) as caught:
        config.load(path, "prod", {**ENVIRON, "API_URL": ""})
    assert len(caught.value.problems) == 2
    assert any(problem.startswith("environments.prod.freeze[1].days must be") for problem in caught.value.problems)
