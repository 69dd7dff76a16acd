"""The few words beside a script that the user submits."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.by_hand import files_of, files_of_both, write
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


def test_the_commands_of_both_are_quoted_and_the_second_waits_for_the_first(tmp_path):
    first, second = a_plan(), a_plan(JobKind.PREDICT, "then")
    ours, theirs = files_of_both(first, second, "hpc-gw2", True)
    assert sorted(ours) == ["README.txt", "train.sbatch"]
    assert sorted(theirs) == ["README.txt", "predict.sbatch"]
    assert ours["README.txt"] == theirs["README.txt"]
    assert ours["README.txt"].splitlines()[0] == "labels rm -rf / top-down, then then"
    lines = ours["README.txt"].splitlines()
    commands = "\n".join(line for line in lines if line.startswith("  "))
    # What sbatch prints on a federation; both are noted, and nothing else is run.
    noted = tmp_path / "noted"
    said = 'sbatch() {{ printf "%s|" "$@" >> {}; echo "7;cluster"; }}'.format(noted)
    before = said + "\ncd() { :; }\nsqueue() { :; }\n"
    subprocess.run(["bash", "-euc", before + commands], check=True)
    assert noted.read_text().split("|")[:-1] == [
        "--parsable",
        "train.sbatch",
        "--dependency=afterok:7",
        "--kill-on-invalid-dep=yes",
        "predict.sbatch",
    ]
    assert max(map(len, ours["README.txt"].replace(NASTY, "").splitlines())) <= 88


def test_two_folders_that_the_cluster_does_not_see_are_to_be_copied_first():
    ours, _ = files_of_both(a_plan(), a_plan(JobKind.PREDICT), "gw", False)
    assert "These folders are on your computer" in ours["README.txt"]


def test_a_folder_that_the_cluster_does_not_see_is_to_be_copied_first():
    readme = files_of(a_plan(), "gw", False)["README.txt"]
    assert "Copy it to\n{} there first".format(NASTY) in readme
    assert "Copy it" not in files_of(a_plan(), "gw", True)["README.txt"]


def test_they_are_written_with_line_feeds_whatever_the_system(tmp_path):
    write(tmp_path, {"train.sbatch": "#!/bin/bash -l\né\n"})
    assert (tmp_path / "train.sbatch").read_bytes() == "#!/bin/bash -l\né\n".encode()
