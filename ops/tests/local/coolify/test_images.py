"""Applications that run ready-made images: tags, digests, repetitions, and a rollback that goes nowhere."""

import pytest

from gonogo.local.coolify.control import push_image
from tests.local.scripted import NEW, OLD, Platform, settle

REPOSITORY = "registry.example:5000/team/assistant"


@pytest.fixture
async def image(coolify: Platform) -> Platform:
    """Return a stand-in whose worker runs the old image."""
    coolify.change(coolify.worker, build_pack="dockerimage", docker_registry_image_name=REPOSITORY)
    coolify.change(coolify.worker, git_commit_sha="HEAD", docker_registry_image_tag="v1")
    push_image(coolify.store, f"{REPOSITORY}:v1", OLD)
    push_image(coolify.store, f"{REPOSITORY}:v2", NEW)
    await coolify.deploy(coolify.worker)
    await coolify.clock.move(2)
    return coolify


async def _tagged(coolify: Platform, tag: str, name: str = REPOSITORY) -> str:
    """Set a tag, deploy, and return how that ended."""
    columns = {"docker_registry_image_tag": tag, "docker_registry_image_name": name}
    answer = await coolify.call("PATCH", f"/applications/{coolify.worker.uuid}", columns)
    assert answer.status_code == 200, answer.text
    line = await coolify.deploy(coolify.worker)
    await coolify.clock.move(2)
    return coolify.row(line["deployment_uuid"]).status


async def test_a_tag_runs_what_the_registry_holds_under_it(image: Platform) -> None:
    """The row says HEAD, before and after, and no tag."""
    assert await _tagged(image, "v2") == "finished"
    (container,) = image.fleet.running.values()
    row = [*image.store.deployments][-1]
    assert (container.commit, container.image) == (NEW, f"{REPOSITORY}:v2")
    assert (row.commit, container.environment["SOURCE_COMMIT"]) == ("HEAD", "HEAD")


async def test_a_tag_that_is_a_commit_runs_that_commit(image: Platform) -> None:
    """Without the registry being told."""
    assert await _tagged(image, NEW) == "finished"
    assert image.fleet.commits() == [NEW]


async def test_a_digest_is_pinned_in_either_form_and_never_in_both(image: Platform) -> None:
    """`name` with `sha256-<hex>`, or `name@sha256` with `<hex>`."""
    digest = push_image(image.store, f"{REPOSITORY}:v2", NEW)
    assert await _tagged(image, f"sha256-{digest}") == "finished"
    assert await _tagged(image, "v1") == "finished"
    assert await _tagged(image, digest, f"{REPOSITORY}@sha256") == "finished"
    assert image.fleet.commits() == [NEW]
    assert await _tagged(image, f"sha256-{digest}", f"{REPOSITORY}@sha256") == "failed"


@pytest.mark.parametrize("name", ["team/assistant:v1", "Team/assistant", "team/assistant@sha512", "/assistant"])
async def test_a_name_has_no_tag_and_no_capital(image: Platform, name: str) -> None:
    """422 with the key."""
    body = {"docker_registry_image_name": name}
    answer = await image.call("PATCH", f"/applications/{image.worker.uuid}", body)
    assert [*answer.json()["errors"]] == ["docker_registry_image_name"]


async def test_another_tag_is_a_repetition_while_one_is_active(image: Platform) -> None:
    """The commit key is HEAD for both; a commit set on the application tells them apart."""
    image.store.set_up({"build_seconds": 10})
    path = f"/applications/{image.worker.uuid}"
    await image.deploy(image.worker)
    await image.call("PATCH", path, {"docker_registry_image_tag": "v2"})
    assert (await image.deploy(image.worker))["message"] == "Deployment already queued for this commit."
    await image.call("PATCH", path, {"git_commit_sha": "release-2"})
    assert (await image.deploy(image.worker))["message"] == "Application worker deployment queued."
    await image.clock.move(30)
    (container,) = image.fleet.running.values()
    assert (container.commit, container.environment["SOURCE_COMMIT"]) == (NEW, "release-2")


@pytest.mark.parametrize(
    ("columns", "left"), [({}, [OLD]), ({"ports_mappings": "80:80"}, [])], ids=["rolling", "stop-first"]
)
async def test_a_missing_tag_is_found_out_before_or_after_the_old_one_is_gone(
    image: Platform, columns: dict[str, str], left: list[str]
) -> None:
    """Who stops first is left with nothing, and a status that still says running."""
    image.parts.board.refresh()
    image.change(image.worker, **columns)
    assert await _tagged(image, "nothing") == "failed"
    said = str([*image.store.deployments][-1].logs)
    assert "manifest unknown" in said
    assert image.fleet.commits() == left
    status = (await image.call("GET", f"/applications/{image.worker.uuid}")).json()["status"]
    assert status == "running:healthy"


@pytest.mark.parametrize(("version", "runs"), [("4.3.0", NEW), ("4.3.11", NEW), ("4.3.12", OLD)])
async def test_a_rollback_takes_the_tag_only_after_4_3_11(image: Platform, version: str, runs: str) -> None:
    """Until then the configured tag is deployed once more, and called a success."""
    image.store.set_up({"version": version})
    await _tagged(image, "v2")
    answer = await image.call("POST", f"/applications/{image.worker.uuid}/rollback", {"commit": "v1"})
    await image.clock.move(2)
    row = image.row(answer.json()["deployment_uuid"])
    assert (row.status, row.rollback, row.commit) == ("finished", True, "v1")
    assert image.fleet.commits() == [runs]


async def test_the_images_to_go_back_to_are_told_seldom(image: Platform) -> None:
    """By tag; never for a digest, and none when the machine does not answer."""
    path = f"/applications/{image.worker.uuid}/rollback-images"
    listed = (await image.call("GET", path)).json()
    assert (listed["current"], [each["tag"] for each in listed["images"]]) == (None, ["v1"])
    image.store.set_up({"reachable": False})
    assert (await image.call("GET", path)).json() == {"current": None, "images": []}
    image.store.set_up({"reachable": True})
    image.change(image.worker, docker_registry_image_name=f"{REPOSITORY}@sha256")
    assert (await image.call("GET", path)).json()["images"] == []


async def test_a_fixed_name_tells_which_image_runs(image: Platform) -> None:
    """The container is named like the application then."""
    image.change(image.worker)
    await image.call("PATCH", f"/applications/{image.worker.uuid}", {"is_consistent_container_name_enabled": True})
    await _tagged(image, "v2")
    listed = (await image.call("GET", f"/applications/{image.worker.uuid}/rollback-images")).json()
    assert listed == {"current": "v2", "images": [{**listed["images"][0], "tag": "v2", "is_current": True}]}


async def test_deploying_by_tag_has_another_shape(coolify: Platform) -> None:
    """Coolify's own tags, not an image's: ids in `details`, words in `message`, a repetition with an invented id."""
    from_pages = {"name": "tagged", "git_commit_sha": OLD, "tags": ["Live"]}
    client = coolify.client("control-token")
    uuid = (await client.post("/__standin__/applications", json=from_pages)).json()["uuid"]
    answers = [(await coolify.call("POST", "/deploy", {"tag": "live,nothing"})).json() for _ in range(2)]
    assert answers[0]["message"] == ["Application tagged deployment queued."]
    assert answers[1]["message"] == ["Deployment already queued for this commit."]
    assert [each["details"][0]["resource_uuid"] for each in answers] == [uuid, uuid]
    assert coolify.store.deployments.get(answers[1]["details"][0]["deployment_uuid"]) is None
    await settle()
