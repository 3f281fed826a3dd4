"""Programs that tests start beside themselves: the ports that they listen on, and how they end."""

import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

STOP_SECONDS = 20


def free_ports(count: int) -> list[int]:
    """Return loopback ports that are not listened on; all are held until all are found."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def start(stack: ExitStack, command: list[str], log: Path, **options: Any) -> None:
    """Start a program that ends with a stack; what it prints goes into a log, options to Popen."""
    output = stack.enter_context(log.open("wb"))
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    stack.callback(stop, process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a program; one that does not end in time is killed."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
