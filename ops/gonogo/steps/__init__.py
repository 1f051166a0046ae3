"""One release step per module, each with the same four verbs: check, apply, verify, revert. `ALL` is the order.

No step knows another, and none decides what comes next.
"""

from gonogo.protocols import Step
from gonogo.steps.api_rollout import ApiRollout
from gonogo.steps.backup import TakeBackup
from gonogo.steps.bake import Bake
from gonogo.steps.migrate import Migrate
from gonogo.steps.migration_gate import MigrationGate
from gonogo.steps.preflight import Preflight
from gonogo.steps.restore_check import RestoreCheck
from gonogo.steps.sign_off import SignOff
from gonogo.steps.smoke import SmokeTest
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
