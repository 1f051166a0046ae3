"""The whole local stack with real processes: up, a rollout under traffic, each fault, killed and down."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from gonogo.errors import UsageError
from gonogo.local import hosting, postgres, processes, stack, teardown, traffic
from gonogo.local.definition import StackDefinition
from gonogo.local.errors import StackError
from gonogo.local.http import JsonClient
from gonogo.local.paths import Paths
from gonogo.local.providers.apart import PURPOSE
from gonogo.local.waiting import until
from tests.local.conftest import Repository, define, git, python


@pytest.fixture
def up(standing: StackDefinition, repository: Repository) -> StackDefinition:
    """Return the module's stack with the first commit serving and no fault."""
    stack.up(standing)
    stack.set_faults(standing.directory, ())
    for container in stack.status(standing.directory).containers:
        if container.commit != repository.first:
            deploy(standing, container.service, repository.first)
    return standing


def deploy(definition: StackDefinition, service: str, commit: str, *, looks: int = 60) -> dict[str, Any]:
    """Deploy a commit through the API, as a release would, and return the row when the job has ended."""
    values = stack.environ(definition.directory)
    uuid = values[f"COOLIFY_{service.upper()}_UUID"]
    with JsonClient(values["COOLIFY_URL"], values["COOLIFY_TOKEN"]) as coolify:
        # Two looks are enough to see that a container will not become healthy; one that will has time.
        probe = {"health_check_retries": looks} if service == "api" else {}
        changes = {"git_commit_sha": commit, **probe}
        coolify.call("PATCH", f"/api/v1/applications/{uuid}", body=changes)
        (line,) = coolify.call("POST", "/api/v1/deploy", body={"uuid": uuid})["deployments"]
        path = f"/api/v1/deployments/{line['deployment_uuid']}"

        def ended() -> dict[str, Any] | None:
            row: dict[str, Any] = coolify.call("GET", path)
            return row if row["finished_at"] else None

        return until(ended, "the deployment", seconds=120, pause=0.2)


def serving(definition: StackDefinition) -> str:
    """Return the commit that answers through the front."""
    values = stack.environ(definition.directory)
    with JsonClient(values["API_URL"]) as front:
        return str(front.call("GET", "/health/ready")["commit"])


@contextmanager
def requests(definition: StackDefinition, output: Path) -> Iterator[traffic.TrafficProcess]:
    """Run traffic through the front; afterwards some was answered and none has failed."""
    values = stack.environ(definition.directory)
    plan = traffic.TrafficPlan(url=values["API_URL"], token=values["API_TOKEN"], output=output, rate=20)
    running = traffic.start(plan)
    try:
        until(lambda: len(running.samples()) > 20, "some traffic", seconds=120)
        yield running
    finally:
        summary = running.stop()
    assert summary.failed == 0, [sample for sample in running.samples() if sample.error][:3]


