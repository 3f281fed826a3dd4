"""Run client programs: each gets only the variables that it needs, and streams are never held in memory."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from releaseflow.engines.program import Command

CHUNK = 1 << 20


class CommandFailedError(Exception):
    """A client program ended with an error; its text is what the program complained of."""


def output_of(command: Command) -> str:
    """Return what a program prints.

    Raises:
        CommandFailedError: It failed, or is not there.
    """
    with _file("complaints") as complaints:
        done = _start(command, complaints, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output, _ = done.communicate(command.stdin.encode())
        _check(done, complaints)
    return output.decode(errors="replace")


def stream_of(command: Command) -> Iterator[bytes]:
    """Yield what a program prints, piece by piece; its end by an error is raised after the last.

    Raises:
        CommandFailedError: It failed, or is not there.
    """
    with _file("complaints") as complaints:
        process = _start(command, complaints, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            yield from chunks_of(_pipe(process.stdout))
            process.wait()
        finally:
            _end(process)
        _check(process, complaints)


def feed(command: Command, chunks: Iterable[bytes], keep: tuple[int, ...] = (), *, whole: bool = True) -> str:
    """Hand chunks to a program, and return what it prints.

    Args:
        command: What reads them.
        chunks: All of them are taken even where it ends before; unless they need not be taken whole.
        keep: Files that it may read beside them.
        whole: Whether something else follows from the chunks.

    Raises:
        CommandFailedError: It failed, or is not there.
    """
    with _file("complaints") as complaints, _file("output") as output:
        process = _start(command, complaints, stdin=subprocess.PIPE, stdout=output, keep=keep)
        try:
            _hand(_pipe(process.stdin), chunks, whole=whole)
            process.wait()
        finally:
            _end(process)
        _check(process, complaints)
        return _text(output)


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a file."""
    while chunk := file.read(CHUNK):
        yield chunk


def _hand(pipe: IO[bytes], chunks: Iterable[bytes], *, whole: bool) -> None:
    write: Callable[[bytes], object] = pipe.write
    for chunk in chunks:
        try:
            write(chunk)
        except BrokenPipeError:
            if not whole:
                break
            write = len
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def _start(
    command: Command, complaints: int, *, stdin: int, stdout: int, keep: tuple[int, ...] = ()
) -> "subprocess.Popen[bytes]":
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/nonexistent", **command.env}
    try:
        return subprocess.Popen(  # noqa: S603 (the engine names its own client programs)
            command.arguments, env=env, stdin=stdin, stdout=stdout, stderr=complaints, pass_fds=keep
        )
    except OSError as error:
        raise CommandFailedError(f"{command.arguments[0]} cannot be run: {error.strerror}") from error


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the program was started without this pipe")
    return pipe


def _end(process: "subprocess.Popen[bytes]") -> None:
    """See that a program does not outlive what reads or feeds it."""
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            _ = pipe.close() if pipe else None
    if process.poll() is None:
        process.kill()
        process.wait()


def _check(process: "subprocess.Popen[bytes]", complaints: int) -> None:
    if process.returncode != 0:
        said = _text(complaints).strip()
        raise CommandFailedError(said or f"it ended with exit code {process.returncode}")


def _text(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")


@contextlib.contextmanager
def _file(name: str) -> Iterator[int]:
    """Give a file in memory: the container's own file system is read-only."""
    file = os.memfd_create(name)
    try:
        yield file
    finally:
        os.close(file)
