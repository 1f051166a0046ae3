"""The commands of the Sync endpoint: executed in order, each once, with temporary ids inside a batch."""

from collections.abc import Callable, Mapping
from typing import Any

from gonogo.local.providers.todoist import items, places
from gonogo.local.providers.todoist.account import Account
from gonogo.local.providers.todoist.rejections import Rejected, bad_temp_id, invalid, missing

MOST = 100
_REFERENCES = ("id", "project_id", "section_id", "parent_id")

Execute = Callable[[Account, Mapping[str, Any]], str | None]

TABLE: Mapping[str, Execute] = {
    "item_add": items.add,
    "item_update": items.update,
    "item_move": items.move,
    "item_delete": items.delete,
    "item_complete": items.complete,
    "item_uncomplete": items.uncomplete,
    "item_close": items.close,
    "item_update_date_complete": items.update_date_complete,
    "item_reorder": items.reorder,
    "item_update_day_orders": items.update_day_orders,
    "project_add": places.add_project,
    "project_update": places.update_project,
    "project_delete": places.delete_project,
    "project_archive": places.archive_project,
    "project_unarchive": places.unarchive_project,
    "section_add": places.add_section,
    "section_update": places.update_section,
    "section_delete": places.delete_section,
    "label_add": places.add_label,
    "label_update": places.update_label,
    "label_delete": places.delete_label,
}


class Batch:
    """The commands of one request."""

    def __init__(self, account: Account) -> None:
        """Take whose they are."""
        self._account = account
        self.status: dict[str, Any] = {}
        self.mapping: dict[str, str] = {}

    def run(self, commands: Any) -> None:  # JSON
        """Execute commands; one that fails does not keep the others back.

        Raises:
            Rejected: this is no list of commands, or too long a one.
        """
        if not isinstance(commands, list) or any(not isinstance(each, Mapping) for each in commands):
            raise invalid("commands", "a list of objects")
        if len(commands) > MOST:
            raise invalid("commands", f"at most {MOST} commands")
        if any(not isinstance(each.get("uuid"), str) or not each["uuid"] for each in commands):
            raise missing("uuid")
        for command in commands:
            self.status[command["uuid"]] = self._once(command)

    def _once(self, command: Mapping[str, Any]) -> Any:  # JSON
        """Return ok or an error; what was executed before is not executed again, and answers what it answered."""
        executed = self._account.executed
        if command["uuid"] not in executed:
            try:
                executed[command["uuid"]] = self._execute(command)
            except Rejected as rejected:
                return rejected.form
        if made := executed[command["uuid"]]:
            self.mapping[made[0]] = made[1]
        return "ok"

    def _execute(self, command: Mapping[str, Any]) -> tuple[str, str] | None:
        execute = TABLE.get(str(command.get("type")))
        args = command.get("args")
        if execute is None:
            raise invalid("type", f"{command.get('type')} is no command")
        if not isinstance(args, Mapping):
            raise missing("args")
        made = execute(self._account, self._resolved(args))
        temp_id = command.get("temp_id")
        return (str(temp_id), made) if made and temp_id else None

    def _resolved(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments with the ids that temporary ones have got."""
        found = {name: self.mapping.get(str(args[name]), args[name]) for name in _REFERENCES if args.get(name)}
        if any(_looks_temporary(value) for value in found.values()):
            raise bad_temp_id()
        return {**args, **found}


def _looks_temporary(value: object) -> bool:
    """Return whether an id is a UUID, which none of Todoist's is."""
    return isinstance(value, str) and value.count("-") == 4  # noqa: PLR2004
