"""What all plans share, and what came of one of them."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.controlplane.client import Client
from tests.faults.controlplane.control_plane import ControlPlane
from tests.faults.launcher.launchers import Launcher
from tests.faults.launcher.pod import Pod
from tests.faults.plans.plan import Plan
from tests.faults.plans.scenarios import Scenario
from tests.faults.proxy.injector import Injector
from tests.faults.proxy.record import Record
from tests.faults.runner.final_state import End
from tests.faults.simulator.database import Database
from tests.faults.simulator.history import History, HistoryWatcher, Raw


@dataclass(frozen=True)
class Environment:
    """What all plans share."""

    plane: ControlPlane
    client: Client
    operator: Client
    """What operators come in with."""
    watcher: HistoryWatcher
    launcher: Launcher
    folder: Path


@dataclass
class Result:
    """What came of a plan."""

    plan: Plan
    scenario: Scenario
    record: Record
    engine: Injector
    history: History
    database: Database
    operators: list[Pod]
    namespaces: tuple[str, str]
    """Those of the release and of the operator."""
    end: End = field(default_factory=End)
    leader: Raw = field(default_factory=dict)
    """The leader's Lease before the operators were asked to stop."""
    rested: bool = False
    hanging: list[str] = field(default_factory=list)
    writes_after_rest: int = 0
    exit_codes: list[int] = field(default_factory=list)
    log: str = ""
    events: list[dict[str, object]] = field(default_factory=list)
    seconds: float = 0.0
