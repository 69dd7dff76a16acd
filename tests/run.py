#!/usr/bin/env python3
"""Run all tests in every environment that `make setup` made, and say what ran where.

Most tests wait for a cluster or a window, so the environments run beside each other,
and in each the cluster's tests beside the rest; those marked ``alone`` follow, one
environment after the other. SLEAP 1.4 shares its
Python and Qt with 1.3, so it runs only what is marked ``each_sleap``. Standard library
only.
Arguments go to pytest; ``--only sleap16`` picks an environment.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = {
    "sleap13": "SLEAP 1.3 (Python 3.7, PySide2)",
    "sleap14": "SLEAP 1.4 (Python 3.7, PySide2)",
    "sleap16": "SLEAP 1.6 (Python 3.11+, PySide6)",
}
#: What waits the most has a process of its own.
WAITING = ("tests/cluster", "tests/faults", "tests/slurm", "tests/ssh")
PARTLY = {"sleap14": "each_sleap"}
COUNTED = ("passed", "failed", "error", "skipped")
#: Lines that are told again of a run that crashed.
LAST_WORDS = 60
NO_TESTS = 5  # pytest's exit code where nothing was chosen


class Run:
    """One pytest in one environment."""

    def __init__(self, name, marked, arguments, show=False, part=""):
        said = ", ".join(word for word in (marked, part) if word)
        self.name, self.title = name, "{}, {}".format(ENVIRONMENTS[name], said)
        self.arguments = ["-m", marked] + arguments
        self.show = show
        self.said, self.code, self.seconds = b"", 0, 0.0

    def __call__(self):
        python = CHECKOUT / ".venvs" / self.name / "bin" / "python"
        env = dict(os.environ, SLEAP_SKIP_QT_FIX="1", PYTHONUNBUFFERED="1")
        # Each environment gets its own libraries, not the caller's.
        env.pop("PYTHONPATH", None)
        start = time.monotonic()
        process = subprocess.Popen(
            [str(python), "-m", "pytest", "-q", "--durations=15"] + self.arguments,
            cwd=str(CHECKOUT),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._listen(process.stdout)
        self.code = process.wait()
        self.code = 0 if self.code == NO_TESTS else self.code
        self.seconds = time.monotonic() - start
        return self

    def _listen(self, stream):
        if self.show:
            say("\n=== {} ===\n".format(self.title).encode())
        while True:  # as it comes: pytest shows its progress in one long line
            part = os.read(stream.fileno(), 65536)
            if not part:
                return
            self.said += part
            if self.show:
                say(part)

    def tell_of_failure(self):
        """Once more, at the end of it all: what failed, or where it crashed."""
        lines = self.text.splitlines()
        if self.code == 1:
            lines = [line for line in lines if re.match("(FAILED|ERROR) ", line)]
        if self.code:
            print("\n{} ended with {}:".format(self.title, self.code))
            print("\n".join(lines[-LAST_WORDS:]))

    @property
    def text(self):
        return self.said.decode("utf-8", "replace")

    @property
    def counts(self):
        """What pytest's closing line counts, by word."""
        closing = re.findall(
            r"^.*\d+ (?:passed|failed|error|skipped).*$", self.text, re.M
        )
        last = closing[-1] if closing else ""
        return {
            word: sum(int(n) for n in re.findall(r"(\d+) {}s?\b".format(word), last))
            for word in COUNTED
        }


def say(part):
    sys.stdout.buffer.write(part)
    sys.stdout.flush()


def run_all(names, arguments):
    """All runs, ended; what the first one says is shown as it comes."""
    whole = [name for name in names if name not in PARTLY]
    beside = [
        Run(name, "not alone", arguments + chosen, part=part)
        for name in whole
        for part, chosen in parts(arguments)
    ]
    beside += [Run(n, PARTLY[n], arguments) for n in names if n in PARTLY]
    beside[0].show = True
    with ThreadPoolExecutor(len(beside)) as pool:
        for run in pool.map(Run.__call__, beside):
            if not run.show:
                say("\n=== {} ===\n".format(run.title).encode() + run.said)
    return beside + [Run(n, "alone", arguments, True)() for n in whole]


def parts(arguments):
    """(title, more arguments) of each process; one where the caller names paths."""
    if any((CHECKOUT / one.split("::")[0]).exists() for one in arguments):
        return [("", [])]
    ignored = ["--ignore=" + folder for folder in WAITING]
    return [("on the cluster", list(WAITING)), ("the rest", ignored)]


def main(arguments):
    only = None
    if "--only" in arguments:
        place = arguments.index("--only")
        only = arguments[place + 1]
        del arguments[place : place + 2]
    wanted = [name for name in ENVIRONMENTS if only in (None, name)]
    python = "{}/.venvs/{}/bin/python".format
    names = [name for name in wanted if os.path.exists(python(CHECKOUT, name))]
    runs = run_all(names, arguments) if names else []
    total = {word: sum(run.counts[word] for run in runs) for word in COUNTED}
    failed = total["failed"] + total["error"]
    print("\nRan on {} with {} cores:".format(platform.platform(), os.cpu_count()))
    for run in runs:
        counts = ", ".join("{} {}".format(run.counts[w], w) for w in COUNTED)
        print("  {}: {} in {:.0f} s".format(run.title, counts, run.seconds))
    for name in set(wanted) - set(names):
        print("  {}: not run: its Python is missing".format(ENVIRONMENTS[name]))
    print("  Not run anywhere here: Windows, macOS, a real GPU.")
    counted = "{} passed, {} failed, {} skipped"
    print(counted.format(total["passed"], failed, total["skipped"]))
    for run in runs:
        run.tell_of_failure()
    codes = [run.code for run in runs if run.code]
    return codes[0] if codes else int(bool(failed) or not total["passed"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
