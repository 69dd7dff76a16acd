"""Other programs on the same cluster, each in a Python of the bench's own.

They are installed from PyPI into the user's cache. What each does there is in
with_dpdispatcher.py and with_aiida.py, which only their own Python can run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

#: Name -> (what pip installs, the program that uses it).
PEERS = {
    "dpdispatcher": ("dpdispatcher", "with_dpdispatcher.py"),
    "AiiDA": ("aiida-core", "with_aiida.py"),
}
_HERE = Path(__file__).resolve().parent


class PeerMissing(Exception):
    """It could not be installed, or did not do what was asked of it; says why."""


def installed(name: str, cache: Path) -> Path:
    """The Python that has this peer; made when first wanted."""
    folder = cache / name
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        pip = [str(python), "-m", "pip", "install", "-q", PEERS[name][0]]
        for argv in ([sys.executable, "-m", "venv", "--clear", str(folder)], pip):
            done = subprocess.run(
                argv,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
            )
            if done.returncode:
                raise PeerMissing("not installed: " + _last(done.stdout))
        (folder / "whole").touch()
    return python


def version(name: str, python: Path) -> str:
    line = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    argv = [str(python), "-c", line, PEERS[name][0]]
    return subprocess.check_output(argv, universal_newlines=True).strip()


class Peer:
    """One run of a peer: it is given its orders, and prints an answer as JSON."""

    def __init__(self, name: str, python: Path, home: Path, **orders: Any) -> None:
        home.mkdir(exist_ok=True)
        self.log = home / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(python), str(_HERE / PEERS[name][1])],
                cwd=str(home),
                env=dict(os.environ, HOME=str(home), AIIDA_PATH=str(home)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                universal_newlines=True,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()

    def next(self) -> Dict[str, Any]:
        """Let it go on, and read its next line."""
        assert self.process.stdin is not None
        self.process.stdin.write("on\n")
        self.process.stdin.flush()
        return self.read()

    def read(self) -> Dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        self.process.wait()
        raise PeerMissing("ended: " + _last(self.log.read_text("utf-8", "replace")))

    def close(self) -> None:
        self.process.communicate(timeout=60)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["?"])[-1][:100]
