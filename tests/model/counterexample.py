"""A found violation as a counterexample: who did what in which order, and what that made of the objects."""

from collections.abc import Iterator

from releaseflow.api.v1alpha1.conditions import Condition
from releaseflow.core.conditions import READY, condition
from releaseflow.core.facts import ABSENT
from tests.model import interning
from tests.model.objects import FlowBody, JobBody, Kind, LockBody, PodBody, RunBody, StoredObject, TargetBody
from tests.model.scenario import Scenario
from tests.model.search import Found, Move, moves
from tests.model.state import State


def replayed(scenario: Scenario, path: list[int]) -> Iterator[tuple[State, Move]]:
    """Walk a path again: the world before each move, and the move.

    Args:
        scenario: Where it begins.
        path: Number of the move taken in each state.
    """
    world = scenario.begin()
    for number in path:
        move = list(moves(world, scenario))[number]
        yield world, move
        world = move.after


def rendered(found: Found) -> str:
    """Tell how a promise comes to be broken."""
    lines = [f"{found.broken}, after {len(found.path)} moves in scenario {found.scenario.name}:"]
    for number, (before, move) in enumerate(replayed(found.scenario, found.path), start=1):
        trouble = f"   <- {move.change.trouble}" if move.change.trouble else ""
        lines.append(f"{number:3}. {move.change.who}: {move.change.what}{trouble}")
        lines += [f"        {line}" for line in _changed(before, move.after)]
    where = ",".join(map(str, found.path))
    lines.append(f"Again: python -m tests.model --scenario '{found.scenario.name}' --replay {where}")
    return "\n".join(lines)


def _changed(before: State, after: State) -> Iterator[str]:
    """Return how things stand that a move has changed."""
    for kind in Kind:
        old, new = before.cluster.shelf(kind).by_name, after.cluster.shelf(kind).by_name
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                thing = new.get(name)
                state = described(thing) if thing is not None else "gone"
                yield f"{kind.name.lower()} {name}: {state}"


def described(thing: StoredObject) -> str:
    """Return how an object stands, in a line."""
    marks = [f"version {thing.version}"]
    marks += ["being deleted"] if thing.deleting else []
    marks += ["held"] if thing.held else []
    return f"{_body(thing)} ({', '.join(marks)})"


def _body(thing: StoredObject) -> str:
    match thing.body:
        case FlowBody(spec, status):
            known = interning.FLOW_STATUSES[status]
            return f"wants {interning.FLOW_SPECS[spec].image}, release {known.sequence}, {_ready(known.conditions)}"
        case RunBody(_, status):
            steps = ", ".join(
                f"{step.type} {step.outcome or ('recorded' if step.job_uid else 'intended')}"
                for step in interning.RUN_STATUSES[status].steps
            )
            return f"{_ready(interning.RUN_STATUSES[status].conditions)}; {steps or 'no step'}"
        case LockBody(holder_name=holder, database=database):
            return f"held by {holder or 'nobody'}, database {database.value}"
        case JobBody() as job:
            states = {"complete": job.complete, "failed": job.failed, "suspended": job.suspended, "at work": True}
            return f"{job.step.value}, {next(state for state, so in states.items() if so)}"
        case PodBody() as pod:
            return f"{pod.phase.value}{f', {pod.fate}' if pod.fate else ''}"
        case TargetBody(rollout=rollout, fence=fence) as target:
            fenced = "none" if fence is ABSENT else fence.sequence
            return f"{target.image}, {rollout.name.lower()}, fence {fenced}"


def _ready(conditions: tuple[Condition, ...]) -> str:
    ready = condition(conditions, READY)
    return "says nothing" if ready is None else f"Ready={ready.status.value} {ready.reason.value}"
