"""O2 to O5: where a plan ends, what it cost, that it is quiet afterwards, and what the operator said of itself."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.oracles.changes import STEP, label
from tests.faults.oracles.statuses import REASONS
from tests.faults.plans.catalogue import is_by_people, kind_of
from tests.faults.plans.scenarios import Scenario
from tests.faults.runner.final_state import End
from tests.faults.runner.result import Result

NEXT_COMMAND = "kubectl "
"""What a message has in it where it is a person's turn."""
CHECK_STAYS_SECONDS = 60
"""How long the Job of a check stays after its end."""
MORE_WRITES, MORE_REQUESTS = 16, 120
"""What one fault may cost beyond a release in which nothing goes wrong."""


@dataclass(frozen=True)
class Reference:
    """A release of a scenario in which nothing else goes wrong."""

    end: End
    writes: int
    requests: int
    jobs: "Counter[str]"
    """How many Jobs of each step were created."""


def reference_of(result: Result) -> Reference:
    """Return what other plans of the scenario are compared with."""
    return Reference(result.end, len(result.record.writes), len(result.record.exchanges), jobs_of(result))


def jobs_of(result: Result) -> "Counter[str]":
    """Return how many Jobs of each step the operator created."""
    created = (one.asked for one in result.record.writes if one.accepted and one.asked.method == "POST")
    return Counter(label(asked.said, STEP) for asked in created if asked.kind == "Job")


def broken_by(result: Result, reference: Reference) -> Iterator[str]:
    """Yield what is wrong with the end of a plan, with its cost, or with what the operator said."""
    yield from _end(result, reference)
    yield from _cost(result, reference)
    yield from _exits(result)
    yield from _log(result.log, result)


def _end(result: Result, reference: Reference) -> Iterator[str]:
    if not result.rested:
        yield f"O4: it never came to rest: {result.end}; left: {', '.join(result.hanging) or 'nothing'}"
        return
    if result.writes_after_rest:
        yield f"O4: {result.writes_after_rest} writes after it was at rest"
    if not result.plan.faults:
        yield from _as_the_scenario_says(result.end, result.scenario)
    if not is_by_people(result.plan):
        if result.end != reference.end:
            yield f"O2: it ended with {result.end}, and without the fault with {reference.end}"
    elif result.end.present:
        yield from _explained(result.end)


def _as_the_scenario_says(end: End, scenario: Scenario) -> Iterator[str]:
    expected = (scenario.ready, scenario.reason, scenario.image)
    if (end.ready, end.reason, end.image) != expected:
        yield f"O2: it ended with {end}, and its scenario says {expected}"


def _explained(end: End) -> Iterator[str]:
    """Where people interfere a release may end in many ways, but what it says is true, and tells what to do next."""
    if end.ready == "True":
        if end.has_targets and end.image != end.wanted:
            yield f"O2: it says that {end.wanted} is released: {end}"
        return
    if end.reason not in REASONS:
        yield f"O2: it ended with a reason that is none: {end}"
    if NEXT_COMMAND not in end.message:
        yield f"O2: it does not say what to do next: {end}: {end.message}"


def _cost(result: Result, reference: Reference) -> Iterator[str]:
    record, faults = result.record, max(len(result.plan.faults), 1)
    people = is_by_people(result.plan)
    writes = (2 if people else 1) * reference.writes + MORE_WRITES * faults
    requests = (2 if people else 1) * reference.requests + MORE_REQUESTS * faults
    if len(record.writes) > writes:
        yield f"O3: {len(record.writes)} writes, and without the fault {reference.writes}"
    if len(record.exchanges) > requests:
        yield f"O8: {len(record.exchanges)} requests, and without the fault {reference.requests}"
    if not people and _counted(result, jobs_of(result)) != _counted(result, reference.jobs):
        yield f"O3: created the Jobs {dict(jobs_of(result))}, and without the fault {dict(reference.jobs)}"


def _counted(result: Result, jobs: "Counter[str]") -> "Counter[str]":
    """Leave out the check where a minute may pass: its Job is gone by then, and it may be asked again."""
    long = any(kind_of(fault).seconds > CHECK_STAYS_SECONDS for fault in result.plan.faults)
    return Counter({step: count for step, count in jobs.items() if step != "Check" or not long})


def _exits(result: Result) -> Iterator[str]:
    may_end = any(kind_of(fault).ends_operator for fault in result.plan.faults)
    for operator in result.operators:
        if operator.exits and not may_end:
            yield f"O5: {operator.name} ended by itself with {operator.exits}"
    if any(result.exit_codes) and not may_end:
        yield f"O5: asked to stop, the operators ended with {result.exit_codes}"


def _log(log: str, result: Result) -> Iterator[str]:
    may_end = any(kind_of(fault).ends_operator for fault in result.plan.faults)
    for line in filter(None, log.splitlines()):
        try:
            said = json.loads(line)
        except ValueError:
            yield f"O5: the operator printed: {line[:200]}"
            return
        if not may_end and ("exception" in said or "never retrieved" in line):
            yield f"O5: the operator logged an exception: {said.get('event')}: {str(said.get('exception'))[-300:]}"
