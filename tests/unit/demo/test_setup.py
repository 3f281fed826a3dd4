"""The stage of the demo: what it waits for before it fills the shelves."""

import socket
import subprocess
import sys
import time

from demo.setup import CONNECT


def test_a_database_is_waited_for_until_its_address_leads_to_it() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        command = [sys.executable, "-c", CONNECT, "127.0.0.1", str(listener.getsockname()[1])]
        waiting = subprocess.Popen(command)
        time.sleep(0.5)
        assert waiting.poll() is None, "the port refused, and it is tried again"
        listener.listen()
        assert waiting.wait(timeout=20) == 0
