"""One trial: a submission that something happens to, and what is true afterwards."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.session import by_hand
from sleap_remote_plugin.session.chain import Then
from tests.cluster.laptop import broken_package, resources

STUB = SleapModule("SLEAP/stub", "1.3.1")
CHECKOUT = Path(__file__).resolve().parents[2]
#: SLURM's accounts remember the folders of other tests on the same cluster.
_numbers = itertools.count(1001)
UNSETTLED = (JobState.PREPARING, JobState.SUBMITTING, JobState.UNCONFIRMED)


def submit(session, package, **asked):
    """Train a package with the SLEAP that takes no time."""
    return session.submit_training(
        package,
        resources(**dict({"gpus": 0, "partition": "cpu"}, **asked)),
        project=str(package.folder.parent / "labels.slp"),
        name="labels top-down",
        module=STUB,
    )


def submit_chain(session, package, **asked):
    """Train a package, and predict on the video beside it."""
    return _chain(session.submit_chain, package, asked)


def preview_chain(session, package):
    return _chain(session.preview_chain, package, {})


def save_chain(session, package, folder):
    """Leave what both jobs need, for who submits them by hand."""
    both = _chain(session.chain_by_hand, package, {}, folder)
    folder.mkdir()
    for place, texts in zip((package.folder, folder), both):
        by_hand.write(place, texts)
    return both[0][by_hand.README_NAME]


def _chain(send, package, asked, folder=None):
    video = package.folder.parent / "mouse.mp4"
    video.touch()
    wanted = resources(**dict({"gpus": 0, "partition": "cpu"}, **asked))
    return send(
        package,
        wanted,
        Then(
            PredictionRequest((), (VideoInput(str(video), 0),)),
            wanted,
            "behind",
            folder,
        ),
        project=str(package.folder.parent / "labels.slp"),
        name="labels top-down",
        module=STUB,
    )


def run_child(home, practice, fingerprints, folder, program="child", **orders):
    """Start a program that submits `folder`, and is killed where `orders` say."""
    env = dict(os.environ, HOME=str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        env.pop(name, None)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.faults." + program],
        cwd=str(CHECKOUT),
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    orders.update(
        profile=practice.profile,
        password=practice.password,
        fingerprints=sorted(fingerprints),
        folder=str(folder),
    )
    child.stdin.write(json.dumps(orders) + "\n")
    child.stdin.flush()
    return child


class Trials:
    """Makes packages, looks at the cluster, and judges."""

    def __init__(self, practice, place, home, fingerprints, rows):
        self.practice = practice
        self.place = place
        self.home = home
        self.fingerprints = fingerprints
        self.rows = rows
        self.told = {}

    def package(self, **stub):
        """A fresh package beside the project.

        Parameters
        ----------
        stub
            What SLEAP does: ``sleep`` (seconds), ``memory`` (MiB), ``exit`` (code).
        """
        number = next(_numbers)
        (self.place / "labels.slp").touch()
        folder = self.place / "labels.slp.training_job.{}".format(number)
        package = broken_package(folder, Generation.LEGACY)
        for name, value in stub.items():
            (folder / ("stub-" + name)).write_text(str(value))
        return package

    def child(self, package, **orders):
        return run_child(
            self.home, self.practice, self.fingerprints, package.folder, **orders
        )

    def on_cluster(self, name):
        """SLURM ids of all jobs that this folder ever had, by SLURM itself.

        What SLURM told once counts, also where it was made to forget it.
        """
        folder = "{}/mouse project/{}".format(self.practice.cluster_mount, name)
        line = (
            "{ squeue -h -t all -o '%A|%Z'; sacct -X -D -n -P -S now-1hours "
            "--format=JobIDRaw,WorkDir; } 2>/dev/null"
        )
        shown = self.practice.run("gateway", ["bash", "-lc", line])
        pairs = {tuple(x.split("|", 1)) for x in shown.stdout.splitlines() if "|" in x}
        told = self.told.setdefault(name, set())
        told.update(one for one, where in pairs if where == folder)
        return sorted(told)

    def settled(self, session, seconds=60.0):
        """Refresh until no submission is in doubt."""
        deadline = time.monotonic() + seconds
        while True:
            jobs = session.refresh()
            if not [job for job in jobs if job.state in UNSETTLED]:
                return jobs
            assert time.monotonic() < deadline, jobs
            time.sleep(0.3)

    def ended(self, session, seconds=90.0):
        """Refresh until all jobs have ended."""
        deadline = time.monotonic() + seconds
        while True:
            jobs = session.refresh()
            if all(job.state.is_final for job in jobs):
                return jobs
            assert time.monotonic() < deadline, jobs
            time.sleep(0.3)

    def tell(self, fault, step, sent, known, end):
        """Add a row whose truth the test itself has asserted."""
        self.rows.append((fault, step, sent, known, end.value, "right"))

    def judge(
        self,
        fault,
        step,
        session,
        package,
        before,
        intended=(0, 1),
        right=JobState.COMPLETED,
        folder="",
    ):
        """Add a row: jobs on the cluster, jobs known, the end, and the verdict.

        Parameters
        ----------
        before : str
            `fingerprint` of the package before the trial.
        intended : tuple of int
            How many jobs may be on the cluster.
        right : JobState
            What each job that was sent should have come to.
        folder : str
            Name of the job's folder, where it is not the package's.
        """
        folder = folder or package.folder.name
        jobs = self.ended(session)
        mine = [job for job in jobs if job.folder.endswith("/" + folder)]
        sent = self.on_cluster(folder)
        known = sorted(job.slurm_id for job in mine if job.slurm_id)
        ends = [job.state for job in mine]
        faults = []
        if len(sent) > max(intended):
            faults.append("doubled")
        if len(sent) < min(intended) or set(sent) - set(known):
            faults.append("lost")
        wrong = [job for job in mine if job.slurm_id and job.state is not right]
        told = [job for job in mine if not job.slurm_id and not job.note]
        if wrong or told or set(known) - set(sent):
            faults.append("misjudged")
        if fingerprint(package.folder) != before:
            faults.append("data changed")
        end = "/".join(end.value for end in ends) or "not listed"
        verdict = ", ".join(faults) or "right"
        self.rows.append((fault, step, len(sent), len(known), end, verdict))
        assert verdict == "right", (jobs, sent)
        return mine


def fingerprint(folder):
    """Of what the user has there: SLEAP's files, and the project beside them."""
    package = load_package(folder)
    names = [package.labels, "jobs.yaml"] + [model.config for model in package.models]
    paths = [folder / name for name in names] + [folder.parent / "labels.slp"]
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes() + b"\0")
    return whole.hexdigest()
