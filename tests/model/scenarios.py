"""The scenarios that are explored, from small to large."""

from releaseflow.api.v1alpha1.check import Check
from releaseflow.api.v1alpha1.migration import Compatibility, Migration
from releaseflow.api.v1alpha1.release_flow import Approval
from releaseflow.core.facts import ABSENT
from tests.model import down_scenarios
from tests.model.gate_scenarios import OF_GATE
from tests.model.later_runs import LATER_RUNS
from tests.model.scenario import Scenario, once
from tests.model.startup_scenarios import AT_STARTUP
from tests.model.target_scenarios import OF_TARGETS
from tests.model.troubles import DELETIONS, EVERYTHING, EXECUTED, FATES, LATE, LEFT, MEDDLING, NETWORK, ORDERS
from tests.support import builders

ADDITIVE = Migration(command=("migrate",), compatibility=Compatibility.ADDITIVE)
WITHOUT_BOOKKEEPING = Migration(command=("migrate",), check=Check(command=("check",)))
FOLLOWING = (("mode", "Follow"), ("image", ABSENT))
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "interference",
            "any one of what people should and should not do, but for another image",
            once(*DELETIONS, *MEDDLING, *ORDERS[1:], "resume job", LATE),
            1,
            quick=True,
        ),
        Scenario(
            "network",
            "any two of crashes, lost answers, late writes, and steps that go wrong",
            once(*NETWORK, *FATES, LATE),
            2,
            quick=True,
        ),
        Scenario(
            "records",
            "a status is wiped while Jobs are suspended or pods deleted",
            once("wipe status", "suspend job", "delete pod"),
            2,
            quick=True,
        ),
        Scenario(
            "ends",
            "any two of an abort, a migration that fails, a deleted pod, a dropped fence",
            once("abort", "migration failed", "delete pod", "drop fence"),
            2,
            quick=True,
        ),
        Scenario(
            "orders",
            "any two of suspend, resume, a deleted Job, and nothing pending",
            once("suspend", "resume", "delete job", "nothing pending"),
            2,
            quick=True,
        ),
        Scenario(
            "newer",
            "a newer image is asked for and put off, and a Job is deleted; nothing is checked first",
            once("put off", "delete job"),
            2,
            had_tables=True,
            spec=(("migration", Migration(command=("migrate",))),),
            quick=True,
        ),
        Scenario(
            "answers",
            "a newer image is asked for and put off, and an answer is lost",
            once("put off", "answer lost"),
            2,
            quick=True,
        ),
        Scenario(
            "suspended",
            "a Job is suspended, and somebody removes the finalizer of a pod that has ended",
            once("suspend job", "strip pod"),
            2,
            quick=True,
        ),
        Scenario(
            "emptied",
            "a database that had tables has none, and that is accepted for one run, or for none",
            (("empty database", 2), ("retry", 1), ("newer instead", 1), ("backup failed", 1)),
            3,
            had_tables=True,
            quick=True,
        ),
        Scenario(
            "approvals",
            "the migration and the promotion are approved, one by one or too early, and an answer is lost",
            (("approve", 2), ("answer lost", 1)),
            3,
            spec=(("migration", ADDITIVE), ("approvals", tuple(Approval))),
            quick=True,
        ),
        Scenario(
            "given back",
            "a run gives its lock back and takes it again: the approval, and a crash, a lost answer, or a late write",
            once("approve", *NETWORK),
            2,
            spec=(("approvals", (Approval.BEFORE_MIGRATION,)),),
            quick=True,
        ),
        Scenario(
            "asked",
            "a run waits for a person: it is approved, and aborted, put off, deleted, or nothing is pending any more",
            once("approve", "abort", "put off", "delete run", "nothing pending"),
            2,
            spec=(("approvals", (Approval.BEFORE_MIGRATION,)),),
        ),
        Scenario(
            "let by",
            "two flows on one database: of one the migration is approved, and a migration fails",
            (("approve", 2), ("migration failed", 1)),
            2,
            flows=2,
            spec=(("approvals", (Approval.BEFORE_MIGRATION,)),),
        ),
        Scenario(
            "without backup",
            "no backup is taken: any two of a failed migration, a wiped status, a deleted pod",
            once("migration failed", "wipe status", "delete pod"),
            2,
            had_tables=True,
            spec=(("backup", builders.NO_BACKUP),),
            quick=True,
        ),
        Scenario(
            "point in time",
            "a point in time is recorded and nothing is copied: it fails, the database is empty, a status is wiped",
            once("backup failed", "empty database", "migration failed", "wipe status"),
            2,
            had_tables=True,
            spec=(("backup", builders.POINT_IN_TIME),),
            quick=True,
        ),
        Scenario(
            "without client",
            "nothing asks the database: a failed migration, a crash, a deleted or vanished pod, or a deleted Job",
            once("migration failed", "crash", "delete pod", "vanish pod", "delete job"),
            1,
            engine="Other",
            spec=(("backup", builders.NO_BACKUP),),
            quick=True,
        ),
        Scenario(
            "second question",
            "a migration of an unknown tool changes no schema: it moved data or did nothing, and one other trouble",
            once("moves data", "no effect", *NETWORK, "abort"),
            2,
            spec=(("migration", WITHOUT_BOOKKEEPING),),
            quick=True,
        ),
        Scenario(
            "running container",
            "a migration is executed in a console, which is moved before: a connection is lost, nothing is executed",
            once(*EXECUTED, "rollout fails", "crash", "delete pod"),
            1,
            has_runner=True,
            quick=True,
        ),
        Scenario(
            "executed",
            "a migration is executed in a console, and what else may happen: any one of people, network and fates",
            once(*EXECUTED, *NETWORK, *FATES, "put off", "retry", "abort", "suspend", "delete pod", "delete job"),
            1,
            has_runner=True,
        ),
        *LATER_RUNS,
        *AT_STARTUP,
        Scenario("leftovers", "what a migration left is asked", once(*LEFT, "crash", "delete pod"), 2, quick=True),
        Scenario(
            "migrate only",
            "a flow without targets: any two of a failed migration, nothing pending, an abort, a retry, a deleted run",
            once("migration failed", "nothing pending", "abort", "retry", "delete run"),
            2,
            has_targets=False,
            quick=True,
        ),
        Scenario(
            "follow",
            "a flow follows its target: any one of what goes wrong, but for another image there",
            once("migration failed", "nothing pending", "crash", "abort", "retry", "drop fence", "replace target"),
            1,
            spec=FOLLOWING,
            quick=True,
        ),
        Scenario(
            "images that follow",
            "a flow follows its target: two new images there, or one and any other trouble of the network",
            (("set image", 2), *once(*NETWORK, "abort", "replace target", "retry")),
            2,
            spec=FOLLOWING,
        ),
        *OF_GATE,
        *OF_TARGETS,
        Scenario(
            "other database",
            "a flow without targets names another database, or a newer image and is suspended, at any moment",
            once("other database", "put off"),
            1,
            has_targets=False,
            quick=True,
        ),
        *down_scenarios.SCENARIOS,
        Scenario(
            "databases", "another database is named, and one other trouble", once("other database", *NETWORK, *FATES), 2
        ),
        Scenario(
            "late ends",
            "any two of a Job's end that comes late, a failure of it that is forged, and a deleted pod",
            once(LATE, "forge failure", "delete pod"),
            2,
            quick=True,
        ),
        Scenario(
            "later ends",
            "the ends of two Jobs come late, or of one that is deleted, suspended, forged, too late or without a pod",
            ((LATE, 2), *once("delete job", "delete pod", "suspend job", "forge failure", "tick")),
            2,
        ),
        Scenario("images", "another image is asked for, at any moment", once("edit image"), 1),
        Scenario(
            "people",
            "any two of retry, abort, and the deletion of a run or a Job",
            once("retry", "abort", "delete run", "delete job"),
            2,
        ),
        Scenario(
            "flows",
            "two flows on one database",
            once("migration failed", "retry", "delete run", "take out of line"),
            1,
            flows=2,
        ),
        Scenario("operators", "two operators, each with a view of its own", once("edit image", *FATES), 1, operators=2),
        Scenario("all", "any two of all troubles", once(*EVERYTHING), 2),
    )
}
"""From small to large."""
