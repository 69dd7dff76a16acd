"""The fixture `practice`: a practice cluster of this test session's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PROGRAM = CHECKOUT / "resources" / "practice_cluster" / "practice-cluster"
if str(CHECKOUT / "resources") not in sys.path:
    sys.path.insert(0, str(CHECKOUT / "resources"))


def reason_not_to_run():
    """A sentence if no practice cluster can be started here; None if one can."""
    for program in ("slurmctld", "slurmdbd", "mariadbd", "munged", "bindfs"):
        if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            return "The practice cluster needs {}; `make setup` installs it.".format(
                program
            )
    if os.geteuid() == 0:
        return None
    if shutil.which("sudo") is None:
        return "The practice cluster needs root, and there is no sudo."
    asked = subprocess.run(
        ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if asked.returncode:
        return "The practice cluster needs root or a sudo that asks for no password."
    return None


def command(*words, **kwargs):
    """Run ``practice-cluster`` and keep what it says; the exit code is not checked."""
    return subprocess.run(
        [str(PROGRAM)] + [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=180,
        **kwargs,
    )


def ranges():
    """Ranges to try, beginning with one of this process's own."""
    for step in range(32):
        yield "10.{}.{}.0/22".format(
            220 + (os.getpid() + step) % 32, os.getpid() // 32 % 64 * 4
        )


def bring_up(name, state, *options):
    """Start a cluster in the first range that is free; return its settings."""
    from practice_cluster.settings import load

    for network in ranges():
        where = ("--name", name, "--state", state, "--range", network)
        done = command("up", *where, *options)
        if done.returncode == 0:
            return load(name, str(state))
        if "is in use" not in done.stderr:
            break
    raise AssertionError("practice-cluster up failed:\n" + done.stderr)


@pytest.fixture(scope="session")
def practice_cluster_possible():
    reason = reason_not_to_run()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def practice(practice_cluster_possible, tmp_path_factory):
    """Settings of a cluster that only this session uses; gone at its end.

    Its profile is at ``settings.profile``, in no real user's folder.
    """
    place = tmp_path_factory.mktemp("practice")
    name = "t{}".format(os.getpid())
    state = place / "state"
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(place / "config")
    try:
        settings = bring_up(name, state, "--mount", place / "ceph")
    finally:
        if before is None:
            del os.environ["XDG_CONFIG_HOME"]
        else:
            os.environ["XDG_CONFIG_HOME"] = before
    try:
        yield settings
    finally:
        command("down", "--name", name, "--state", state)


@pytest.fixture
def whole_practice(practice):
    """The same cluster, with every fault mended before and after the test."""
    _mend(practice)
    yield practice
    _mend(practice)


def _mend(practice):
    from practice_cluster.faults import present

    if present(practice):
        practice.mend()
