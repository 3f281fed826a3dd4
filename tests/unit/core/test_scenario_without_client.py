"""Releases with a database that we have no client for: the pod alone proves, and the status says so."""

from dataclasses import replace

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import PodPhase
from releaseflow.core.run.actions import StartMigration
from releaseflow.core.run.facts import DatabaseState
from tests.support import builders
from tests.support.builders import NEW, NEWER, NO_BACKUP, OLD
from tests.support.pod_outcomes import MIGRATED, Fate, migration_failed
from tests.unit.core.world import World

OTHER = {"engine": "Other", "urlSecretRef": {"name": "shop-db", "key": "url"}}
NO_CLIENT = "ReleaseFlow has no client for engine Other"
ALONE = replace(MIGRATED, containers=MIGRATED.containers[:1])
"""A pod of a migration without a report."""


@pytest.fixture
def world() -> World:
    world = World()
    world.targets["shop"] = builders.target()
    world.add_flow(backup=NO_BACKUP, database=OTHER)
    world.fates[StepType.MIGRATE] = [ALONE]
    return world


def said(world: World, kind: str) -> str:
    found = condition(world.run.status.conditions, kind)
    assert found is not None
    return found.message


def without_report(outcome: Fate) -> Fate:
    return replace(outcome, containers=outcome.containers[:1])


def test_it_is_promoted_on_the_word_of_the_pod_and_the_status_says_so(world: World) -> None:
    world.play()
    assert (world.image(), world.ready()) == (NEW, ("True", Reason.RELEASED))
    assert said(world, READY) == f"The migration of {NEW} is complete by its pod: {NO_CLIENT}"
    status = world.run.status
    assert (status.schema_before, status.schema_after, status.database_identity) == (None, None, "")


def test_the_lock_of_a_migrated_database_stays_and_says_that_it_is_clean(world: World) -> None:
    world.play()
    assert world.locks["shop-db/url"].database is DatabaseState.CLEAN


def test_a_failed_migration_keeps_the_old_version_and_says_what_is_not_known(world: World) -> None:
    world.fates[StepType.MIGRATE] = [without_report(migration_failed())]
    world.play()
    failure = world.run.status.failure
    assert failure is not None
    assert failure.reason is Reason.MIGRATION_FAILED
    assert f"exited with 1. What it left in the database is not known: {NO_CLIENT}. The old version" in failure.hint
    assert world.image() == OLD
    assert world.locks["shop-db/url"].database is DatabaseState.UNKNOWN
    world.edit(image=NEWER)
    world.play()
    assert world.count(StartMigration) == 1


def test_a_pod_that_failed_although_its_migration_exited_with_0_proves_nothing(world: World) -> None:
    world.fates[StepType.MIGRATE] = [replace(ALONE, failed_reason="BackoffLimitExceeded")]
    world.play()
    failure = world.run.status.failure
    assert failure is not None
    assert failure.reason is Reason.OUTCOME_UNVERIFIED
    assert "it exited with 0, but its pod was stopped or failed" in failure.hint


def test_a_job_that_is_complete_although_its_migration_failed_is_not_believed(world: World) -> None:
    world.fates[StepType.MIGRATE] = [replace(without_report(migration_failed()), failed_reason="")]
    world.play()
    assert world.run.status.outcome is Reason.MIGRATION_FAILED
    assert world.image() == OLD


def test_another_image_is_no_proof(world: World) -> None:
    world.stays[StepType.MIGRATE] = PodPhase.RUNNING
    world.play()
    pod, job = world.pod(StepType.MIGRATE), world.job(StepType.MIGRATE)
    forged = (builders.container("migrate", image="evil:1"),)
    world.pods[pod.name].seen = replace(pod, phase=PodPhase.SUCCEEDED, containers=forged)
    world.jobs[job.name] = StepType.MIGRATE, replace(job, complete=True)
    world.play()
    assert world.run.status.outcome is Reason.OUTCOME_UNVERIFIED


def test_a_backup_of_it_is_refused_with_the_way_out() -> None:
    for build in (builders.flow_spec, builders.run_spec):
        with pytest.raises(ValueError, match=r"no backup can be taken with engine Other.* write backup: {none: {ack"):
            build(database=OTHER)