def leftovers(root: Path) -> list[str]:
    """Return the processes that belong to stacks below a root."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            places = (process.environ().get(processes.MARK, ""), process.cwd())
            if any(place.startswith(str(root)) for place in places):
                found.append(process.name())
    return found


def kill_supervisor(definition: StackDefinition) -> None:
    """Kill the supervisor with -9."""
    entry = processes.find(Paths(definition.directory).processes, teardown.SUPERVISOR)
    assert entry is not None
    os.kill(entry.pid, signal.SIGKILL)
    until(lambda: not processes.is_running(entry), "its end", seconds=120)


def test_up_gives_everything_that_a_release_needs(up: StackDefinition, repository: Repository) -> None:
    """Each variable is there, the first commit serves, and the API token works."""
    values = stack.environ(up.directory)
    names = {"COOLIFY_URL", "COOLIFY_TOKEN", "COOLIFY_API_UUID", "COOLIFY_WORKER_UUID"}
    names |= {"DATABASE_URL", "REDIS_URL", "API_URL", "API_TOKEN", "SECRET_KEY", *up.environment}
    names |= {"XAI_MANAGEMENT_URL", "XAI_MANAGEMENT_KEY"}
    assert set(values) == names
    assert serving(up) == repository.first
    with JsonClient(values["API_URL"], values["API_TOKEN"]) as client:
        assert client.call("POST", "/v1/capture/thought", body={"text": "x"})["thought_id"]


def test_a_second_up_returns_the_running_one(up: StackDefinition) -> None:
    """Nothing is started twice, and what it says is the same."""
    before = [container.name for container in stack.status(up.directory).containers]
    assert stack.up(replace(up, first="0" * 40)).first == up.first
    assert [container.name for container in stack.status(up.directory).containers] == before


def test_a_rollout_loses_no_request(up: StackDefinition, repository: Repository, tmp_path: Path) -> None:
    """Through the swap to a new version and back, every request is answered as expected."""
    with requests(up, tmp_path / "traffic") as running:
        for commit in (repository.second, repository.first):
            assert deploy(up, "api", commit)["status"] == "finished"
            assert serving(up) == commit
    assert {sample.kind for sample in running.samples()} == {"capture", "read"}


def test_api_unhealthy_fails_and_the_old_one_serves(
    up: StackDefinition, repository: Repository, tmp_path: Path
) -> None:
    """The new container really cannot reach its database; nobody notices but the deployment."""
    stack.set_faults(up.directory, [("api-unhealthy", repository.second)])
    with requests(up, tmp_path / "traffic"):
        assert deploy(up, "api", repository.second, looks=2)["status"] == "failed"
    assert serving(up) == repository.first
    assert [row.service for row in stack.status(up.directory).containers].count("api") == 1


def test_api_wrong_version_finishes_with_the_old_code(up: StackDefinition, repository: Repository) -> None:
    """Coolify says finished, and the environment says the new commit; the build says the old one."""
    stack.set_faults(up.directory, [("api-wrong-version", repository.second)])
    row = deploy(up, "api", repository.second)
    assert (row["status"], row["commit"]) == ("finished", repository.second)
    assert serving(up) == repository.first
    with JsonClient(stack.environ(up.directory)["API_URL"]) as front:
        assert front.call("GET", "/health/ready")["source_commit"] == repository.second


def test_worker_crash_finishes_and_crash_loops(up: StackDefinition, repository: Repository) -> None:
    """The deployment is finished; the container ends again and again until the way back."""
    stack.set_faults(up.directory, [("worker-crash", repository.second)])
    assert deploy(up, "worker", repository.second)["status"] == "finished"

    def restarted() -> bool:
        return any(row.restarts >= 2 for row in stack.status(up.directory).containers if row.service == "worker")

    until(restarted, "a crash loop", seconds=120)
    assert "DATABASE_URL is not set" in stack.logs(up.directory, "worker")
    deploy(up, "worker", repository.first)
    (worker,) = [row for row in stack.status(up.directory).containers if row.service == "worker"]
    assert (worker.commit, worker.state, worker.restarts) == (repository.first, "running", 0)


def test_an_unknown_fault_or_log_is_refused(up: StackDefinition) -> None:
    """The refusal names what there is."""
    with pytest.raises(StackError, match="no fault called nothing"):
        stack.set_faults(up.directory, [("nothing", up.first)])
    with pytest.raises(UsageError, match="api, worker, coolify, providers, postgres, redis"):
        stack.logs(up.directory, "nothing")


def test_coolify_goes_wrong_when_told(up: StackDefinition) -> None:
    """By the same control as the providers; it shows in the status, and is over when it is switched off."""
    values = stack.environ(up.directory)
    with (
        stack.provider(up.directory, "coolify") as control,
        JsonClient(values["COOLIFY_URL"], values["COOLIFY_TOKEN"]) as coolify,
    ):
        control.fault("api-off")
        assert stack.status(up.directory).faults == (("api-off", ""),)
        with pytest.raises(StackError, match="API is disabled"):
            coolify.call("GET", "/api/v1/applications")
        control.clear()
        with pytest.raises(StackError, match="on paper only"):
            control.fault("flapping")
        assert {app["name"] for app in coolify.call("GET", "/api/v1/applications")} == {"api", "worker"}


def test_a_ready_made_image_runs_the_commit_that_its_tag_names(up: StackDefinition, repository: Repository) -> None:
    """As a real process, from that commit's checkout; the row says HEAD."""
    values = stack.environ(up.directory)
    columns = {
        "name": "worker",
        "build_pack": "dockerimage",
        "git_repository": str(repository.path),
        "docker_registry_image_name": "registry.example/worker",
        "docker_registry_image_tag": repository.second,
    }
    with (
        hosting.control(Paths(up.directory)) as control,
        JsonClient(values["COOLIFY_URL"], values["COOLIFY_TOKEN"]) as coolify,
    ):
        uuid = control.call("POST", "/__standin__/applications", body=columns)["uuid"]
        (line,) = coolify.call("POST", "/api/v1/deploy", body={"uuid": uuid})["deployments"]
        path = f"/api/v1/deployments/{line['deployment_uuid']}"
        row = until(lambda: _ended(coolify, path), "the deployment", seconds=120)
        image = f"registry.example/worker:{repository.second}"
        (found,) = [each for each in stack.status(up.directory).containers if each.image == image]
        assert (row["status"], row["commit"], found.commit) == ("finished", "HEAD", repository.second)
        coolify.call("POST", f"/api/v1/applications/{uuid}/stop")
        until(
            lambda: image not in [each.image for each in stack.status(up.directory).containers], "the stop", seconds=120
        )
        control.call("DELETE", "/__standin__/applications", body={"uuid": uuid})


