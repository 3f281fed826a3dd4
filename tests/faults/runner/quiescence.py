"""When a plan has come to rest: nothing is asked, nothing moves, and the flow says that it is done."""

import time
from dataclasses import dataclass, field

from tests.faults.plans.catalogue import is_by_people
from tests.faults.plans.plan import Plan
from tests.faults.proxy.record import Record
from tests.faults.runner.final_state import is_settled, is_waiting, left_hanging
from tests.faults.simulator.history import ChangeEvent, History

QUIET_SECONDS = 1.0
"""Without a request for so long, with the flow settled and nothing left hanging, it is at rest."""
WAITING_SECONDS = 3.0
"""The same where the flow waits for a person, and its run may be under way all the same."""
POD_SECONDS = 1.3
"""Without a change of a pod or Job for so long, their controllers have nothing to do: between the end of a pod and that
of its Job nothing happens for a second, and it looks like rest."""


@dataclass
class Quiescence:
    """Looks for rest; call `on_event` with every change."""

    plan: Plan
    record: Record
    history: History
    _pods_changed: float = field(default_factory=time.monotonic)

    def on_event(self, event: ChangeEvent) -> None:
        """Take in a change of an object."""
        if event.kind in {"Pod", "Job"}:
            self._pods_changed = time.monotonic()

    def is_there(self) -> bool:
        """Whether all is at rest."""
        now = time.monotonic()
        enough = WAITING_SECONDS if is_waiting(self.history) else QUIET_SECONDS
        quiet = now - max(self.record.last_request, self.record.last_fault, self.record.began) > enough
        settled = is_settled(self.history, by_people=is_by_people(self.plan))
        return quiet and settled and now - self._pods_changed > POD_SECONDS and not left_hanging(self.history)
