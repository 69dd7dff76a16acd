"""One program on this machine: to its end, or to a deadline of our own.

It runs in a process group of its own, so that all it started ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import IO, Any, Callable, List, Mapping, NamedTuple, Optional, Sequence

from sleap_remote_plugin.ssh.deadline import Clock, within

_BLOCK = 1 << 16
# How long output may stay open after the program's own end: what it left in the
# background holds it.
_AFTERWARDS = 2.0


class Ended(NamedTuple):
    """How it ended, and what it wrote."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run_process(
    argv: Sequence[str],
    stdin: bytes = b"",
    seconds: float = 30.0,
    environment: Optional[Mapping[str, str]] = None,
    folder: Optional[str] = None,
    started: Optional[Callable[[Any], None]] = None,
) -> Ended:
    """Run a program with its output taken meanwhile.

    Parameters
    ----------
    started : callable, optional
        Gets the process, for `end_process` from another thread.

    Raises
    ------
    OutOfTime
        It had not ended by then and was killed.
    OSError, ValueError
        It could not be started.
    """
    process = subprocess.Popen(
        list(argv),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=None if environment is None else dict(environment),
        cwd=folder,
        start_new_session=True,
    )
    if started is not None:
        started(process)
    out: List[bytes] = []
    err: List[bytes] = []
    _in_background(_write, process.stdin, stdin)
    readers = [
        _in_background(_read, process.stdout, out),
        _in_background(_read, process.stderr, err),
    ]
    try:
        code = within(seconds, process.wait)
    finally:
        if process.poll() is None:
            end_process(process)
    afterwards = Clock(_AFTERWARDS)
    for reader in readers:
        reader.join(afterwards.left)
    return Ended(code, b"".join(out), b"".join(err))


def end_process(process: Any) -> None:
    """End a program and all that it started, now."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:  # it has just ended by itself
        return


def _in_background(function: Callable[..., None], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=function, args=args, daemon=True)
    thread.start()
    return thread


def _read(pipe: IO[bytes], blocks: List[bytes]) -> None:
    with pipe:
        for block in iter(lambda: pipe.read(_BLOCK), b""):
            blocks.append(block)


def _write(pipe: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    try:
        with pipe:
            while len(left):
                left = left[pipe.write(left[:_BLOCK]) :]
    except BrokenPipeError:
        return  # it does not want the rest, as with any pipe
