"""The contract of a release: later, alone, with a backup of its own, and never in the way of what serves."""

from dataclasses import replace
from typing import Any

import pytest

from releaseflow.api.v1alpha1.operation import RunRole
from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.release import Outcome
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import condition
from releaseflow.core.flow.actions import CreateRun
from releaseflow.core.run.actions import StartMigration
from releaseflow.workloads.workload import Rollout
from tests.support.builders import NEW, NEWER, OLD
from tests.support.pod_outcomes import CHECKED, NOTHING_PENDING, migration_failed
from tests.unit.core.objects import Run
from tests.unit.core.world import World

CHECK, MIGRATE = StepType.CHECK, StepType.MIGRATE
ADDITIVE = {"tool": "Django", "compatibility": "Additive", "env": [{"name": "KEEP", "value": "1"}]}


@pytest.fixture
def contracted(world: World) -> World:
    """A flow with a contract that soaks for an hour; the old image was released."""
    world.edit(image=OLD)
    world.adopt()
    world.edit(image=NEW, migration=ADDITIVE, contract={"soakSeconds": 3600})
    return world


def said(world: World) -> tuple[str, Reason]:
    return world.gate("Contracted")


def message(world: World) -> str:
    found = condition(world.flow.status.conditions, "Contracted")
    assert found is not None
    return found.message


def contract_run(world: World) -> Run:
    [found] = [run for run in world.runs.values() if run.spec.role is RunRole.CONTRACT]
    return found


def contracts(world: World) -> int:
    return sum(isinstance(a, CreateRun) and a.spec.role is RunRole.CONTRACT for a in world.happened)


def test_it_begins_after_the_soak_with_a_check_a_backup_and_a_proof_of_its_own(contracted: World) -> None:
    contracted.play()
    assert contracted.ready() == ("True", Reason.RELEASED)
    assert said(contracted) == ("Unknown", Reason.SOAKING)
    assert contracts(contracted) == 0
    contracted.wait(3600)
    contracted.play()
    run = contract_run(contracted)
    assert [step.type.value for step in run.status.steps] == ["Check", "Backup", "Migrate"]
    assert run.spec.migration.env == (), "what keeps migrations back does not hold for the contract"
    assert (said(contracted), contracted.ready()) == (("True", Reason.MIGRATED), ("True", Reason.RELEASED))
    assert contracted.count(StartMigration) == 2
    assert contracted.release.sequence == 2
    assert not contracted.runs[run.name].has_finalizer


def test_nothing_to_contract_is_contracted(contracted: World) -> None:
    contracted.fates[CHECK] = [CHECKED, NOTHING_PENDING]
    contracted.play()
    contracted.wait(3600)
    contracted.play()
    assert said(contracted) == ("True", Reason.NOTHING_PENDING)
    assert contracted.count(StartMigration) == 1


def test_it_waits_while_a_pod_of_the_old_version_is_there(contracted: World) -> None:
    contracted.old_pods = ("shop-1-abcde",)
    contracted.play()
    contracted.wait(3600)
    contracted.play()
    assert said(contracted) == ("Unknown", Reason.OLD_PODS_ALIVE)
    assert "pods shop-1-abcde" in message(contracted)
    assert (contracts(contracted), contracted.ready()) == (0, ("True", Reason.RELEASED))
    contracted.old_pods = ()
    contracted.play()
    assert said(contracted) == ("True", Reason.MIGRATED)


def test_it_waits_while_a_target_is_not_rolled_out(contracted: World) -> None:
    contracted.play()
    contracted.targets["shop"] = replace(contracted.targets["shop"], rollout=Rollout.PAUSED)
    contracted.wait(3600)
    contracted.play()
    assert said(contracted) == ("Unknown", Reason.OLD_PODS_ALIVE)
    assert contracts(contracted) == 0


def test_a_failure_leaves_the_release_as_it_is_and_is_said(contracted: World) -> None:
    contracted.play()
    contracted.fates[MIGRATE] = [migration_failed()]
    contracted.wait(3600)
    contracted.play()
    assert contracted.ready() == ("True", Reason.RELEASED)
    assert condition(contracted.flow.status.conditions, "Stalled") is None
    assert said(contracted) == ("False", Reason.CONTRACT_FAILED)
    assert "The release serves on" in message(contracted)
    assert contracted.release.outcome is Outcome.RELEASED
    contracted.fates.clear()
    contracted.edit(image=NEWER)
    contracted.play()
    assert contracted.ready() == ("False", Reason.DATABASE_UNKNOWN), "the lock remembers it: only a person may go on"
    contracted.command(retry="1")
    contracted.play()
    assert contracted.ready() == ("True", Reason.RELEASED)


def test_a_failed_contract_is_retried_by_a_release_of_the_same_image(contracted: World) -> None:
    contracted.play()
    contracted.fates[MIGRATE] = [migration_failed()]
    contracted.wait(3600)
    contracted.play()
    contracted.fates.clear()
    contracted.command(retry="1")
    contracted.play()
    assert (contracted.release.sequence, contracted.ready()) == (3, ("True", Reason.RELEASED))
    contracted.wait(3600)
    contracted.play()
    assert said(contracted) == ("True", Reason.MIGRATED)


def test_a_newer_image_before_it_began_skips_it(contracted: World) -> None:
    contracted.play()
    contracted.edit(image=NEWER)
    contracted.wait(3600)
    contracted.play()
    contracted.wait(3600)
    contracted.play()
    assert contracts(contracted) == 1
    assert contract_run(contracted).spec.image == NEWER


def test_after_it_an_older_image_needs_an_approval(contracted: World) -> None:
    contracted.play()
    contracted.edit(image=OLD)
    contracted.play()
    assert contracted.ready() == ("True", Reason.RELEASED), "before it the migration was additive"
    contracted.edit(image=NEW)
    contracted.play()
    contracted.wait(3600)
    contracted.play()
    assert said(contracted)[0] == "True"
    contracted.edit(image=OLD)
    contracted.play()
    assert contracted.ready() == ("False", Reason.SCHEMA_AHEAD)


def test_it_waits_for_its_own_approval(contracted: World) -> None:
    contracted.edit(approvals=["BeforeContract"])
    contracted.play()
    contracted.wait(3600)
    contracted.play()
    assert said(contracted) == ("Unknown", Reason.AWAITING_APPROVAL)
    contracted.command(approve=contracted.release.run)
    contracted.play()
    assert said(contracted) == ("Unknown", Reason.AWAITING_APPROVAL), "that of the migration is none"
    contracted.command(approve=contract_run(contracted).name)
    contracted.play()
    assert said(contracted) == ("True", Reason.MIGRATED)


def test_a_run_of_it_that_vanished_is_not_made_again(contracted: World) -> None:
    contracted.play()
    contracted.wait(3600)
    contracted.play(until=lambda w: contracts(w) == 1 and w.count(StartMigration) == 2)
    del contracted.runs[contract_run(contracted).name]
    contracted.play()
    assert (contracts(contracted), said(contracted)) == (1, ("False", Reason.CONTRACT_FAILED))


@pytest.mark.parametrize("command", [{"command": ["bin/contract"]}, {"args": ["contract"]}])
def test_a_command_of_its_own_has_no_tool_and_no_check(contracted: World, command: dict[str, Any]) -> None:
    contracted.edit(contract={"soakSeconds": 0, **command})
    contracted.play()
    run = contract_run(contracted)
    assert run.spec.migration.tool is None
    assert [step.type.value for step in run.status.steps] == ["Backup", "Migrate"]