def _ended(coolify: JsonClient, path: str) -> dict[str, Any] | None:
    """Return a deployment's row when its job has ended."""
    row: dict[str, Any] = coolify.call("GET", path)
    return row if row["finished_at"] else None


def test_the_providers_stand_in_for_themselves(up: StackDefinition) -> None:
    """Where the variables say, with the secret that they say; a fault that is switched on shows in the status."""
    values = stack.environ(up.directory)
    asked = {"model": "grok-4.7", "input": "hello"}
    with JsonClient(values["XAI_BASE_URL"], values["XAI_API_KEY"]) as xai:
        assert xai.call("POST", "/responses", body=asked)["status"] == "completed"
        with stack.provider(up.directory, "xai") as control:
            control.fault("server-error")
            faults = {each.name: each.faults for each in stack.status(up.directory).providers}
            assert faults == {"xai": ("server-error",), "todoist": (), "telegram": ()}
            with pytest.raises(StackError, match="500"):
                xai.call("POST", "/responses", body=asked)
            assert [each["path"] for each in control.requests()] == ["/v1/responses"] * 2
            control.clear()
        assert xai.call("POST", "/responses", body=asked)["status"] == "completed"


def test_an_unknown_provider_is_refused(up: StackDefinition) -> None:
    """The refusal names those that there are."""
    with pytest.raises(UsageError, match="xai, todoist, telegram"):
        stack.provider(up.directory, "nobody")


