"""What the fault trials share: a SLEAP that takes no time, and the table at the end.

Everything else is real: SLURM, sshd on two hops, the mount, processes that are killed.
"""

from __future__ import annotations

import pytest

from sleap_remote_plugin.session import recover
from tests.cluster.conftest import (  # noqa: F401
    alone,
    clear,
    fingerprints,
    held,
    open_it,
    place,
    qapp_args,
    session,
)
from tests.faults.slurm_events import Slurm
from tests.faults.trial import Trials

STUB = r"""#!/bin/bash
set -e
sleep "$(cat stub-sleep 2>/dev/null || echo 0)"
[ ! -e stub-memory ] || python3 -c "bytearray($(cat stub-memory) << 20)"
[ ! -e stub-exit ] || exit "$(cat stub-exit)"
hdf5() { printf '\211HDF\r\n\032\n\011%064d' 0 > "$1"; }
case $(basename "$0") in
  sleap-train)
    run=models/261122_100000.centroid.n=6
    mkdir -p "$run" && hdf5 "$run/best_model.h5"
    echo '{}' > "$run/training_config.json"
    ;;
  sleap-track)
    while [ $# -gt 1 ]; do [ "$1" = -o ] && hdf5 "$2"; shift; done
    ;;
esac
"""
MODULE = """#%Module1.0
prepend-path PATH {}/apps/stub/bin
"""
_INSTALL = r"""
mkdir -p "$1/apps/stub/bin" "$1/apps/modulefiles/SLEAP"
printf '%s' "$2" > "$1/apps/stub/bin/sleap-train"
cp "$1/apps/stub/bin/sleap-train" "$1/apps/stub/bin/sleap-track"
chmod -R a+rX "$1/apps/stub" && chmod 755 "$1"/apps/stub/bin/*
printf '%s' "$3" > "$1/apps/modulefiles/SLEAP/stub"
"""

_rows, _gaps = [], []


def pytest_collection_modifyitems(config, items):
    """The long ones run for `make faults` (``-m faults``) only."""
    if "faults" in (config.getoption("markexpr") or ""):
        return
    long_ones = [item for item in items if item.get_closest_marker("faults")]
    if long_ones:
        config.hook.pytest_deselected(items=long_ones)
        items[:] = [item for item in items if item not in long_ones]


def install_stub(practice):
    """Put the module SLEAP/stub on a cluster."""
    done = practice.run_as_root(
        "gateway",
        ["sh", "-c", _INSTALL, "sh", practice.cluster_mount, STUB]
        + [MODULE.format(practice.cluster_mount)],
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def stub_module(practice):
    """The module SLEAP/stub on the cluster."""
    install_stub(practice)
    yield "SLEAP/stub"
    away = practice.cluster_mount + "/apps/modulefiles/SLEAP/stub"
    practice.run_as_root("gateway", ["rm", "-f", away])


@pytest.fixture
def trials(whole_practice, stub_module, place, home, fingerprints, monkeypatch):  # noqa: F811
    """The trials of one test; each adds a row to the table."""
    monkeypatch.setattr(recover, "DOUBT_PATIENCE", 1.0)
    yield Trials(whole_practice, place, home, fingerprints, _rows)
    whole_practice.mend()


@pytest.fixture
def slurm(whole_practice):
    made = Slurm(whole_practice)
    yield made
    whole_practice.mend()
    for name in ("cpu", "scavenge"):
        made.partition("UP", name)


@pytest.fixture
def gaps():
    """Rows of the second table: what happened, beats, the largest gap in seconds."""
    return _gaps


def pytest_terminal_summary(terminalreporter):
    if _rows:
        _write_rows(terminalreporter.write_line)
    if _gaps:
        _write_gaps(terminalreporter.write_line)


def _write_gaps(write):
    write("")
    form = "{:34} {:>6} {:>15}"
    write(form.format("window, while", "beats", "largest gap, ms"))
    for name, beats, gap in _gaps:
        write(form.format(name, beats, "{:.0f}".format(gap * 1000)))


def _write_rows(write):
    write("")
    form = "{:34} {:34} {:>4} {:>5} {:11} {}"
    write(form.format("fault", "step", "sent", "known", "end", "verdict"))
    for row in _rows:
        write(form.format(*row))
    bad = [row for row in _rows if row[-1] != "right"]
    for word in ("lost", "doubled", "misjudged"):
        count = len([row for row in bad if word in row[-1]])
        write("{} {}".format(count, word))
