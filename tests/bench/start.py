"""What the plugin adds to SLEAP's start, and to the start of any other Python.

``python -m tests.bench.start`` in an environment with SLEAP, with a display. SLEAP's
window is opened in a process of its own, with and without us in turns, up to the
moment when it was first painted; what we do afterwards is told apart. Then
``python -c pass`` with and without the two files of `sleap-remote enable`, in
environments made for that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from sleap_remote_plugin.sleap_host.autoload import enable

#: Milliseconds that may be added.
MOST_FOR_SLEAP, MOST_FOR_OTHERS = 100.0, 3.0

_CHILD = """\
import sys, time
spent = [0.0, 0.0]
pieces = []

def timed(function):
    def call(*args, **kwargs):
        began, at = time.perf_counter(), time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[0] += time.perf_counter() - began
            spent[1] += time.thread_time() - at
    return call

def the_plugin(app):
    from sleap_remote_plugin.sleap_host import attach
    from sleap_remote_plugin.sleap_host.starting import Starting
    attach._attach = timed(attach._attach)
    turn = Starting.turn
    def counted(self):
        began, at = time.perf_counter(), time.thread_time()
        turn(self)
        pieces.append((time.perf_counter() - began, time.thread_time() - at))
    Starting.turn = counted
    attach.patch(app)
    return attach

import sleap.gui.app as app
attach = timed(the_plugin)(app) if sys.argv[1] == "with" else None
from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QApplication

class First(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            QTimer.singleShot(0, self.on_shown)
        return False
    def on_shown(self):
        print("shown", time.process_time(), *spent, flush=True)
        self.wait()
    def wait(self):
        if attach is None or window._sleap_remote_starting.is_over:
            qt.quit()
        else:
            QTimer.singleShot(5, self.wait)

qt = QApplication([])
window = app.MainWindow(no_usage_data=True)
first = First()
window.installEventFilter(first)
window.showMaximized()
getattr(qt, "exec_", getattr(qt, "exec", None))()
if attach is not None:
    attach.controller_of(window)
    print("pieces", *["%.6f/%.6f" % one for one in pieces], flush=True)
import os
os._exit(0)
"""


def compiled_once():
    """The environment, in which Python keeps what it compiled, as installed."""
    kept = dict(os.environ)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def a_start(way, home):
    """Seconds to the first painting, and the processor's; the same within our code.

    Last, a pair for each piece that is done when SLEAP is on the screen.
    """
    environment = dict(compiled_once(), HOME=str(home), SLEAP_SKIP_QT_FIX="1")
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, way],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        universal_newlines=True,
    )
    found, pieces = (), ()
    for line in child.stdout:
        if line.startswith("shown "):
            took = time.perf_counter() - began
            found = (took, *map(float, line.split()[1:]))
        elif line.startswith("pieces "):
            pairs = [one.split("/") for one in line.split()[1:]]
            pieces = tuple(tuple(map(float, pair)) for pair in pairs)
    child.wait()
    if not found or (way == "with" and not pieces):
        raise SystemExit("SLEAP's window did not open.")
    return (*found, pieces)


def a_python(python):
    """(seconds by the clock, processor's seconds)."""
    began = time.perf_counter()
    child = subprocess.Popen([str(python), "-c", "pass"], env=compiled_once())
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def an_environment(folder):
    venv.create(str(folder), with_pip=False, symlinks=True)
    return folder / "bin" / "python", next(folder.glob("lib/python*/site-packages"))


def in_turns(ways, rounds, measure):
    """way -> what was measured: there, back, there, so that no way comes first."""
    found = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 else ways[::-1]:
            found[way].append(measure(way))
    return found


def quartiles(values):
    values = sorted(values)
    return values[len(values) // 4], values[3 * len(values) // 4]


def bench_sleap(rounds):
    with tempfile.TemporaryDirectory() as home:
        for way in ("without", "with"):
            a_start(way, Path(home))  # files get into memory, SLEAP writes its own
        found = in_turns(
            ["without", "with"], rounds, lambda way: a_start(way, Path(home))
        )
    for place, what in ((0, "by the clock"), (1, "processor's time")):
        without, ours = [
            [one[place] for one in found[way]] for way in ("without", "with")
        ]
        pairs = [1000 * (b - a) for a, b in zip(without, ours)]
        print(
            "SLEAP's window, {}: {:.2f} s, with us {:.2f} s, ratio {:.3f}; "
            "added, median of {} pairs: {:.0f} ms (quartiles {:.0f} to {:.0f})".format(
                what,
                statistics.median(without),
                statistics.median(ours),
                statistics.median(ours) / statistics.median(without),
                rounds,
                statistics.median(pairs),
                *quartiles(pairs),
            )
        )
    for place, what in ((2, "by the clock"), (3, "processor's time")):
        within = [1000 * one[place] for one in found["with"]]
        print(
            "within our code, {}: {:.0f} ms (quartiles {:.0f} to {:.0f}); goal "
            "{:.0f}".format(
                what, statistics.median(within), *quartiles(within), MOST_FOR_SLEAP
            )
        )

    for place, what in ((0, "by the clock"), (1, "processor's time")):
        all_pieces = [[piece[place] for piece in one[4]] for one in found["with"]]
        print(
            "afterwards, {}: {} pieces, {:.0f} ms in all, the longest {:.0f} ms "
            "(medians)".format(
                what,
                len(all_pieces[0]),
                1000 * statistics.median(sum(one) for one in all_pieces),
                1000 * statistics.median(max(one) for one in all_pieces),
            )
        )


def bench_others(rounds):
    with tempfile.TemporaryDirectory() as folder:
        plain, _ = an_environment(Path(folder) / "plain")
        enabled, packages = an_environment(Path(folder) / "enabled")
        enable(packages)
        found = in_turns([plain, enabled], rounds, a_python)
    for place, what in ((0, "by the clock"), (1, "processor's time")):
        without, ours = [[one[place] for one in found[way]] for way in (plain, enabled)]
        pairs = [1000 * (b - a) for a, b in zip(without, ours)]
        print(
            "python -c pass, {}: {:.1f} ms, enabled {:.1f} ms, ratio {:.3f}; added, "
            "median of {} pairs: {:.2f} ms (quartiles {:.2f} to {:.2f}); goal "
            "{:.0f}".format(
                what,
                1000 * statistics.median(without),
                1000 * statistics.median(ours),
                statistics.median(ours) / statistics.median(without),
                rounds,
                statistics.median(pairs),
                *quartiles(pairs),
                MOST_FOR_OTHERS,
            )
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="of SLEAP's window")
    parser.add_argument("--pythons", type=int, default=300, help="of python -c pass")
    arguments = parser.parse_args()
    print("Python {}.{}, load {:.1f}".format(*sys.version_info[:2], os.getloadavg()[0]))
    bench_others(arguments.pythons)
    if arguments.rounds:
        bench_sleap(arguments.rounds)


if __name__ == "__main__":
    main()
