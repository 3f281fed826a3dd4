"""Visits the shop at a steady rate, from a pod beside it: one line of JSON for each visit. Standard library only."""

import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

ANSWER_SECONDS = 20
AT_ONCE = 64
BUYS_EACH = 20
"""One visit of so many writes: it adds an item."""
NEW_ITEM = json.dumps({"name": "Left by a visitor", "price": "1.00", "stock": 1}).encode()

stopped = threading.Event()
printing = threading.Lock()


def say(line: dict[str, object]) -> None:
    """Print one line, whole."""
    with printing:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def visit(url: str, number: int) -> None:
    """Read the shelves, or add an item, on a connection of its own; say what came of it."""
    writes = number % BUYS_EACH == 0
    request = urllib.request.Request(url, NEW_ITEM if writes else None)  # noqa: S310 (the Service of the demo)
    seen: dict[str, object] = {"number": number, "at": time.time(), "writes": writes}
    started = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 (as above)
            seen |= {"status": answer.status, "version": json.load(answer)["version"]}
    except urllib.error.HTTPError as error:
        seen |= {"status": error.code, "error": str(error)}
    except (OSError, ValueError, KeyError) as error:
        seen |= {"status": 0, "error": f"{type(error).__name__}: {error}"}
    say({**seen, "seconds": round(time.monotonic() - started, 4)})


def main(url: str, rate: float, seconds: float) -> None:
    """Visit until the time is over or somebody says stop; visits do not wait for each other."""
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    started, number = time.monotonic(), 0
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        while number < rate * seconds and not stopped.wait(started + number / rate - time.monotonic()):
            number += 1
            visitors.submit(visit, url, number)
    say({"sent": number})


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
