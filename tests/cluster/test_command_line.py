"""`sleap-remote` in a terminal, against real SLURM, with a real keyring.

Each command is the console script of this environment; all of a test's commands
run in one session bus with a Secret Service, as they would on a desktop.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.sleap]

PROGRAM = Path(sys.executable).with_name("sleap-remote")
IN_KEYRING = (
    "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
    'exec bash -c "$1"'
)


class Terminal:
    """Runs lines of shell with ``sleap-remote`` in it, in a home of its own."""

    def __init__(self, home, practice):
        self.practice = practice
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("XDG_") and name != "DBUS_SESSION_BUS_ADDRESS"
        }
        self.env.pop("DISPLAY", None)
        self.env.update(
            HOME=str(home),
            PATH="{}:{}".format(PROGRAM.parent, os.environ["PATH"]),
            CLUSTER=practice.name,
        )

    def run(self, line, stdin=""):
        return subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", IN_KEYRING, "bash", line],
            input=stdin,
            env=self.env,
            cwd=self.env["HOME"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=280,
        )

    def sign_in(self):
        """The line that signs in, trusting what the cluster itself says it is."""
        prints = self.practice.status()["fingerprints"]
        trusted = [
            "--trust " + one for host in prints.values() for one in host.values()
        ]
        return "sleap-remote login --cluster $CLUSTER --password-stdin " + " ".join(
            trusted
        )


@pytest.fixture
def terminal(home, whole_practice):
    for program in ("dbus-run-session", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            pytest.skip(program + " is not here; `make setup` installs it.")
    profiles = home / ".config" / "sleap-remote" / "clusters"
    profiles.mkdir(parents=True)
    shutil.copy(whole_practice.profile, str(profiles))
    return Terminal(home, whole_practice)


@pytest.fixture
def project(whole_practice):
    from demo.project import make_project

    place = Path(whole_practice.local_mount) / "command line"
    yield make_project(place, frames=12, labelled=6).project
    shutil.rmtree(str(place))


def test_the_password_is_typed_once_and_comes_from_the_keyring_then(terminal):
    done = terminal.run(
        terminal.sign_in() + " && sleap-remote check --cluster $CLUSTER --json",
        stdin=terminal.practice.password + "\n",
    )
    assert done.returncode == 0, done.stderr
    assert "in the keyring" in done.stderr
    lines = json.loads(done.stdout.split("\n", 1)[1])
    assert {line["verdict"] for line in lines} <= {"ok", "warn"}
    home = Path(terminal.env["HOME"])
    secret = terminal.practice.password.encode()
    assert not [p for p in home.rglob("*") if p.is_file() and secret in p.read_bytes()]


def test_without_a_terminal_an_unknown_host_is_not_trusted(terminal):
    done = terminal.run("sleap-remote check --cluster $CLUSTER")
    assert done.returncode == 3
    assert "never connected to" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_password_is_exit_code_3(terminal):
    done = terminal.run(terminal.sign_in(), stdin="not the password\n")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@pytest.fixture
def keys_as_they_were(whole_practice):
    from practice_cluster import hosts

    file = "/home/{}/.ssh/authorized_keys".format(whole_practice.user)
    hosts.call(whole_practice, "gateway", ["cp", "-a", file, file + ".plain"])
    yield
    hosts.call(whole_practice, "gateway", ["mv", "-f", file + ".plain", file])


def test_a_key_takes_the_place_of_a_password_that_is_forgotten(
    terminal, keys_as_they_were
):
    install = terminal.sign_in() + " --install-key"
    forget = "sleap-remote login --cluster $CLUSTER --forget"
    done = terminal.run(
        "{} && {} && sleap-remote login --cluster $CLUSTER </dev/null".format(
            install, forget
        ),
        stdin=terminal.practice.password + "\n",
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("signs in without a password") == 2
    assert "is forgotten" in done.stdout
    key = Path(terminal.env["HOME"]) / ".ssh" / "id_ed25519"
    assert key.stat().st_mode & 0o777 == 0o600


def test_an_unknown_cluster_names_those_there_are(terminal):
    done = terminal.run("sleap-remote jobs --cluster nowhere")
    assert done.returncode == 1
    assert terminal.practice.name in done.stderr


def test_no_way_to_the_cluster_is_exit_code_4(terminal):
    terminal.practice.fail("bastion")
    done = terminal.run("sleap-remote login --cluster $CLUSTER")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


def test_a_check_without_a_connection_is_a_list_with_a_fault(terminal):
    terminal.practice.fail("bastion")
    done = terminal.run("sleap-remote check --cluster $CLUSTER --json")
    assert done.returncode == 6, done.stderr
    lines = {line["subject"]: line for line in json.loads(done.stdout)}
    assert "refused" in lines["Bastion"]["text"]
    assert lines["Bastion"]["verdict"] == "fail"
    assert lines["Bastion"]["remedy"]
    assert lines["Not looked at"]["verdict"] == "warn"


def test_a_training_and_its_prediction_are_submitted_listed_and_cancelled(
    terminal, project
):
    configs = _shipped_configs()
    line = " && ".join(
        [
            terminal.sign_in(),
            "sleap-remote train {} {} --cluster $CLUSTER --partition gpu --time 10 "
            "--begin now+2hours --exclude 'enc1-node[4], enc1-node4' --sbatch nice=100 "
            "--then-predict --labelled --json > sent.json".format(
                "'{}'".format(project), " ".join("--config " + str(c) for c in configs)
            ),
            "id=$(python3 -c \"import json; print(json.load(open('sent.json'))"
            "[0]['slurm_id'])\")",
            "sleap-remote cancel $id --cluster $CLUSTER",
            "sleap-remote jobs --watch --cluster $CLUSTER --json > /dev/null",
            "sleap-remote jobs --cluster $CLUSTER --json > jobs.json",
            "sleap-remote load $id --into '{}' --cluster $CLUSTER".format(project),
        ]
    )
    done = terminal.run(line, stdin=terminal.practice.password + "\n")
    assert done.returncode == 1
    assert "has no predictions to load" in done.stderr, done.stderr
    assert "--time: A number alone is minutes: that is 10 minutes." in done.stderr
    jobs = json.loads((Path(terminal.env["HOME"]) / "jobs.json").read_text())
    by_kind = {job["kind"]: job for job in jobs}
    job, then = by_kind["train"], by_kind["predict"]
    assert (job["state"], then["state"]) == ("cancelled", "cancelled")
    asked = [
        (one["resources"]["begin"], one["resources"]["extra"]) for one in (job, then)
    ]
    assert asked == [("now+2hours", "--nice=100"), ("", "")]
    assert [task["title"] for task in job["tasks"]] == ["centroid", "centered_instance"]
    assert then["note"].startswith("Not run, because “")
    assert then["parent"] == job["uid"]
    (video,) = then["request"]["videos"]
    assert len(video["frames"].split(",")) == 6
    models = [model.split(".")[-2] for model in then["request"]["models"]]
    assert models == [task["output"].split(".")[-2] for task in job["tasks"]]


def _shipped_configs():
    """SLEAP's own training profiles of a top-down pipeline."""
    import sleap

    folder = Path(sleap.__file__).parent / "training_profiles"
    return [
        next(folder.glob("baseline.centroid.*")),
        next(folder.glob("baseline_medium_rf.topdown.*")),
    ]
