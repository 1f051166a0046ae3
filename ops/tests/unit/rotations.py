"""Rotations of in-memory scenes: what is decided on one, and how a scene looks that has a secret to rotate."""

from gonogo import credentials
from gonogo.bootstrap import rotating
from gonogo.model import Plan
from gonogo.testing import API, OLD, WORKER, Scene
from tests.unit.releases import CONFIG, Story

KEY = "k" * 40


def scene_of(name: str) -> Scene:
    """Return a scene whose service uses an old value of a secret."""
    kind = credentials.KINDS[name]
    scene = Scene(pending=(), taken={f"old-{name}"}, owned={"API_TOKEN": "old-api-tokens"})
    for app in (API, WORKER):
        scene.pinned[app] = OLD
        for variable, value in ((kind.variable, f"old-{name}"), (credentials.KEY, KEY)):
            if variable:
                scene.told[app, variable] = scene.running[app, variable] = value
    return scene


def decided(name: str, scene: Scene) -> Plan:
    """Return the plan of a scene's rotation."""
    return rotating.rotate(CONFIG, scene.world(), name)


def story(name: str) -> Story:
    """Return the rotation of a secret as a story that processes can be killed in."""
    return Story(scene=lambda: scene_of(name), plan=lambda scene: decided(name, scene))


STORIES = {name: story(name) for name in ("api-tokens", "database", "redis", "telegram-webhook", "xai-key")}