def test_no_secret_is_in_a_command_line_or_an_open_file(up: StackDefinition) -> None:
    """Tokens and passwords are in private files and environments only."""
    values = stack.environ(up.directory)
    password = values["REDIS_URL"].split("@")[0].rpartition(":")[2]
    secrets = [values["COOLIFY_TOKEN"].partition("|")[2], values["API_TOKEN"], values["SECRET_KEY"], password]
    secrets.append(values["XAI_API_KEY"])
    lines = " ".join(" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    assert not [secret for secret in secrets if secret in lines]
    readable = [path for path in up.directory.glob("*.json") if path.stat().st_mode & 0o077]
    assert readable == []


def test_a_killed_supervisor_comes_back_with_its_state(up: StackDefinition, repository: Repository) -> None:
    """The next `up` finds addresses, deployments and versions as they were; what was left running is gone."""
    deploy(up, "worker", repository.second)
    values = stack.environ(up.directory)
    kill_supervisor(up)
    assert not stack.status(up.directory).is_up
    stack.up(up)
    status = stack.status(up.directory)
    assert (status.is_up, stack.environ(up.directory)) == (True, values)
    assert {(row.service, row.commit) for row in status.containers} == {
        ("api", repository.first),
        ("worker", repository.second),
    }
    assert leftovers(up.root).count("redis-server") == 1


def test_the_providers_process_comes_back_where_it_was(up: StackDefinition) -> None:
    """It is one of its own: killed, it takes nothing with it, and its addresses answer again."""
    before = stack.status(up.directory)
    entry = processes.find(Paths(up.directory).processes, PURPOSE)
    assert entry is not None
    os.kill(entry.pid, signal.SIGKILL)
    until(lambda: processes.find(Paths(up.directory).processes, PURPOSE), "another process", seconds=120)
    until(lambda: all(each.is_up for each in stack.status(up.directory).providers), "the providers", seconds=120)
    after = stack.status(up.directory)
    assert [each.url for each in after.providers] == [each.url for each in before.providers]
    assert [each.name for each in after.containers] == [each.name for each in before.containers]
    assert not processes.is_running(entry)


def test_a_second_stack_may_stand_on_given_servers(up: StackDefinition, repository: Repository) -> None:
    """Two stacks live side by side; a given server gets a database that is dropped in the end, and keeps its own."""
    theirs = stack.environ(up.directory)
    guest = define(up.root, repository, "guest")
    guest = replace(guest, database_url=theirs["DATABASE_URL"], redis_url=theirs["REDIS_URL"])
    stack.up(guest)
    mine = stack.environ(guest.directory)
    assert {key for key in mine if mine[key] == theirs[key]} == {"REDIS_URL"}
    stack.down(guest.directory)
    assert not postgres.answers(mine["DATABASE_URL"])
    assert stack.status(up.directory).is_up
    assert serving(up) == repository.first


def test_down_leaves_nothing(folder: Path, repository: Repository) -> None:
    """No process, no worktree, no folder, also when the supervisor was killed; and again does nothing."""
    definition = define(folder, repository)
    stack.up(definition)
    kill_supervisor(definition)
    for _ in range(2):
        stack.down(definition.directory)
    assert leftovers(folder) == []
    assert list(folder.rglob("*")) == []
    assert str(folder) not in git(repository.path, "worktree", "list")


def kill_half_way(root: Path, repository: Repository) -> None:
    """Bring a stack up in another process, which owns it, and kill that when the servers run."""
    code = (
        "import sys; from pathlib import Path; from tests.local.conftest import Repository, define\n"
        "from gonogo.local import stack; from gonogo.local.definition import Owner\n"
        "made = define(Path(sys.argv[1]), Repository(path=Path(sys.argv[2]), first=sys.argv[3], second=''))\n"
        "stack.up(made, owner=Owner.this_process(), progress=lambda line: print(line, flush=True))\n"
    )
    child = python(code, str(root), str(repository.path), repository.first)
    assert child.stdout
    waited_for = {b"PostgreSQL", b"Coolify"}
    while waited_for:
        waited_for.discard(child.stdout.readline().split()[0])
    child.kill()
    child.communicate()


def test_an_up_that_is_killed_is_cleaned_up(folder: Path, repository: Repository) -> None:
    """Killed half-way it leaves servers running; the next command ends them."""
    kill_half_way(folder, repository)
    assert leftovers(folder)
    stack.down(define(folder, repository).directory)
    assert leftovers(folder) == []


def test_a_stack_whose_owner_died_ends_itself(
    folder: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs on for ever because the command that it was for was killed."""
    monkeypatch.setenv("GONOGO_OWNER_GRACE_SECONDS", "0")
    kill_half_way(folder, repository)
    until(lambda: not leftovers(folder), "the end of the stack", seconds=120, pause=0.1)
    assert stack.status(define(folder, repository).directory).info is None


def test_a_first_release_that_fails_leaves_logs_only(folder: Path, repository: Repository) -> None:
    """The reason is told, nothing runs on, and the logs stay to be read."""
    definition = replace(define(folder, repository), migrate=("{python}", "-c", "raise SystemExit('no such table')"))
    with pytest.raises(StackError, match="no such table"):
        stack.up(definition)
    assert leftovers(folder) == []
    assert [path.name for path in definition.directory.iterdir()] == ["logs"]
