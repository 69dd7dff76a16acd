"""What the submit dialog is told by a real SLURM, and what it saves, run by hand."""

from __future__ import annotations

import dataclasses
import re
import time

import pytest

from sleap_remote_plugin.errors import RequestNotAllowed
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.session import by_hand
from tests.cluster.laptop import any_generation, broken_package, resources

pytestmark = pytest.mark.cluster


def on_gateway(practice, line):
    done = practice.run("gateway", ["bash", "-lc", line])
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_free_gpus_and_the_expected_start_are_slurms_own(session, practice, place):
    free = {one.name: one for one in session.site(refresh=True).partitions}["gpu"]
    assert {g.gpu_type: (g.total, g.free) for g in free.gpus} == {
        "rtx2080": (2, 2),
        "a4500": (2, 2),
    }
    assert {one.account for one in session.known_site().accounts} == {"lab"}
    wanted = resources(gpu_type="rtx2080", gpus=2, cpus=8)
    assert session.estimate_start(JobKind.TRAIN, wanted, 1).wait < 60

    on_gateway(
        practice,
        "sbatch -p gpu --gres=gpu:rtx2080:2 -c 8 -t 40 -o /dev/null --wrap 'sleep 99'; "
        'until [ -n "$(squeue -h --me -t R)" ]; do sleep 0.2; done',
    )
    free = {one.name: one for one in session.site(refresh=True).partitions}["gpu"]
    assert (free.free_gpus("rtx2080"), free.free_gpus()) == (0, 2)
    estimate = session.estimate_start(JobKind.PREDICT, wanted, 3)
    assert 35 * 60 < estimate.wait < 42 * 60
    assert estimate.nodes == "gpu-380-10"
    refused = session.estimate_start(JobKind.TRAIN, resources(gpus=9), 1)
    assert (refused.wait, "not available" in refused.refusal) == (None, True)
    assert len(on_gateway(practice, "squeue -h --me").splitlines()) == 1
    session.disconnect()
    assert session.estimate_start(JobKind.TRAIN, wanted, 1).wait is None
    assert not session.transport.is_connected
    assert session.known_site().partitions


def test_saved_files_run_by_hand_as_often_as_wanted(session, practice, place):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    about = {
        "project": str(place / "labels.slp"),
        "name": "labels\ntop-down",
        "module": session.choose_module(package.generation, ""),
    }
    files = session.training_by_hand(package, resources(), **about)
    by_hand.write(package.folder, files)
    words = re.findall(r"^  (.*)$", (package.folder / "README.txt").read_text(), re.M)
    assert [line.split()[0] for line in words] == ["cd", "sbatch", "squeue"]
    assert session.profile.login.host in files["README.txt"]

    said = on_gateway(practice, "; ".join([*words, words[1]]))
    ids = re.findall(r"Submitted batch job (\d+)", said)
    assert len(ids) == 2
    logs = [package.folder / "slurm-{}.out".format(one) for one in ids]
    deadline = time.monotonic() + 90
    while on_gateway(practice, "squeue -h --me"):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    for log in logs:
        text = log.read_text()
        assert package.models[0].config in text  # SLEAP was begun, and refused it
        assert "done twice" not in text
    codes = on_gateway(practice, "sacct -n -X -P -o ExitCode -j " + ",".join(ids))
    assert codes.split() == ["1:0", "1:0"]

    assert session.refresh() == ()  # it is no job of the list, then or later
    assert session.find_jobs(place).jobs == ()


def test_a_rule_of_the_profile_is_kept_by_the_session_too(session, place):
    rules = (FieldRule("memory", most=1 << 30),)
    session.use_profile(dataclasses.replace(session.profile, rules=rules))
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    before = sorted(path.name for path in package.folder.iterdir())
    with pytest.raises(RequestNotAllowed, match="memory of 1G at most"):
        session.submit_training(
            package,
            resources(),
            project=str(place / "labels.slp"),
            name="labels",
            module=session.choose_module(package.generation, ""),
        )
    assert sorted(path.name for path in package.folder.iterdir()) == before
    assert session.jobs() == ()
