"""The main job in the real SLEAP window, on a real cluster: train, predict, load.

It is the demo itself: what the README promises is what is tested.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# SLEAP trains here: with two trainings on two cores both become many times slower.
pytestmark = pytest.mark.alone

CHECKOUT = Path(__file__).resolve().parents[2]
RUN = CHECKOUT / "resources" / "demo" / "run.py"
ROBOT = CHECKOUT.parent / "shared" / "data" / "sleap" / "small_robot_minimal.slp"


def play(practice, out, *options):
    """Run the demo for this environment's SLEAP; return its steps and its words."""
    env = dict(os.environ, PRACTICE_CLUSTER_STATE=practice.state)
    # A screen of its own, whatever the tests around it use.
    env.pop("DISPLAY", None)
    generation = "1.3" if sys.version_info < (3, 8) else "1.6"
    done = subprocess.run(
        ["python3", str(RUN), "--sleap", generation, "--out", str(out)]
        + ["--cluster", practice.name]
        + list(options),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=900,
    )
    steps = json.loads((out / "steps.json").read_text())
    return done.returncode, steps, done.stdout


@pytest.mark.cluster
@pytest.mark.sleap
@pytest.mark.timeout(1000)
def test_a_project_is_trained_predicted_and_loaded_in_the_window(
    whole_practice, tmp_path
):
    code, steps, words = play(whole_practice, tmp_path / "demo")
    assert code == 0, words
    assert all(ok for _, _, ok, _ in steps)
    assert "user labels bit-identical" in steps[-1][3]
    assert_the_password_is_nowhere(whole_practice, tmp_path)


@pytest.mark.cluster
@pytest.mark.sleap
@pytest.mark.timeout(1000)
@pytest.mark.skipif(not ROBOT.is_file(), reason="SLEAP's test data is not here")
@pytest.mark.skipif(
    sys.version_info < (3, 8), reason="It takes minutes: once, with `make demo`'s SLEAP"
)
def test_somebodys_own_project_goes_the_same_way_in_one_go(whole_practice, tmp_path):
    """*Train then predict...*: SLURM starts the second job, with no hand in it."""
    before = ROBOT.read_bytes()
    options = ["--project", str(ROBOT), "--then-predict"]
    code, _, words = play(whole_practice, tmp_path / "demo", *options)
    assert code == 0, words
    assert ROBOT.read_bytes() == before


def assert_the_password_is_nowhere(practice, place):
    """In no file of the user's home or the mount; the keyring's own is encrypted."""
    secret = practice.password.encode()
    found = [
        path
        for root in (place, Path(practice.local_mount))
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and secret in path.read_bytes()
    ]
    assert found == []
