"""The row of one deployment while its job runs: what is written into it, and whether it was cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gonogo.local.coolify.records import CANCELLED, FAILED, FINISHED, Application, Deployment
from gonogo.local.coolify.state import Store
from gonogo.model import JSON


class CancelledDeploymentError(Exception):
    """The row was cancelled; the job stops where it is and cleans nothing up."""


class JobError(Exception):
    """A phase failed; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the queue."""

    store: Store
    uuid: str

    @property
    def now(self) -> Deployment:
        """Return the row as it is.

        Raises:
            CancelledDeploymentError: it is gone.
        """
        row = self.store.deployments.get(self.uuid)
        if row is None:
            raise CancelledDeploymentError
        return row

    @property
    def app(self) -> Application:
        """Return its application.

        Raises:
            JobError: that is gone.
        """
        app = self.store.applications.get(self.now.app)
        if app is None:
            message = "The application is gone."
            raise JobError(message)
        return app

    def change(self, **columns: object) -> None:
        """Change columns."""
        changes: dict[str, object] = {**columns, "updated_at": self.store.now()}
        self.store.deployments.put(replace(self.now, **changes))  # type: ignore[arg-type]  # columns by name

    def begin(self) -> None:
        """Write down that a worker has taken the job up."""
        self.change(handed_to=self.store.new_uuid())

    def go_on(self) -> None:
        """Notice a cancellation, as the job does at its next remote command.

        Raises:
            CancelledDeploymentError: somebody cancelled it.
        """
        if self.now.status == CANCELLED:
            raise CancelledDeploymentError

    def end(self, status: str) -> bool:
        """Write a final state down; one that is there already never changes again. Return whether it is ours."""
        if self.now.status in {CANCELLED, FINISHED, FAILED}:
            return False
        self.change(status=status)
        return True

    def close(self) -> None:
        """Write down that the job has really ended."""
        self.change(finished_at=self.store.now())

    def log(self, output: str, *, stream: str = "stdout", command: str | None = None, hidden: bool = False) -> None:
        """Add an entry to the log; values of locked variables are not shown in it."""
        row = self.now
        line: Mapping[str, JSON] = {
            "command": command,
            "output": self._redacted(output),
            "type": stream,
            "timestamp": self.store.now(),
            "hidden": hidden,
            "batch": 1,
            "order": len(row.logs) + 1,
        }
        # The first entry has no place of its own.
        entry = {key: value for key, value in line.items() if row.logs or key != "order"}
        self.change(logs=(*row.logs, entry))

    def _redacted(self, output: str) -> str:
        app = self.now.app
        for variable in self.store.variables:
            if variable.app == app and variable.is_shown_once and variable.value:
                output = output.replace(variable.value, "<REDACTED>")
        return output
