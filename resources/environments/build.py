#!/usr/bin/env python3
"""Build the Python environments under ``.venvs/``: one for each SLEAP generation.

SLEAP's environments are large (2.6 GB and 7.9 GB) and depend only on a
requirements file and a Python, so they are kept outside the checkout under the
hash of the two, and a checkout gets a copy made of hard links. The plugin itself
is installed from the checkout, always. A kept environment that differs from what
was built (any path, size or modification time) is built again.

Needs nothing but the standard library; run by ``setup.sh``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).resolve().parent
VENVS = CHECKOUT / ".venvs"
STAMP = ".built-for"


class Environment:
    """One environment: what it is called, which Pythons do, what it holds."""

    def __init__(self, name, pythons, requirements, extras, title, proof):
        self.name = name
        self.pythons = pythons
        self.requirements = REQUIREMENTS / requirements
        self.extras = extras
        self.title = title
        self.proof = proof

    @property
    def folder(self):
        return VENVS / self.name

    @property
    def presence(self):
        """A quick look that what `proof` imports is there."""
        names = self.proof.replace("import ", "").split(", ")
        return "import importlib.util as u; assert all(map(u.find_spec, {!r}))".format(
            [name.split(".")[0] for name in names]
        )


ENVIRONMENTS = [
    Environment(
        "sleap13",
        ["3.7"],
        "sleap13.txt",
        "test",
        "SLEAP 1.3 (Python 3.7, PySide2)",
        "import sleap.version, PySide2.QtCore",
    ),
    Environment(
        "sleap14",
        ["3.7"],
        "sleap14.txt",
        "test",
        "SLEAP 1.4 (Python 3.7, PySide2)",
        "import sleap.version, PySide2.QtCore",
    ),
    Environment(
        "sleap16",
        ["3.11", "3.12", "3.13"],
        "sleap16.txt",
        "test,docs",
        "SLEAP 1.6 (Python 3.11+, PySide6)",
        "import sleap, PySide6.QtCore, torch",
    ),
    Environment(
        "lint",
        ["3.11", "3.12", "3.13", "3.10"],
        "lint.txt",
        None,
        "the lint tools",
        "import mypy, importlinter",
    ),
]


def find_python(versions):
    """Path of the first Python of `versions` that runs, or None.

    Looks on PATH first, then under pyenv.
    """
    for version in versions:
        candidates = [shutil.which("python" + version)]
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        candidates += sorted(
            pyenv.glob("versions/{}.*/bin/python{}".format(version, version)),
            reverse=True,
        )
        for candidate in candidates:
            if candidate is None:
                continue
            asked = subprocess.run(
                [str(candidate), "-c", "import sys, venv; print(sys.executable)"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                universal_newlines=True,
            )
            if asked.returncode == 0:
                return Path(asked.stdout.strip())
    return None


def cache_root():
    base = os.environ.get("SLEAP_REMOTE_ENV_CACHE")
    if base:
        return Path(base)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sleap-remote-plugin" / "environments"


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def inventory(folder):
    """Hash of every path, size and modification time below `folder`.

    Byte-code folders are left out: Python writes them when it likes. Symbolic links
    count by their target.
    """
    seen = hashlib.sha256()
    for root, dirs, files in os.walk(str(folder)):
        dirs[:] = sorted(d for d in dirs if d != "__pycache__")
        for name in sorted(files):
            if name == STAMP:
                continue
            path = os.path.join(root, name)
            info = os.lstat(path)
            what = os.readlink(path) if os.path.islink(path) else info.st_mtime_ns
            line = "{}|{}|{}\n".format(
                os.path.relpath(path, str(folder)), info.st_size, what
            )
            seen.update(line.encode("utf-8", "surrogateescape"))
    return seen.hexdigest()


def run(command, **kwargs):
    """Run a command; on failure show what it printed and stop."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        **kwargs,
    )
    if done.returncode:
        print(done.stdout[-6000:], file=sys.stderr)
        shown = " ".join(str(part) for part in command)
        sys.exit("setup: this command failed (its words are above): " + shown)
    return done.stdout


