"""A machine of the cluster itself: found by itself, used without SSH."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.cluster

CHECK = "import sys; from sleap_remote_plugin.cli import main; sys.exit(main())"
SUBMIT = """
from sleap_remote_plugin.jobs.profile_file import find_profile
from sleap_remote_plugin.session.opening import open_session
session = open_session(find_profile("{name}"))
done = session.transport.run(
    ["sbatch", "--parsable", "--output=/dev/null", "--wrap", "hostname"]
)
print(type(session.transport).__name__, done.stdout.strip(), done.stderr)
"""


@pytest.fixture
def on_the_gateway(practice):
    """Runs this environment's Python as a user who sits at the gateway."""

    def make(more=""):
        text = Path(practice.profile).read_text() + more
        script = 'd=$(mktemp -d) && echo "$d" && mkdir -p "$d/sleap-remote/clusters" &&'
        script += ' printf %s "$1" > "$d/sleap-remote/clusters/{}.yaml"'
        words = ["sh", "-c", script.format(practice.name), "sh", text]
        folder = practice.run("gateway", words).stdout.strip()
        made.append(folder)

        def run(*argv):
            where = ["XDG_CONFIG_HOME=" + folder, "XDG_DATA_HOME=" + folder]
            return practice.run("gateway", ["env", *where, sys.executable, *argv])

        return run

    made = []
    yield make
    for folder in made:
        practice.run("gateway", ["rm", "-rf", folder])


def test_a_session_there_submits_without_ssh(on_the_gateway, practice):
    done = on_the_gateway()("-c", SUBMIT.format(name=practice.name))

    kind, job = done.stdout.split()
    assert kind == "LocalTransport"
    assert job.isdigit()


def test_the_check_there_speaks_of_this_machine(on_the_gateway, practice):
    done = on_the_gateway()("-c", CHECK, "check", "--cluster", practice.name)

    assert "no SSH" in done.stdout, done.stderr


def test_a_profile_of_another_cluster_goes_over_ssh(on_the_gateway, practice):
    run = on_the_gateway("slurm_cluster: elsewhere\n")

    done = run("-c", CHECK, "check", "--cluster", practice.name)

    assert done.returncode != 0
    assert "no SSH" not in done.stdout
    assert practice.bastion_host in done.stdout + done.stderr
