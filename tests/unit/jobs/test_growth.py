"""Reading a draft back while it is written: the reader ends, at whatever instruction the writer was ended."""

import os
import subprocess
import sys
import threading
from itertools import repeat

from releaseflow.steps.growth import Growth
from tests.unit.jobs.conftest import PRODUCT

HANGS_SECONDS = 10
ENDED_AT_ANY_INSTRUCTION = f"""
import itertools, random, signal, sys, threading
from releaseflow.steps.growth import Growth

class Stopped(BaseException):
    pass

def stop(*_):
    raise Stopped

def read(growth):
    size, ended = 0, False
    while not ended:
        size, ended = growth.wait(size + 5)

signal.signal(signal.SIGALRM, stop)
for _ in range(200):
    growth = Growth()
    reader = threading.Thread(target=read, args=(growth,), daemon=True)
    reader.start()
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.002))
        for _ in growth.counted(itertools.repeat(b"x")):
            pass
    except Stopped:
        pass
    growth.end()
    reader.join(timeout={HANGS_SECONDS})
    if reader.is_alive():
        sys.exit("the reader never ended")
"""


def test_a_writer_that_is_ended_by_a_signal_leaves_no_reader_that_waits() -> None:
    command, variables = (
        [sys.executable, "-c", ENDED_AT_ANY_INSTRUCTION],
        {**os.environ, "PYTHONPATH": str(PRODUCT.parent)},
    )
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_says_how_much_was_written_and_whether_that_is_all() -> None:
    growth = Growth()
    chunks = growth.counted(repeat(b"four"))
    next(chunks), next(chunks), next(chunks)
    assert growth.wait(5) == (8, False), "the third is not written before the fourth is asked for"
    growth.end()
    assert growth.wait(100) == (8, True)
    growth.end()
    assert growth.wait(100) == (8, True), "whoever ends it twice changes nothing"


def test_the_reader_waits_for_what_it_asked_for() -> None:
    growth, found = Growth(), list[tuple[int, bool]]()
    reader = threading.Thread(target=lambda: found.append(growth.wait(8)), daemon=True)
    reader.start()
    chunks = growth.counted(repeat(b"four"))
    next(chunks), next(chunks)
    reader.join(timeout=0.1)
    assert (reader.is_alive(), found) == (True, [])
    next(chunks)
    reader.join(timeout=HANGS_SECONDS)
    assert found == [(8, False)]
