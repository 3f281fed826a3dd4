"""What the observation of a run asks the API server for, and what it does not."""

from datetime import timedelta

import pytest

from releaseflow.api.v1alpha1.reasons import Reason
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.controllers.run.locks import lease
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.core.facts import ABSENT, JobFacts, PendingCause
from releaseflow.core.names import job_name
from releaseflow.core.run.facts import LockFacts
from releaseflow.kube.requests import Verb
from releaseflow.kube.resources import Resource
from tests.support import objects
from tests.support.objects import DEPLOYMENT, condition
from tests.unit.controllers.scene import NAME, Scene, job, migrating, read

LABELS = {"releaseflow.dev/managed": "true"}


async def test_a_run_under_way_costs_no_request() -> None:
    running = objects.pod(
        status={"phase": "Running", "initContainerStatuses": [{"name": "migrate", "containerID": "1"}]}
    )
    place = lease(lock_place(read(objects.run())), None, objects.RUN_UID, {})
    place["metadata"] |= {"namespace": "operators", "uid": "u", "resourceVersion": "5"}
    scene = Scene((Resource.RUN, migrating()), (Resource.JOB, job()), (Resource.POD, running), (Resource.LEASE, place))

    seen = await scene.observe()

    assert not scene.api.asked
    assert seen.flow is not ABSENT
    assert seen.workload is not ABSENT
    assert len(seen.template_hashes) == len(StepType) - 1, "of each step but a hook: it has none"
    assert len(seen.pods) == 1


@pytest.mark.parametrize(("outcome", "is_asked"), [("MigrationFailed", True), ("OutcomeUnknown", False)])
async def test_a_run_that_is_over_needs_its_workload_only_to_ask_what_was_left(outcome: str, *, is_asked: bool) -> None:
    over = migrating(outcome="Failed")
    over["status"] |= {"outcome": outcome, "schemaBefore": {"version": "shop.0001", "fingerprint": "be"}}
    seen = await Scene((Resource.RUN, over)).observe()
    assert (seen.workload is not ABSENT, bool(seen.template_hashes)) == (is_asked, is_asked)


async def test_a_recorded_job_is_missing_only_when_the_api_server_says_so() -> None:
    scene = Scene((Resource.RUN, migrating()))
    scene.api.having(Resource.JOB, job())

    assert isinstance((await scene.observe()).job(StepType.MIGRATE), JobFacts)

    gone = Scene((Resource.RUN, migrating()))
    assert (await gone.observe()).job(StepType.MIGRATE) is ABSENT
    assert (Verb.GET, Resource.JOB, NAME) in gone.api.asked


async def test_a_job_that_was_never_recorded_is_not_asked_for() -> None:
    scene = Scene((Resource.RUN, objects.run()))
    await scene.observe()

    assert scene.asked_for(Resource.JOB) == 0


async def test_a_foreign_job_under_our_name_is_observed_although_no_watch_delivers_it() -> None:
    foreign = {"metadata": objects.metadata(NAME, "foreign"), "spec": {}}
    scene = Scene((Resource.RUN, migrating(uid="")))
    scene.api.having(Resource.JOB, foreign)

    await scene.reader.get_live(Resource.JOB, "shop", NAME)

    seen = (await scene.observe()).job(StepType.MIGRATE)
    assert isinstance(seen, JobFacts)
    assert seen.run_uid == ""


async def test_a_job_that_ended_before_its_pod_was_seen_to_end_is_read_live() -> None:
    ended = job(status={"conditions": [condition("Complete")]})
    scene = Scene(
        (Resource.RUN, migrating()), (Resource.JOB, ended), (Resource.POD, objects.pod(status={"phase": "Running"}))
    )
    scene.api.having(Resource.POD, objects.pod(version=11, status={"phase": "Succeeded"}))

    seen = await scene.observe()

    assert [pod.alive for pod in seen.pods] == [False]


async def test_a_flow_is_gone_only_when_the_api_server_says_so() -> None:
    scene = Scene((Resource.RUN, objects.run()))
    scene.cache.evict(Resource.FLOW, "shop", "shop")
    assert (await scene.observe()).flow is not ABSENT

    other = objects.flow()
    other["metadata"]["uid"] = "made anew"
    scene = Scene((Resource.RUN, objects.run()), (Resource.FLOW, other))
    assert (await scene.observe()).flow is ABSENT


def quota_event() -> objects.Object:
    return {"metadata": {"name": "e"}, "reason": "FailedCreate", "message": "exceeded quota: pods, requested: pods=1"}


async def test_a_job_without_a_pod_is_asked_why_but_not_at_once() -> None:
    scene = Scene((Resource.RUN, migrating()), (Resource.JOB, job()))
    scene.api.having(Resource.EVENT, quota_event())

    await scene.observe()
    assert scene.asked_for(Resource.EVENT) == 0
    assert scene.again is not None

    scene.now += timedelta(seconds=5)
    seen = (await scene.observe()).job(StepType.MIGRATE)
    assert isinstance(seen, JobFacts)
    assert isinstance(seen.pending_cause, PendingCause)
    assert seen.pending_cause.reason is Reason.QUOTA_EXCEEDED
    assert scene.again < 15


