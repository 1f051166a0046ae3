"""Frozen records to JSON and back, for the journal: a plan must mean the same tomorrow.

May not do I/O.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gonogo.errors import GonogoError
from gonogo.model import (
    JSON,
    AppSnapshot,
    Climb,
    Climbed,
    Finding,
    Forecast,
    Hold,
    LockMode,
    Lost,
    Outlived,
    Pin,
    PinKind,
    Plan,
    PlanKind,
    PlannedStep,
    Restoring,
    Revision,
    Rewrite,
    Rotation,
    Severity,
    Snapshot,
    Stall,
    Traced,
    Trial,
    WayBack,
)


def fields(record: Any) -> dict[str, Any]:  # any of our records
    """Return a record's own fields by their names, as they are."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def plan_to_json(plan: Plan) -> dict[str, JSON]:
    """Return a plan as JSON: its fields by name, times in ISO 8601."""
    return {**asdict(plan), "created_at": plan.created_at.isoformat()}


def plan_from_json(data: Any) -> Plan:  # JSON from the ledger
    """Return the plan that `plan_to_json` wrote."""
    return Plan(
        **{
            **data,
            "created_at": datetime.fromisoformat(data["created_at"]),
            "pending": tuple(Revision(**revision) for revision in data["pending"]),
            "steps": tuple(PlannedStep(**step) for step in data["steps"]),
            "findings": findings_from_json(data["findings"]),
            "kind": PlanKind(data.get("kind", PlanKind.RELEASE)),
            "before": snapshot_from_json(data["before"]) if data.get("before") else None,
            "forecast": _forecast(data["forecast"]) if data.get("forecast") else None,
            "restoring": Restoring(**data["restoring"]) if data.get("restoring") else None,
            "rotation": Rotation(**data["rotation"]) if data.get("rotation") else None,
            "goal": snapshot_from_json(data["goal"]) if data.get("goal") else None,
        }
    )


def snapshot_to_json(snapshot: Snapshot) -> dict[str, JSON]:
    """Return a snapshot as JSON: its fields by name."""
    return asdict(snapshot)


def snapshot_from_json(data: Any) -> Snapshot:  # JSON from the ledger
    """Return the snapshot that `snapshot_to_json` wrote."""
    return Snapshot(**{**data, "api": _app_snapshot(data["api"]), "worker": _app_snapshot(data["worker"])})


def _app_snapshot(data: Any) -> AppSnapshot:  # JSON from the ledger
    """Return one application of a snapshot."""
    return AppSnapshot(**{**data, "pin": pin_from_json(data["pin"])})


def pin_from_json(data: Any) -> Pin:  # JSON from the ledger
    """Return a pin that was written down by its fields."""
    return Pin(**{**data, "kind": PinKind(data["kind"])})


def _forecast(data: Any) -> Forecast:  # JSON from the ledger
    """Return what a plan says of the way back."""
    return Forecast(**{**data, "verdict": WayBack(data["verdict"]), "reasons": tuple(data["reasons"])})


def trial_to_json(trial: Trial) -> dict[str, JSON]:
    """Return a trial as JSON: its fields by name, times in ISO 8601."""
    return {**asdict(trial), "at": trial.at.isoformat()}


def noted_trial(notes: Mapping[str, Any]) -> Trial | None:
    """Return the trial among the gate's notes; None where there is none, or none that this version can read."""
    try:
        return trial_from_json(notes["trial"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def trial_from_json(data: Any) -> Trial:  # JSON from the ledger
    """Return the trial that `trial_to_json` wrote."""
    return Trial(
        **{
            **data,
            "at": datetime.fromisoformat(data["at"]),
            "traced": tuple(_traced(each) for each in data["traced"]),
            "climbed": tuple(_climbed(each) for each in data.get("climbed", ())),
            "outlived": _outlived(data["outlived"]) if data.get("outlived") else None,
            "notes": tuple(data.get("notes", ())),
        }
    )


def _traced(data: Any) -> Traced:  # JSON from the ledger
    """Return one revision as it was watched."""
    return Traced(
        **{
            **data,
            "holds": tuple(Hold(**{**each, "mode": LockMode(each["mode"])}) for each in data["holds"]),
            "stalls": tuple(Stall(**each) for each in data["stalls"]),
            "rewrites": tuple(Rewrite(**each) for each in data["rewrites"]),
        }
    )


def _climbed(data: Any) -> Climbed:  # JSON from the ledger
    """Return one stair."""
    return Climbed(
        **{
            **data,
            "climb": Climb(data["climb"]),
            "differences": tuple(data["differences"]),
            "lost_up": tuple(Lost(**each) for each in data["lost_up"]),
            "lost_down": tuple(Lost(**each) for each in data["lost_down"]),
        }
    )


def _outlived(data: Any) -> Outlived:  # JSON from the ledger
    """Return what became of the earlier release."""
    return Outlived(**{**data, "failed": tuple(data["failed"]), "notes": tuple(data.get("notes", ()))})


def findings_to_json(findings: tuple[Finding, ...]) -> JSON:
    """Return findings as a list of objects."""
    return [dict(asdict(finding)) for finding in findings]


def findings_from_json(data: Any) -> tuple[Finding, ...]:  # JSON from the ledger
    """Return the findings that `findings_to_json` wrote."""
    return tuple(Finding(**{**item, "severity": Severity(item["severity"])}) for item in data)


def error_to_json(error: GonogoError) -> dict[str, JSON]:
    """Return the form of an error: reference, message, where, why, hint."""
    return {
        "reference": error.reference,
        "message": error.message,
        "where": error.where,
        "why": error.why,
        "hint": error.hint,
    }


def texts(data: Any) -> Mapping[str, str]:  # JSON from the ledger
    """Return an object's values as text."""
    return {str(key): str(value) for key, value in data.items()}
