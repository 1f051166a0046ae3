"""The port Smoke: a real pytest run of a tiny suite."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gonogo.adapters.smoke import PytestSmoke
from gonogo.errors import RefusedError
from gonogo.model import Checkout, Limits, Secret, Suite
from gonogo.protocols import Smoke
from gonogo.testing import MemorySmoke, Scene, config

pytestmark = pytest.mark.contracts

COMMAND = ("{python}", "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider", "suite.py")
GOOD = "def test_one() -> None:\n    pass\n\n\ndef test_two() -> None:\n    pass\n"
BAD = "def test_one() -> None:\n    pass\n\n\ndef test_two() -> None:\n    raise ValueError('no answer')\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A suite of two tests.

    Attributes:
        spoil: makes the second one fail.
    """

    smoke: Smoke
    checkout: Checkout
    spoil: Callable[[], object]


@pytest.fixture(autouse=True)
def _bare_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the suite load no plug-in that it does not need."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout with a suite that passes."""
    (tmp_path / "suite.py").write_text(GOOD)
    return Checkout(commit="c" * 40, path=tmp_path, python=Path(sys.executable))


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, checkout: Checkout) -> Bench:
    """Return the suite behind the port."""
    if request.param == "real":
        suite = checkout.path / "suite.py"
        return Bench(
            smoke=PytestSmoke(COMMAND, config().target), checkout=checkout, spoil=lambda: suite.write_text(BAD)
        )
    scene = Scene(smoke=Suite(exit_code=0, passed=2, failed=(), output=""))
    bad = Suite(exit_code=1, passed=1, failed=("test_two: ValueError: no answer",), output="")
    return Bench(smoke=MemorySmoke(scene), checkout=checkout, spoil=lambda: setattr(scene, "smoke", bad))


class TestSmoke:
    """The release's own smoke suite."""

    def test_a_suite_that_passes_counts_its_tests(self, bench: Bench) -> None:
        """And ends with zero."""
        suite = bench.smoke.run(bench.checkout)

        assert (suite.exit_code, suite.passed, suite.failed) == (0, 2, ())

    def test_a_test_that_fails_is_named_with_the_reason(self, bench: Bench) -> None:
        """The others still count."""
        bench.spoil()

        suite = bench.smoke.run(bench.checkout)

        assert (suite.exit_code, suite.passed) == (1, 1)
        assert suite.failed == ("test_two: ValueError: no answer",)


class TestPytestSmoke:
    """What only a real run shows."""

    def test_the_environment_says_where_to_go(self, checkout: Checkout) -> None:
        """And which environment is meant; nothing on the command line does."""
        wanted = {
            "RUN_STAGING_SMOKE": "1",
            "SMOKE_ENV": config().target.name,
            "API_URL": "http://api",
            "API_TOKEN": "api-secret",
        }
        code = f"import os\n\n\ndef test_one() -> None:\n    assert {wanted!r}.items() <= os.environ.items()\n"
        (checkout.path / "suite.py").write_text(code)

        assert PytestSmoke(COMMAND, config().target).run(checkout).exit_code == 0

    def test_another_token_can_be_handed_in(self, checkout: Checkout) -> None:
        """A rehearsal makes the suite fail with it."""
        code = "import os\n\n\ndef test_one() -> None:\n    assert os.environ['API_TOKEN'] == 'other'\n"
        (checkout.path / "suite.py").write_text(code)
        smoke = PytestSmoke(COMMAND, config().target)

        other = smoke.with_token(Secret("API_TOKEN", "other"))

        assert (smoke.run(checkout).exit_code, other.run(checkout).exit_code) == (1, 0)

    def test_a_skipped_test_has_not_passed(self, checkout: Checkout) -> None:
        """A suite that skips everything has proven nothing."""
        (checkout.path / "suite.py").write_text("import pytest\n\npytest.skip('no', allow_module_level=True)\n")

        assert PytestSmoke(COMMAND, config().target).run(checkout).passed == 0

    def test_a_suite_that_cannot_be_read_has_failed(self, checkout: Checkout) -> None:
        """It is not an empty suite."""
        (checkout.path / "suite.py").write_text("import nothing_of_that_name\n")

        suite = PytestSmoke(COMMAND, config().target).run(checkout)

        assert suite.exit_code != 0
        assert len(suite.failed) == 1

    def test_a_suite_that_does_not_end_is_ended(self, checkout: Checkout) -> None:
        """After the time that the environment allows."""
        (checkout.path / "suite.py").write_text("import time\n\ntime.sleep(600)\n")
        target = replace(config().target, limits=Limits(smoke_timeout_s=0.5))

        with pytest.raises(RefusedError, match=r"did not end within 0\.5 s"):
            PytestSmoke(COMMAND, target).run(checkout)

    def test_what_it_printed_is_kept(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """The end of it, plainly, whatever this process was told about colours and tests of its own."""
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
        (checkout.path / "suite.py").write_text(BAD)

        assert "1 failed, 1 passed" in PytestSmoke(COMMAND, config().target).run(checkout).output
