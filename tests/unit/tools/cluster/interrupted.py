"""A driver that somebody stops with Ctrl-C, in a process and a session of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""Whoever runs the tests in the background has SIGINT ignored, also by their children."""


def interrupted(code: str, begun: Path) -> tuple[int, str]:
    """Run code of the driver, press Ctrl-C once a file says that it has begun; return exit code and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", f"{LISTENING}; {code}"]
    driver = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    while not begun.exists():
        assert driver.poll() is None
        time.sleep(0.02)
    os.killpg(driver.pid, signal.SIGINT)
    _, said = driver.communicate(timeout=30)
    return driver.returncode, said
