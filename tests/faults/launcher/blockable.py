"""An operator whose work can be held up while its process goes on: run as `python blockable.py`, or by the fork server.

A signal stops the main thread where it stands, in the middle of whatever it does, until another one lets it go on. All
other threads go on; to stop a whole process is what SIGSTOP is for.
"""

import runpy
import signal

BLOCK, GO_ON = signal.SIGUSR1, signal.SIGUSR2


def obey() -> None:
    """Obey the two signals from now on; the second one only reaches who waits for it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {GO_ON})
    signal.signal(BLOCK, lambda *_: _wait())


def _wait() -> None:
    signal.sigwait({GO_ON})


if __name__ == "__main__":
    obey()
    runpy.run_module("releaseflow", run_name="__main__", alter_sys=True)