def works(folder, proof):
    """Whether the environment's Python starts and imports what it is for."""
    python = folder / "bin" / "python"
    if not python.exists():
        return False
    env = dict(os.environ, QT_QPA_PLATFORM="offscreen", MPLBACKEND="Agg")
    done = subprocess.run(
        [str(python), "-c", proof],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    return done.returncode == 0


def kept_environment(environment, python):
    """The kept copy for this Python and these requirements, built if needed."""
    version = run([python, "-c", "import sys; print(sys.version)"])
    key = digest(
        environment.requirements.read_text(), version, python, platform.machine()
    )
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    kept = root / "{}-{}".format(environment.name, key)
    with (root / (kept.name + ".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            stamp = kept / STAMP
            whole = stamp.exists() and stamp.read_text() == inventory(kept)
            if whole and works(kept, environment.proof):
                return kept
            print("setup: the kept {} is damaged: building it again".format(kept))
            shutil.rmtree(str(kept))
        print("setup: building {}; this takes minutes, once".format(environment.title))
        run([python, "-m", "venv", kept])
        pip = [kept / "bin" / "python", "-m", "pip", "install", "-q"]
        run(pip + ["-U", "pip", "wheel"])
        run(pip + ["-r", environment.requirements])
        if not works(kept, environment.proof):
            shutil.rmtree(str(kept))
            sys.exit("setup: {} was built but does not start".format(environment.title))
        (kept / STAMP).write_text(inventory(kept))
    return kept


def copy_linked(source, target):
    """Copy an environment by hard links, and make its scripts name the copy."""
    building = target.with_name(target.name + ".new")
    for old in (building, target):
        if old.exists():
            shutil.rmtree(str(old))
    target.parent.mkdir(parents=True, exist_ok=True)
    linked = subprocess.run(
        ["cp", "-al", str(source), str(building)], stderr=subprocess.DEVNULL
    )
    if linked.returncode:  # another file system
        shutil.rmtree(str(building), ignore_errors=True)
        run(["cp", "-a", "--reflink=auto", source, building])
    for path in list((building / "bin").iterdir()) + [building / "pyvenv.cfg"]:
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        if str(source).encode() in data and b"\0" not in data:
            mode = path.stat().st_mode
            path.unlink()
            path.write_bytes(data.replace(str(source).encode(), str(target).encode()))
            path.chmod(mode)
    building.rename(target)


def plugin_fingerprint():
    """What decides an install: the project file (an editable install sees the rest)."""
    return digest((CHECKOUT / "pyproject.toml").read_text(), CHECKOUT)


def set_up(environment):
    """Bring one environment up to date; return False where its Python is missing."""
    python = find_python(environment.pythons)
    if python is None:
        print(
            "setup: no Python {} on PATH or under pyenv: {} is left out.".format(
                " or ".join(environment.pythons), environment.title
            )
        )
        return False
    stamp = environment.folder / STAMP
    wanted = digest(environment.requirements.read_text(), python, plugin_fingerprint())
    if (
        stamp.exists()
        and stamp.read_text() == wanted
        and works(environment.folder, environment.presence)
    ):
        return True
    start = time.monotonic()
    copy_linked(kept_environment(environment, python), environment.folder)
    if environment.extras is not None:
        run(
            [
                environment.folder / "bin" / "python",
                "-m",
                "pip",
                "install",
                "-q",
                "-e",
                "{}[{}]".format(CHECKOUT, environment.extras),
            ],
            cwd=str(CHECKOUT),
        )
    new = stamp.with_name(STAMP + ".new")
    new.write_text(wanted)
    if stamp.exists():
        stamp.unlink()  # it may be a hard link to the kept one
    new.rename(stamp)
    took = time.monotonic() - start
    print("setup: {} is ready in {:.0f} s".format(environment.title, took))
    return True


def main(arguments):
    wanted = [re.sub(r"[^a-z0-9]", "", a) for a in arguments]
    chosen = [e for e in ENVIRONMENTS if not wanted or e.name in wanted]
    ready = [e.name for e in chosen if set_up(e)]
    if not any(name.startswith("sleap") for name in ready):
        sys.exit("setup: no environment for SLEAP could be made, so nothing can run.")
    print("setup: ready: " + ", ".join(ready))


if __name__ == "__main__":
    main(sys.argv[1:])
