"""Everything that can be observed: what some story saw, with any of its facts otherwise."""

from collections.abc import Callable
from dataclasses import replace
from types import UnionType
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from releaseflow.api.schema.base import ApiModel
from releaseflow.api.v1alpha1.steps import StepType
from releaseflow.core.facts import ABSENT, JobFacts, PodFacts, PodPhase
from releaseflow.core.flow.facts import FlowObserved, TargetFacts
from releaseflow.core.run.facts import FlowForRun, LockFacts, RunObserved
from tests.support import builders
from tests.support.builders import NEW, NOW
from tests.support.examples import examples
from tests.unit.core import recorded_states
from tests.unit.core.alternatives import (
    CONTAINER,
    FLOW,
    FLOW_OF_RUN,
    FLOW_STATUS,
    JOB,
    LOCK,
    POD,
    RELEASE,
    RUN,
    RUN_OF_FLOW,
    RUN_STATUS,
    SPEC,
    STEP,
    TARGET,
    TARGET_STATUS,
    Choices,
)

MANY = settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))


def otherwise(draw: st.DrawFn, thing: Any, choices: Choices) -> Any:
    """Return a thing with one of its facts otherwise."""
    name = draw(st.sampled_from(sorted(choices)))
    fact = {name: draw(st.sampled_from(choices[name]))}
    return thing.model_copy(update=fact) if isinstance(thing, ApiModel) else replace(thing, **fact)


def one_otherwise(draw: st.DrawFn, things: tuple[Any, ...], choices: Choices) -> tuple[Any, ...]:
    """Return things of which one is gone, or has one of its facts otherwise."""
    if not things:
        return things
    n = draw(st.integers(0, len(things) - 1))
    if draw(st.integers(0, 9)) == 0:
        return (*things[:n], *things[n + 1 :])
    return (*things[:n], otherwise(draw, things[n], choices), *things[n + 1 :])


def _job(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    step = draw(st.sampled_from(StepType))
    job = seen.job(step)
    if job is ABSENT or draw(st.integers(0, 9)) == 0:
        there = job is ABSENT
        found = next((s for s in seen.status.steps if s.type is step), None)
        name, uid = (found.job_name, found.job_uid or "new-uid") if found else (f"{step}-job", "new-uid")
        new = JobFacts(name, uid, "1", seen.uid, 1, seen.template_hash(step), NOW, suspended=step is StepType.MIGRATE)
        return replace(seen, jobs=tuple((s, (new if there else ABSENT) if s is step else j) for s, j in seen.jobs))
    changed = otherwise(draw, job, JOB)
    return replace(seen, jobs=tuple((s, changed if s is step else j) for s, j in seen.jobs))


def _pod(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    if draw(st.integers(0, 4)) == 0:
        job = seen.job(StepType.MIGRATE)
        uid = job.uid if isinstance(job, JobFacts) else "new-uid"
        forged = PodFacts("forged", "forged-uid", "1", StepType.MIGRATE, uid, draw(st.sampled_from(PodPhase)))
        return replace(seen, pods=(*seen.pods, forged))
    return replace(seen, pods=one_otherwise(draw, seen.pods, POD))


def _container(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    if not seen.pods:
        return seen
    pod = draw(st.sampled_from(seen.pods))
    changed = replace(pod, containers=one_otherwise(draw, pod.containers, CONTAINER))
    return replace(seen, pods=tuple(changed if p is pod else p for p in seen.pods))


def _lock(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    lock = seen.lock if isinstance(seen.lock, LockFacts) else builders.lock()
    return replace(seen, lock=otherwise(draw, lock, LOCK))


def _flow_of_run(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    flow = seen.flow if isinstance(seen.flow, FlowForRun) else FlowForRun(NEW, 1)
    return replace(seen, flow=otherwise(draw, flow, FLOW_OF_RUN))


def _step(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    steps = one_otherwise(draw, seen.status.steps, STEP)
    return replace(seen, status=seen.status.model_copy(update={"steps": steps}))


def _run_status(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    return replace(seen, status=otherwise(draw, seen.status, RUN_STATUS))


def _run(draw: st.DrawFn, seen: RunObserved) -> RunObserved:
    changed = otherwise(draw, seen, RUN)
    assert isinstance(changed, RunObserved)
    return changed


def _release(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    release = seen.status.release
    new = None if release is None else otherwise(draw, release, RELEASE)
    return replace(seen, status=seen.status.model_copy(update={"release": new}))


def _history(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    history = one_otherwise(draw, seen.status.history, RELEASE)
    return replace(seen, status=seen.status.model_copy(update={"history": history}))


def _target_status(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    known = one_otherwise(draw, seen.status.targets, TARGET_STATUS)
    return replace(seen, status=seen.status.model_copy(update={"targets": known}))


def _flow_status(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    return replace(seen, status=otherwise(draw, seen.status, FLOW_STATUS))


def _target(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    if not seen.targets:
        return seen
    n = draw(st.integers(0, len(seen.targets) - 1))
    here = seen.targets[n]
    gone = here is ABSENT or draw(st.integers(0, 9)) == 0
    new = ABSENT if gone or not isinstance(here, TargetFacts) else otherwise(draw, here, TARGET)
    return replace(seen, targets=(*seen.targets[:n], new, *seen.targets[n + 1 :]))


def _run_of_flow(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    if seen.run is ABSENT:
        return seen
    return replace(seen, run=otherwise(draw, seen.run, RUN_OF_FLOW))


def _runs_of_flow(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    return replace(seen, runs=one_otherwise(draw, seen.runs, RUN_OF_FLOW))


def _spec(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    name = draw(st.sampled_from(sorted(SPEC)))
    facts = seen.spec.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
    facts[name] = draw(st.sampled_from(SPEC[name]))
    return replace(seen, spec=type(seen.spec).model_validate(facts))


def _flow(draw: st.DrawFn, seen: FlowObserved) -> FlowObserved:
    changed = otherwise(draw, seen, FLOW)
    assert isinstance(changed, FlowObserved)
    return changed


OF_RUNS: tuple[Callable[[st.DrawFn, RunObserved], RunObserved], ...] = (
    _job,
    _pod,
    _container,
    _lock,
    _flow_of_run,
    _step,
    _run_status,
    _run,
)
OF_FLOWS: tuple[Callable[[st.DrawFn, FlowObserved], FlowObserved], ...] = (
    _release,
    _history,
    _target_status,
    _flow_status,
    _target,
    _run_of_flow,
    _runs_of_flow,
    _spec,
    _flow,
)


@st.composite
def observed_runs(draw: st.DrawFn, before: type | UnionType | None = None) -> RunObserved:
    """Return a run of some story, just before an action of a kind, with up to four of its facts otherwise."""
    seen = draw(st.sampled_from(recorded_states.runs(before)))
    for _ in range(draw(st.integers(0, 4))):
        seen = draw(st.sampled_from(OF_RUNS))(draw, seen)
    return seen


@st.composite
def observed_flows(draw: st.DrawFn, before: type | UnionType | None = None) -> FlowObserved:
    """Return a flow of some story, just before an action of a kind, with up to four of its facts otherwise."""
    seen = draw(st.sampled_from(recorded_states.flows(before)))
    for _ in range(draw(st.integers(0, 4))):
        seen = draw(st.sampled_from(OF_FLOWS))(draw, seen)
    return seen
