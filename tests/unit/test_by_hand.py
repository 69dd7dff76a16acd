"""The few words beside a script that the user submits."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.by_hand import files_of, write
from sleap_remote_plugin.session.plan import Plan

NASTY = "/ceph/a b'c $(touch x) é/labels.slp.training_job"


def a_plan(kind=JobKind.TRAIN, name="labels\n  rm -rf /\ttop-down"):
    job = Job("u", kind, name, "/p.slp", NASTY, "lab", Resources())
    return Plan(job, "#!/bin/bash -l\n", ())


@pytest.mark.parametrize("kind", list(JobKind))
def test_the_commands_are_three_and_quoted(kind):
    files = files_of(a_plan(kind), "hpc-gw2", True)
    script, readme = sorted(files, key=lambda name: name == "README.txt")
    commands = [c for c in files[readme].splitlines() if c.startswith("  ")]
    assert [shlex.split(command) for command in commands] == [
        ["cd", NASTY],
        ["sbatch", script],
        ["squeue", "--me"],
    ]
    assert subprocess.call(["bash", "-nc", "\n".join(commands)]) == 0
    assert "on hpc-gw2" in files[readme]
    assert max(map(len, files[readme].replace(NASTY, "").splitlines())) <= 88


def test_a_folder_that_the_cluster_does_not_see_is_to_be_copied_first():
    readme = files_of(a_plan(), "gw", False)["README.txt"]
    assert "Copy it to\n{} there first".format(NASTY) in readme
    assert "Copy it" not in files_of(a_plan(), "gw", True)["README.txt"]


def test_they_are_written_with_line_feeds_whatever_the_system(tmp_path):
    write(tmp_path, {"train.sbatch": "#!/bin/bash -l\né\n"})
    assert (tmp_path / "train.sbatch").read_bytes() == "#!/bin/bash -l\né\n".encode()
