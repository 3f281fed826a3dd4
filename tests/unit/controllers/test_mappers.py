"""Which requests a change of an object enqueues."""

from releaseflow.cache.cache import Cache
from releaseflow.controllers.mappers import requests_for
from releaseflow.controllers.parse_objects import ParsedRun, parse_run
from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.run.locks import lease
from releaseflow.controllers.run.observe_lock import lock_place
from releaseflow.kube.resources import Resource
from tests.support import builders, objects
from tests.support.objects import DEPLOYMENT, STATEFULSET

FLOW = ReconcileRequest(Resource.FLOW, "shop", "shop")
RUN = ReconcileRequest(Resource.RUN, "shop", "shop-1-aa")
BY_HAND = ReconcileRequest(Resource.RUN, "shop", "by-hand")


def cache() -> Cache:
    found = Cache()
    found.upsert(Resource.FLOW, objects.flow())
    found.upsert(Resource.RUN, objects.run())
    found.upsert(Resource.RUN, objects.run("by-hand", "uid-by-hand", flowRef=None))
    found.upsert(Resource.RUN, objects.run("over", "uid-over", status={"outcome": "Migrated"}))
    return found


def test_a_flow_enqueues_itself_its_unfinished_runs_and_those_that_wait_for_it() -> None:
    let_go = objects.run("let-go", "uid-let-go", status={"outcome": "Migrated"})
    let_go["metadata"]["finalizers"] = []
    seen = cache()
    seen.upsert(Resource.RUN, let_go)

    assert requests_for(seen, Resource.FLOW, objects.flow()) == {
        FLOW,
        RUN,
        ReconcileRequest(Resource.RUN, "shop", "over"),
    }


def test_a_run_enqueues_itself_and_its_flow() -> None:
    assert requests_for(cache(), Resource.RUN, objects.run()) == {RUN, FLOW}


def test_a_run_that_is_over_enqueues_the_runs_that_wait_for_the_same_lock() -> None:
    over = objects.run(status={"outcome": "Migrated"})

    assert requests_for(cache(), Resource.RUN, over) == {RUN, FLOW, BY_HAND}


def test_a_workload_enqueues_the_flow_whose_migrations_are_executed_in_it() -> None:
    seen = cache()
    seen.upsert(Resource.FLOW, objects.flow(11, migration=builders.executed()))
    console = objects.deployment()
    console["metadata"]["name"] = "shop-console"

    assert requests_for(seen, DEPLOYMENT, console) == {FLOW}


def test_a_job_and_a_pod_enqueue_their_run() -> None:
    assert requests_for(cache(), Resource.JOB, objects.job()) == {RUN}
    assert requests_for(cache(), Resource.POD, objects.pod()) == {RUN}


def test_a_job_that_is_kept_and_whose_run_is_gone_enqueues_itself() -> None:
    kept = objects.job(finalizers=["releaseflow.dev/outcome"])

    assert requests_for(Cache(), Resource.JOB, kept) == {ReconcileRequest(Resource.JOB, "shop", "shop-1-aa-migrate")}
    assert requests_for(Cache(), Resource.JOB, objects.job()) == set()


def test_a_deleted_run_enqueues_what_it_leaves_behind() -> None:
    left = Cache()
    left.upsert(Resource.JOB, objects.job(finalizers=["releaseflow.dev/outcome"]))

    assert ReconcileRequest(Resource.JOB, "shop", "shop-1-aa-migrate") in requests_for(
        left, Resource.RUN, objects.run()
    )


def test_a_workload_enqueues_the_flows_that_target_it_and_the_runs_that_inherit_from_it() -> None:
    assert requests_for(cache(), DEPLOYMENT, objects.deployment()) == {FLOW, RUN, BY_HAND}


def test_a_workload_of_another_kind_and_the_same_name_enqueues_no_request() -> None:
    assert requests_for(cache(), STATEFULSET, objects.deployment()) == set()

    both = Cache()
    both.upsert(Resource.FLOW, objects.flow(targets=[{"name": "db"}, {"kind": "StatefulSet", "name": "shop"}]))
    assert requests_for(both, STATEFULSET, objects.deployment()) == {FLOW}
    assert requests_for(both, DEPLOYMENT, objects.deployment()) == set()


def test_a_lock_enqueues_its_holder_and_the_runs_that_wait_for_it() -> None:
    run = parse_run(objects.run())
    assert isinstance(run, ParsedRun)
    raw = lease(lock_place(run), None, "uid-over", {"releaseflow.dev/lock-holder": "over"})

    assert requests_for(cache(), Resource.LEASE, raw) == {RUN, BY_HAND, ReconcileRequest(Resource.RUN, "shop", "over")}
    assert requests_for(cache(), Resource.LEASE, {"metadata": {"name": "releaseflow-leader"}}) == set()