async def test_a_job_without_pods_and_events_is_reported() -> None:
    scene = Scene((Resource.RUN, migrating()), (Resource.JOB, job()))
    scene.now += timedelta(seconds=14)

    seen = (await scene.observe()).job(StepType.MIGRATE)

    assert isinstance(seen, JobFacts)
    assert isinstance(seen.pending_cause, PendingCause)
    assert seen.pending_cause.reason is Reason.POD_NOT_CREATED


async def test_a_suspended_migration_is_not_stuck() -> None:
    waiting = job()
    waiting["spec"]["suspend"] = True
    scene = Scene((Resource.RUN, migrating()), (Resource.JOB, waiting))
    scene.now += timedelta(seconds=60)

    seen = (await scene.observe()).job(StepType.MIGRATE)

    assert isinstance(seen, JobFacts)
    assert seen.pending_cause is ABSENT


async def test_a_backup_that_somebody_suspended_says_so() -> None:
    waiting = objects.job()
    waiting["metadata"]["name"] = name = job_name("shop-1-aa", objects.RUN_UID, StepType.BACKUP, 1)
    waiting["spec"]["suspend"] = True
    step = {"name": "backup", "type": "Backup", "attempt": 1, "jobName": name, "templateHash": "cafe"}
    scene = Scene(
        (Resource.RUN, objects.run(status={"observedGeneration": 1, "steps": [step]})), (Resource.JOB, waiting)
    )

    seen = (await scene.observe()).job(StepType.BACKUP)

    assert isinstance(seen, JobFacts)
    assert isinstance(seen.pending_cause, PendingCause)
    assert seen.pending_cause.reason is Reason.POD_NOT_CREATED
    assert f"kubectl patch job {name} -n shop" in seen.pending_cause.message


def held_by(uid: str) -> objects.Object:
    raw = lease(lock_place(read(objects.run())), None, uid, {"releaseflow.dev/lock-holder": "other"})
    raw["metadata"] |= {"namespace": "operators", "uid": "u", "resourceVersion": "5"}
    return raw


async def test_a_holder_that_the_cache_lacks_is_read_live() -> None:
    scene = Scene((Resource.RUN, objects.run()), (Resource.LEASE, held_by("uid-other")))
    scene.api.having(Resource.RUN, objects.run("other", "uid-other"))

    lock = (await scene.observe()).lock

    assert isinstance(lock, LockFacts)
    assert lock.holder_exists


async def test_a_holder_recreated_under_its_name_does_not_hold_but_its_pods_may() -> None:
    anew, pod = objects.run("other", "uid-anew"), objects.pod(status={"phase": "Running"})
    pod["metadata"]["labels"]["releaseflow.dev/run-uid"] = "uid-other"
    scene = Scene((Resource.RUN, objects.run()), (Resource.LEASE, held_by("uid-other")), (Resource.RUN, anew))
    scene.api.having(Resource.POD, pod)

    lock = (await scene.observe()).lock

    assert isinstance(lock, LockFacts)
    assert (lock.holder_exists, lock.holder_pod_alive) == (False, True)


async def test_rivals_are_unfinished_runs_with_the_same_key() -> None:
    scene = Scene(
        (Resource.RUN, objects.run()),
        (Resource.RUN, objects.run("rival", "uid-rival")),
        (Resource.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"})),
        (Resource.RUN, objects.run("elsewhere", "uid-e", database={"urlSecretRef": {"name": "b", "key": "url"}})),
    )

    assert [waiter.uid for waiter in (await scene.observe()).waiters] == ["uid-rival"]


async def test_a_forged_label_adds_no_run_to_the_line_and_a_lost_one_is_noticed() -> None:
    forged = objects.run("elsewhere", "uid-e", database={"urlSecretRef": {"name": "b", "key": "url"}})
    lost = objects.run()
    assert (await Scene((Resource.RUN, objects.run())).observe()).queued
    forged["metadata"]["labels"]["releaseflow.dev/lock-name"] = lock_place(read(lost)).name
    del lost["metadata"]["labels"]["releaseflow.dev/lock-name"]
    seen = await Scene((Resource.RUN, lost), (Resource.RUN, forged)).observe()

    assert not seen.waiters
    assert not seen.queued


async def test_a_run_that_is_over_inherits_nothing_any_more() -> None:
    scene = Scene((Resource.RUN, objects.run(status={"outcome": "Migrated"})))
    scene.cache.evict(DEPLOYMENT, "shop", "shop")

    assert (await scene.observe()).workload is ABSENT
    assert scene.asked_for(DEPLOYMENT) == 0


@pytest.mark.parametrize("over", [True, False])
async def test_the_jobs_of_earlier_attempts_at_a_backup_are_seen_once_the_run_is_over(*, over: bool) -> None:
    steps = [{"name": "backup", "type": "Backup", "jobName": "attempt-2", "attempt": 2}]
    run = objects.run(status={"steps": steps, **({"outcome": "Migrated"} if over else {})})
    jobs = [objects.job() for _ in range(4)]
    for number, known in enumerate(jobs[:3], start=1):
        known["metadata"] |= {"name": f"attempt-{number}", "uid": f"uid-{number}"}
        known["metadata"]["labels"] = {**known["metadata"]["labels"], "releaseflow.dev/step": "Backup"}
    jobs[2]["metadata"]["labels"]["releaseflow.dev/run-uid"] = "of another run"
    scene = Scene((Resource.RUN, run), *((Resource.JOB, known) for known in jobs))

    seen = await scene.observe()

    assert [job.name for job in seen.past_jobs] == (["attempt-1"] if over else [])
