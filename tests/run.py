#!/usr/bin/env python3
"""Run all tests in every environment that `make setup` made, and say what ran where.

Standard library only. Arguments go to pytest; ``--only sleap16`` picks one.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = {
    "sleap13": "SLEAP 1.3 (Python 3.7, PySide2)",
    "sleap16": "SLEAP 1.6 (Python 3.11+, PySide6)",
}
COUNTED = ("passed", "failed", "skipped", "error")


def run(name, arguments):
    """Run pytest in one environment; return (exit code, counts, seconds)."""
    python = CHECKOUT / ".venvs" / name / "bin" / "python"
    env = dict(os.environ, SLEAP_SKIP_QT_FIX="1", PYTHONUNBUFFERED="1")
    # Each environment gets its own libraries, not the caller's.
    env.pop("PYTHONPATH", None)
    start = time.monotonic()
    process = subprocess.Popen(
        [str(python), "-m", "pytest", "-q", "--durations=15"] + arguments,
        cwd=str(CHECKOUT),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said = b""
    assert process.stdout is not None
    while True:  # as it comes: pytest shows its progress in one long line
        part = os.read(process.stdout.fileno(), 65536)
        if not part:
            break
        sys.stdout.buffer.write(part)
        sys.stdout.flush()
        said = (said + part)[-65536:]
    lines = said.decode("utf-8", "replace").splitlines()
    closing = [line for line in lines if re.search(r"\d+ (passed|failed|error)", line)]
    last = closing[-1] if closing else ""
    code = process.wait()
    counts = {
        word: sum(int(n) for n in re.findall(r"(\d+) {}s?\b".format(word), last))
        for word in COUNTED
    }
    return code, counts, time.monotonic() - start


def main(arguments):
    only = None
    if "--only" in arguments:
        place = arguments.index("--only")
        only = arguments[place + 1]
        del arguments[place : place + 2]
    totals = dict.fromkeys(COUNTED, 0)
    worst, told = 0, []
    for name, title in ENVIRONMENTS.items():
        if only not in (None, name):
            continue
        if not (CHECKOUT / ".venvs" / name / "bin" / "python").exists():
            told.append("{}: not run, since its Python is missing here".format(title))
            continue
        print("\n=== {} ===".format(title), flush=True)
        code, counts, seconds = run(name, list(arguments))
        worst = worst or code
        for word in COUNTED:
            totals[word] += counts[word]
        told.append(
            "{}: {passed} passed, {failed} failed, {error} errors, {skipped} skipped "
            "in {:.0f} s".format(title, seconds, **counts)
        )
    print("\nRan on {} with {} cores:".format(platform.platform(), os.cpu_count()))
    for line in told:
        print("  " + line)
    print("  Not run anywhere here: Windows, macOS, a real GPU.")
    failed = totals["failed"] + totals["error"]
    print(
        "{} passed, {} failed, {} skipped".format(
            totals["passed"], failed, totals["skipped"]
        )
    )
    return worst or (1 if failed or not totals["passed"] else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
