"""The machine we run on, as a transport: a desktop that has ``sbatch``.

Whether it is the same cluster is found out in session/this_machine.py.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set

from sleap_remote_plugin.errors import (
    CommandTimedOut,
    ConnectionFailed,
    ShellTrouble,
)
from sleap_remote_plugin.ssh.deadline import OutOfTime
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.process import Ended, end_process, run_process
from sleap_remote_plugin.ssh.shell import Markers, Stream, quoted
from sleap_remote_plugin.ssh.tokens import local_user
from sleap_remote_plugin.ssh.transport import CommandResult, Transport, decoded
from sleap_remote_plugin.words import tr

_HERE = tr("this machine")
# What SLEAP's own environment, or a SLURM job that it runs in, would change in ours;
# over SSH none of it would be there either. SLURM_CONF says where SLURM is.
_LEFT_OUT = ("SLURM_", "SBATCH_", "PYTHON")
_KEPT = {"SLURM_CONF"}


class LocalTransport(Transport):
    """Runs commands here.

    Parameters
    ----------
    why : str
        A sentence for the connection log: why there is no SSH.
    """

    def __init__(self, why: str = "") -> None:
        self._log = ConnectionLog()
        self._lock = threading.Lock()
        self._running: Set[Any] = set()
        self._stopped: Set[Any] = set()
        if why:
            self._log.add(_HERE, why)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        login_shell: bool = True,
    ) -> CommandResult:
        argv = tuple(str(part) for part in argv)
        try:
            if login_shell:
                ended = self._in_login_shell(argv, stdin, timeout)
            else:
                ended = self._run(argv, argv[0], stdin, timeout)
        except (ConnectionFailed, ShellTrouble) as error:
            self._log.add(_HERE, "{}: {}".format(argv[0], error))
            raise
        return CommandResult(
            argv, ended.exit_code, decoded(ended.stdout), decoded(ended.stderr)
        )

    def _in_login_shell(
        self, argv: Sequence[str], stdin: bytes, timeout: float
    ) -> Ended:
        markers = Markers()
        line = tr("{}{}; code=$?; {}exit $code").format(
            markers.print("begin"), quoted(argv), markers.print("end")
        )
        ended = self._run(["bash", "-lc", line], argv[0], stdin, timeout)
        streams = [Stream(markers), Stream(markers)]
        for stream, data in zip(streams, ended[1:]):
            stream.take(data)
        if not streams[0].begun:
            raise ShellTrouble(
                tr(
                    "The start-up files of your shell (~/.bash_profile, ~/.profile, "
                    "~/.bashrc) end it before a command can run. Nothing was done; "
                    "jobs on the cluster go on. Let those lines act in terminals only."
                ),
                detail=streams[0].noise or streams[1].noise,
            )
        return Ended(ended.exit_code, streams[0].output(), streams[1].output())

    def _run(
        self, command: Sequence[str], name: str, stdin: bytes, timeout: float
    ) -> Ended:
        started: List[Any] = []

        def note(process: Any) -> None:
            started.append(process)
            with self._lock:
                self._running.add(process)

        try:
            return self._checked(
                started,
                run_process(command, stdin, timeout, _environment(), _home(), note),
            )
        except OutOfTime as error:
            raise CommandTimedOut(
                tr(
                    "{} gave no answer within {:.0f} seconds and was ended. What it "
                    "did is asked for before anything is sent again."
                ).format(name, timeout)
            ) from error
        except (OSError, ValueError) as error:
            raise ConnectionFailed(
                tr(
                    "{} could not be started on this machine: {}. Nothing was done. "
                    "Check that SLURM's commands are on the PATH."
                ).format(name, error)
            ) from error
        finally:
            with self._lock:
                self._running.difference_update(started)
                self._stopped.difference_update(started)

    def _checked(self, started: Sequence[Any], ended: Ended) -> Ended:
        with self._lock:
            stopped = self._stopped.intersection(started)
        if stopped:
            raise ConnectionFailed(
                tr(
                    "The command was ended from this side. What it did is asked for "
                    "before anything is sent again."
                ),
                sent=True,
            )
        return ended

    def connect(self) -> None:
        return None

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            running = list(self._running)
            self._stopped.update(running)
        for process in running:
            end_process(process)

    def log_lines(self) -> List[str]:
        return self._log.lines()

    @property
    def is_connected(self) -> bool:
        return True

    @property
    def user(self) -> str:
        return local_user()


def _environment() -> Dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(_LEFT_OUT)
    }


def _home() -> str:
    """Where a sign-in would begin; the folder that we are in may be on a dead disk."""
    home = str(Path.home())
    return home if os.path.isdir(home) else "/"
