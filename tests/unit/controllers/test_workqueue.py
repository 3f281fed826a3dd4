"""The queue: a key is with one worker at a time, waits at most once, and backs off alone."""

import asyncio

from releaseflow.controllers.request import ReconcileRequest
from releaseflow.controllers.workqueue import LONGEST_BACK_OFF, LOW_PRIORITY_EVERY, WorkQueue
from releaseflow.kube.resources import Resource

A, B = (ReconcileRequest(Resource.FLOW, "shop", name) for name in "ab")


async def taken(queue: WorkQueue[ReconcileRequest], within: float = 0.2) -> ReconcileRequest | None:
    try:
        return await asyncio.wait_for(queue.get(), within)
    except TimeoutError:
        return None


async def test_a_key_waits_once() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add(A)
    queue.add(A)

    assert await taken(queue) == A
    queue.done(A)
    assert await taken(queue, 0.02) is None


async def test_a_key_that_is_rung_while_it_is_worked_on_comes_again_afterwards() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add(A)
    await queue.get()
    queue.add(A)

    assert await taken(queue, 0.02) is None
    queue.done(A)
    assert await taken(queue) == A


async def test_the_last_delay_of_a_key_holds() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add_after(A, 0.01)
    queue.add_after(A, 30.0)
    assert await taken(queue, 0.05) is None

    queue.add_after(A, 0.01)
    assert await taken(queue) == A


async def test_an_event_ends_a_delay() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add_after(A, 0.02)
    queue.add(A)

    assert await taken(queue) == A
    queue.done(A)
    assert await taken(queue, 0.05) is None


async def test_errors_in_a_row_make_longer_pauses_up_to_a_limit() -> None:
    queue = WorkQueue[ReconcileRequest](jitter=lambda: 1.0)
    loop = asyncio.get_running_loop()
    pauses = []
    for _ in range(20):
        queue.add_rate_limited(A)
        pauses.append(round(queue._timers[A].when() - loop.time(), 2))

    assert pauses == sorted(pauses)
    assert pauses[0] < 0.3
    assert pauses[-1] <= LONGEST_BACK_OFF

    queue.forget(A)
    queue.add_rate_limited(A)
    assert queue._timers[A].when() - loop.time() < 0.3
    queue.forget(A)


async def test_the_server_may_ask_for_a_longer_pause() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add_rate_limited(A, at_least=7)

    assert queue._timers[A].when() - asyncio.get_running_loop().time() > 6
    queue.forget(A)


async def test_what_waits_and_what_is_worked_on_is_counted() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add(A)
    queue.add(B)
    await queue.get()

    assert len(queue) == 2


async def test_the_seconds_a_request_waits_for_a_worker_are_observed() -> None:
    waits: list[float] = []
    queue = WorkQueue[ReconcileRequest](waited=waits.append)
    queue.add(A)
    queue.add(B)
    assert queue.depth == 2

    await asyncio.sleep(0.02)
    assert await taken(queue) == A
    assert queue.depth == 1
    assert len(waits) == 1
    assert waits[0] >= 0.02

    queue.add(A)
    assert queue.depth == 1, "what is worked on waits for no worker"
    queue.done(A)
    assert queue.depth == 2


async def test_a_namespace_with_very_much_to_do_keeps_no_other_waiting() -> None:
    queue = WorkQueue[ReconcileRequest]()
    many = [ReconcileRequest(Resource.FLOW, "noisy", str(number)) for number in range(100)]
    for key in (*many, A, B):
        queue.add(key)

    assert [await queue.get() for _ in range(4)] == [many[0], A, many[1], B]
    queue.add(A)
    queue.done(A)
    assert [await queue.get() for _ in range(3)] == [many[2], A, many[3]]


async def test_keys_in_progress_go_before_the_others_which_get_every_sixteenth_turn() -> None:
    queue = WorkQueue[ReconcileRequest]()
    begun, others = (
        [ReconcileRequest(Resource.FLOW, "shop", f"{name}-{number}") for number in range(20)] for name in "ab"
    )
    for key in begun:
        queue.add_after(key, 30.0, in_progress=True)
    for key in (*others, *begun):
        queue.add(key)

    taken = [await queue.get() for _ in range(40)]

    assert taken[:LOW_PRIORITY_EVERY] == [*begun[: LOW_PRIORITY_EVERY - 1], others[0]]
    assert [key for key in taken if key in begun] == begun
    assert taken[20 + 20 // LOW_PRIORITY_EVERY :] == others[20 // LOW_PRIORITY_EVERY :]


async def test_a_forgotten_key_has_no_precedence_any_more() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add_after(B, 30.0, in_progress=True)
    queue.forget(B)
    for key in (A, B):
        queue.add(key)

    assert [await queue.get(), await queue.get()] == [A, B]


async def test_an_event_from_before_the_observation_asks_for_no_other_reconcile() -> None:
    queue = WorkQueue[ReconcileRequest]()
    queue.add(A)
    await queue.get()
    queue.add(A)
    queue.mark_observed(A)
    queue.done(A)
    assert await taken(queue, 0.02) is None

    queue.add(A)
    await queue.get()
    queue.mark_observed(A)
    queue.add(A)
    queue.done(A)
    assert await taken(queue) == A
