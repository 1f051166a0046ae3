"""One release step per module, each with the same four verbs: check, apply, verify, revert.

`ALL` is the order of a release, `BACK` that of a rollback; `UP` and `DOWN` move the schema alone; `RESTORE` brings data
back; `ROTATE` replaces a secret, of which a plan leaves out what its secret does not need.
No step knows another, and none decides what comes next.
"""

from gonogo.model import Plan
from gonogo.protocols import Step
from gonogo.steps.api_rollout import ApiRollout
from gonogo.steps.backup import TakeBackup
from gonogo.steps.bake import Bake
from gonogo.steps.bring_up import BringUp
from gonogo.steps.downgrade import Downgrade
from gonogo.steps.migrate import Migrate
from gonogo.steps.migration_gate import MigrationGate
from gonogo.steps.new_secret import NewSecret
from gonogo.steps.old_secret import OldSecretRefused, OldSecretRevoked
from gonogo.steps.preflight import Preflight
from gonogo.steps.restore_check import RestoreCheck
from gonogo.steps.restore_into import RestoreInto
from gonogo.steps.restore_record import RestoreRecord
from gonogo.steps.rotation_record import RotationRecord
from gonogo.steps.schema_check import SchemaCheck
from gonogo.steps.schema_record import SchemaRecord
from gonogo.steps.secret_handover import SecretHandover
from gonogo.steps.secret_switch import SecretSwitch
from gonogo.steps.sign_off import SignOff
from gonogo.steps.smoke import SmokeTest
from gonogo.steps.switch_database import SwitchDatabase
from gonogo.steps.take_lock import TakeLock
from gonogo.steps.worker_rollout import WorkerRollout

ALL: tuple[Step, ...] = (
    Preflight(),
    TakeBackup(),
    RestoreCheck(),
    MigrationGate(),
    Migrate(),
    ApiRollout(),
    WorkerRollout(),
    SmokeTest(),
    Bake(),
    SignOff(),
)
BACK: tuple[Step, ...] = (
    Preflight(),
    TakeBackup(),
    RestoreCheck(),
    ApiRollout(),
    WorkerRollout(),
    Downgrade(),
    SmokeTest(),
    Bake(),
    SignOff(),
)
UP: tuple[Step, ...] = (
    Preflight(),
    TakeBackup(),
    RestoreCheck(),
    MigrationGate(),
    Migrate(),
    SchemaCheck(),
    SchemaRecord(),
)
DOWN: tuple[Step, ...] = (
    Preflight(),
    TakeBackup(),
    RestoreCheck(),
    Downgrade(),
    SchemaCheck(),
    SchemaRecord(),
)
RESTORE: tuple[Step, ...] = (
    TakeLock(),
    RestoreInto(),
    BringUp(),
    TakeBackup(),
    SwitchDatabase(),
    RestoreRecord(),
)
ROTATE: tuple[Step, ...] = (
    Preflight(),
    NewSecret(),
    SecretSwitch("api-switch", of_workers=False),
    SecretSwitch("worker-switch", of_workers=True),
    SecretHandover(),
    SecretSwitch("api-alone", of_workers=False, is_alone=True),
    SecretSwitch("worker-alone", of_workers=True, is_alone=True),
    OldSecretRevoked(),
    OldSecretRefused(),
    RotationRecord(),
)
_KNOWN = {step.name: step for step in (*ROTATE, *RESTORE, *UP, *DOWN, *BACK, *ALL)}


def of(plan: Plan) -> tuple[Step, ...]:
    """Return the steps of a plan, in its order; a plan may be older than this code."""
    return tuple(_KNOWN[each.name] for each in plan.steps)
