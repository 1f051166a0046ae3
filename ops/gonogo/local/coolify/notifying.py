"""What Coolify tells the team's webhook; what would be sent is kept, and nothing leaves the machine."""

from collections.abc import Mapping

from gonogo.local.coolify.records import FINISHED, Application, Deployment
from gonogo.local.coolify.resources import Notice
from gonogo.local.coolify.state import Store
from gonogo.model import JSON

_KEPT = 500
DEFAULTS: Mapping[str, JSON] = {
    "webhook_enabled": False,
    "webhook_url": None,
    "deployment_success_webhook_notifications": False,
    "deployment_failure_webhook_notifications": True,
    "status_change_webhook_notifications": False,
    "backup_success_webhook_notifications": False,
    "backup_failure_webhook_notifications": True,
    "scheduled_task_success_webhook_notifications": False,
    "scheduled_task_failure_webhook_notifications": True,
}


def deployment(store: Store, row: Deployment, app: Application) -> None:
    """Tell that a deployment finished or failed; before its post-deployment command has run."""
    good = row.status == FINISHED
    words = "New version successfully deployed" if good else "Deployment failed"
    page = f"/project/local/environment/local/application/{app.uuid}/deployment/{row.uuid}"
    body: dict[str, JSON] = {
        "success": good,
        "message": words,
        "event": "deployment_success" if good else "deployment_failed",
        "application_name": app.name,
        "application_uuid": app.uuid,
        "deployment_uuid": row.uuid,
        "deployment_url": f"http://localhost:8000{page}",
        "project": "local",
        "environment": "local",
    }
    fqdn = app.text("fqdn")
    send(store, f"deployment_{'success' if good else 'failure'}", body | ({"fqdn": fqdn} if fqdn else {}))


def send(store: Store, kind: str, body: Mapping[str, JSON]) -> None:
    """Keep what would be sent, if the webhook is on and wants this kind."""
    settings = {**DEFAULTS, **store.webhook}
    if settings["webhook_enabled"] and settings["webhook_url"] and settings[f"{kind}_webhook_notifications"]:
        store.notices.put(Notice(uuid=store.new_uuid(), url=str(settings["webhook_url"]), body=body))
        for old in [*store.notices][:-_KEPT]:
            store.notices.remove(old.uuid)
