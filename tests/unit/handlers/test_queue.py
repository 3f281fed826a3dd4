"""The queue: a key is with one worker at a time, waits at most once, and backs off alone."""

import asyncio

from releaseflow.handlers.queue import LONGEST_BACK_OFF, KeyQueue


async def taken(queue: KeyQueue[str], within: float = 0.2) -> str | None:
    try:
        return await asyncio.wait_for(queue.get(), within)
    except TimeoutError:
        return None


async def test_a_key_waits_once() -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    queue.add("a")

    assert await taken(queue) == "a"
    queue.done("a")
    assert await taken(queue, 0.02) is None


async def test_a_key_that_is_rung_while_it_is_worked_on_comes_again_afterwards() -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    await queue.get()
    queue.add("a")

    assert await taken(queue, 0.02) is None
    queue.done("a")
    assert await taken(queue) == "a"


async def test_a_key_rests_as_long_as_was_said_last() -> None:
    queue = KeyQueue[str]()
    queue.rest("a", 0.01)
    queue.rest("a", 30.0)
    assert await taken(queue, 0.05) is None

    queue.rest("a", 0.01)
    assert await taken(queue) == "a"


async def test_a_ring_ends_a_rest() -> None:
    queue = KeyQueue[str]()
    queue.rest("a", 0.02)
    queue.add("a")

    assert await taken(queue) == "a"
    queue.done("a")
    assert await taken(queue, 0.05) is None


async def test_errors_in_a_row_make_longer_pauses_up_to_a_limit() -> None:
    queue = KeyQueue[str](jitter=lambda: 1.0)
    loop = asyncio.get_running_loop()
    pauses = []
    for _ in range(20):
        queue.back_off("a")
        pauses.append(round(queue._timers["a"].when() - loop.time(), 2))

    assert pauses == sorted(pauses)
    assert pauses[0] < 0.3
    assert pauses[-1] <= LONGEST_BACK_OFF

    queue.rest("a", None)
    queue.back_off("a")
    assert queue._timers["a"].when() - loop.time() < 0.3
    queue.rest("a", None)


async def test_the_server_may_ask_for_a_longer_pause() -> None:
    queue = KeyQueue[str]()
    queue.back_off("a", at_least=7)

    assert queue._timers["a"].when() - asyncio.get_running_loop().time() > 6
    queue.rest("a", None)


async def test_what_waits_and_what_is_worked_on_is_counted() -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    queue.add("b")
    await queue.get()

    assert len(queue) == 2
