"""The benchmark's arithmetic: what it makes of what it saw."""

from typing import Any

import pytest

from releaseflow.kube.resources import Resource
from tests.bench.latency import reactions
from tests.bench.observer import Observation
from tests.bench.results import Measurement, Report
from tests.bench.statistic import percentile, ratios, spread
from tests.bench.templates import templates
from tests.bench.timeline import containers_have_ended, timing


def job(at: float, name: str, *, suspended: bool = False) -> Observation:
    """Return a Job as it is seen."""
    return Observation(at, Resource.JOB, {"metadata": {"name": name, "uid": name}, "spec": {"suspend": suspended}})


def pod(at: float, name: str, version: int = 1, *codes: int) -> Observation:
    """Return the pod of a Job with two containers: the first ones have ended with codes, and the next one runs."""
    labels = {"releaseflow.dev/step": "Backup", "releaseflow.dev/run": "shop-1"}
    owners = [{"kind": "Job", "uid": name}]
    metadata = {"name": name, "resourceVersion": str(version), "labels": labels, "ownerReferences": owners}
    states = [*({"terminated": {"exitCode": code, "containerID": "c"}} for code in codes), {"running": {}}]
    statuses = [{"containerID": "c", "state": state} for state in states[:2]]
    spec = {"initContainers": [{"name": "a"}], "containers": [{"name": "b"}]}
    return Observation(
        at, Resource.POD, {"metadata": metadata, "spec": spec, "status": {"containerStatuses": statuses}}
    )


def run(at: float, version: int, name: str = "shop-1") -> Observation:
    return Observation(at, Resource.RUN, {"metadata": {"name": name, "resourceVersion": str(version)}})


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 61)]

    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (30.0, 60.0, 7.0)


def test_ways_are_compared_round_by_round() -> None:
    paired = ratios([11.0, 5.0, 30.0], [10.0, 10.0, 20.0])

    assert spread(paired).median == pytest.approx(1.1)


def test_what_is_not_spent_in_jobs_is_the_price_of_the_way() -> None:
    seen = [
        job(10.5, "backup"),
        pod(11.2, "backup"),
        pod(12.0, "backup", 2, 0, 0),
        job(12.1, "migrate", suspended=True),
        job(12.3, "migrate"),
        pod(13.0, "migrate", 3),
        pod(13.5, "migrate", 4, 0),
        pod(14.0, "migrate", 5, 0, 0),
        pod(15.9, "migrate", 6, 0, 0),
    ]

    took = timing(seen, ordered=10.0, patched=14.2, rolled_out=16.0)

    assert [took.patched, took.rolled_out] == pytest.approx([4.2, 6.0])
    assert took.first_job == pytest.approx(0.5)
    assert took.between == pytest.approx(0.3), "a suspended Job has not begun"
    assert [took.starting, took.running] == pytest.approx([1.4, 1.8])
    assert took.outside == pytest.approx(1.0)


def test_a_container_that_fails_ends_its_pod() -> None:
    failed = pod(1.0, "check", 1, 1).raw
    assert containers_have_ended(failed)
    assert not containers_have_ended(pod(1.0, "check", 1, 0).raw)


def test_a_reaction_ends_with_the_first_write_to_the_pods_own_run() -> None:
    seen = [
        run(0.9, 4),
        pod(1.0, "backup", 5, 0, 0),
        run(1.001, 6, "another"),
        run(1.004, 7),
        pod(1.005, "backup", 8, 0, 0),
        run(1.1, 9),
    ]

    (reaction,) = reactions(seen)

    assert reaction.milliseconds == pytest.approx(4.0)


def test_a_pod_that_had_ended_before_does_not_count_when_it_is_seen_again() -> None:
    seen = [pod(1.0, "a", 4, 0, 0), pod(2.0, "a", 6, 0, 0), run(9.0, 8)]

    assert len(reactions(seen)) == 1
    assert reactions(seen, since=1.5) == []


@pytest.mark.parametrize(("value", "verdict"), [(1.03, "met"), (1.0304, "met"), (1.031, "MISSED")])
def test_a_goal_is_held_against_what_is_printed(value: float, verdict: str) -> None:
    assert Measurement("ratio", value, "", 1.03, 3).verdict == verdict


def test_a_disturbed_figure_is_not_a_met_goal(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()

    report.add(Measurement("writes", 3, "", 20, 0, disturbed="others released meanwhile"))

    assert not report.all_met()
    assert "DISTURBED" in capsys.readouterr().out


STEPS_AND_IMAGES = (("Check", "shop:v1"), ("Backup", "client"), ("Migrate", "shop:v1"))


def test_the_watcher_runs_the_pods_of_the_operator_without_what_makes_them_its_own() -> None:
    made = [operators_job(step, image) for step, image in STEPS_AND_IMAGES]

    check, backup, migrate = (template.job("7", "shop:v2") for template in templates(made, "shop:v1"))

    assert check["metadata"] == {"name": "check-7"}
    assert (backup["metadata"], migrate["metadata"]) == ({"name": "backup-7"}, {"name": "migrate-7"})
    assert migrate["spec"]["template"] == {"spec": {"containers": [{"image": "shop:v2", "env": "bench-7-1.dump"}]}}
    assert backup["spec"]["template"]["spec"]["containers"][0]["image"] == "client"
    assert "suspend" not in migrate["spec"]


def operators_job(step: str, image: str) -> dict[str, Any]:
    labels = {"releaseflow.dev/step": step, "releaseflow.dev/run": "shop-1-aa"}
    pod = {"containers": [{"image": image, "env": "shop-1-aa-1.dump"}]}
    template = {"metadata": {"labels": labels, "finalizers": ["releaseflow.dev/outcome"]}, "spec": pod}
    spec = {"suspend": False, "selector": {}, "backoffLimit": 0, "template": template}
    return {"metadata": {"name": "x", "labels": labels, "uid": "1"}, "spec": spec}
