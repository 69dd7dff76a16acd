"""What following and submitting cost a cluster, beside what others cost it.

Brings a practice cluster up (real SLURM, real sshd on two hops), measures, prints
three tables, takes it down. Not a test: nothing is asserted but that each measurement
was one. dpdispatcher and AiiDA are installed from PyPI into the user's cache; one that
cannot be is said to be missing.

``python -m tests.bench.cluster [--jobs 1,20,300] [--rounds 15]``
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, new_uid
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.jobs.record import save_record
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.slurm import commands
from tests.bench.connection import OpenSSH, Ours, compared
from tests.bench.counters import Count, count
from tests.bench.cut_link import CutLink
from tests.bench.peers import PEERS, Peer, PeerMissing, installed, version
from tests.cluster.laptop import broken_package, resources
from tests.practice import bring_up, command, reason_not_to_run

HOUR = 3600.0
#: Somebody who looks at the queue by hand: ``watch -n 5 squeue`` in one ssh.
BY_HAND = 5.0
#: No job starts: the partition is down.
PARTITION = "gpu"
MODULE = SleapModule("SLEAP/bench", "1.3.1")
_ALL_PEERS = tuple(PEERS)


class Bench:
    """One practice cluster, and all who use it."""

    def __init__(self, cluster, folder: Path, cache: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.openssh = OpenSSH(cluster, folder)
        self.place = Path(cluster.local_mount, "bench")
        self.place.mkdir()
        self.on_cluster = cluster.cluster_mount + "/bench"
        self.pythons: Dict[str, Path] = {}
        self.missing: Dict[str, str] = {}
        for name in _ALL_PEERS:
            try:
                self.pythons[name] = installed(name, cache)
                print("{} {}".format(name, version(name, self.pythons[name])))
            except (PeerMissing, OSError) as error:
                self.missing[name] = str(error)
                print("{}: {}".format(name, error))

    def partition_is(self, state: str) -> None:
        argv = ["scontrol", "update", "PartitionName=" + PARTITION, "State=" + state]
        assert self.cluster.run_as_root("controller", argv).returncode == 0

    def session(self, name: str, clock=time.time) -> Session:
        profile = load_profile(Path(self.cluster.profile))
        here = self.folder / name
        here.mkdir()
        ours = Ours(self.cluster, self.folder)
        store = Store(here / "jobs.sqlite")
        settings = Settings(here / "settings.json")
        return Session(profile, ours.transport, store, settings, clock=clock)

    def peer(self, name: str, **orders) -> Peer:
        cluster = self.cluster
        proxy = "ssh -F {} -W {}:22 bastion".format(
            self.openssh.config, cluster.gateway_host
        )
        orders.update(
            gateway=cluster.gateway_host,
            bastion=cluster.bastion_host,
            user=cluster.user,
            key=cluster.key,
            proxy=proxy,
            partition=PARTITION,
        )
        return Peer(name, self.pythons[name], self.folder / name, **orders)

    # -- following ----------------------------------------------------------------

    def waiting_jobs(self, number: int) -> List[Job]:
        """So many jobs in the queue, as the list of jobs has them."""
        package = resources(partition=PARTITION, gpus=0)
        made = [
            Job(
                uid=new_uid(),
                kind=JobKind.TRAIN,
                name="labels",
                project="",
                folder="{}/{}".format(self.on_cluster, i),
                cluster=load_profile(Path(self.cluster.profile)).name,
                resources=package,
                state=JobState.QUEUED,
                created=time.time(),
                submitted=time.time(),
                user=self.cluster.user,
            )
            for i in range(number)
        ]
        line = "for name; do sbatch --parsable -p {} -J $name --wrap true; done"
        argv = ["sh", "-c", "cd /tmp; " + line.format(PARTITION), "sh"]
        ids = self.cluster.run("gateway", argv + [job.slurm_name for job in made])
        found = [word for word in ids.stdout.split() if word.isdigit()]
        assert len(found) == number, ids
        jobs = [job.changed(slurm_id=one) for job, one in zip(made, found)]
        for number, job in enumerate(jobs):
            folder = self.place / str(number)
            folder.mkdir(exist_ok=True)
            save_record(folder, job)
        return jobs

    def clear(self) -> None:
        argv = ["scancel", "--user=" + self.cluster.user]
        self.cluster.run_as_root("gateway", argv)

    def ours(self, jobs: List[Job]) -> Count:
        """The first hour after a submission, by a clock that need not be waited for."""
        clock = Clock()
        session = self.session("ours-{}".format(len(jobs)), clock)
        before = count(self.cluster)
        for job in jobs:
            session.store.add(job)
        session.connect()
        end = clock.now + HOUR
        while clock.now < end:
            found = session.refresh(at_once=False)
            assert not session.troubles, session.troubles
            assert {job.state for job in found} == {JobState.QUEUED}, found
            clock.now += session.next_poll() or HOUR
        session.disconnect()
        return count(self.cluster).since(before)

    def by_hand(self) -> Count:
        before = count(self.cluster)
        rounds = 10
        line = "for i in $(seq {}); do squeue --user={}; done".format(
            rounds, self.cluster.user
        )
        self.openssh.call("-J", "bastion", self.openssh.gateway, line)
        seen = count(self.cluster).since(before)
        return Count(round(seen.requests / rounds * HOUR / BY_HAND), seen.logins)

    def by_peer(self, name: str, jobs: List[Job]) -> Count:
        """One round of questions, as often as the peer's defaults have it."""
        ids = [job.slurm_id for job in jobs]
        folder = "{}/{}".format(self.on_cluster, name)
        before = count(self.cluster)
        peer = self.peer(name, what="ask", ids=ids, folder=folder)
        peer.read()
        connected = count(self.cluster)
        told = peer.next()
        peer.close()
        after = count(self.cluster)
        rounds = HOUR / told["period"]
        each = after.since(connected)
        first = connected.since(before)  # dpdispatcher connects once
        return Count(
            round(each.requests * rounds), first.logins + round(each.logins * rounds)
        )

    def follow(self, numbers: List[int]) -> None:
        print("\nin an hour: requests to slurmctld / logins (both hops)")
        print("{:>6}  {:>16} {:>16}".format("jobs", "ours", "squeue by hand"), end="")
        print("".join(" {:>16}".format(name) for name in _ALL_PEERS), flush=True)
        for number in numbers:
            jobs = self.waiting_jobs(number)
            row = [_shown(self.ours(jobs)), _shown(self.by_hand())]
            for name in _ALL_PEERS:
                if name in self.missing:
                    row.append("not installed")
                    continue
                try:
                    row.append(_shown(self.by_peer(name, jobs)))
                except PeerMissing as error:
                    row.append("failed")
                    print("{}: {}".format(name, error))
            print("{:>6}  ".format(number) + " ".join("{:>16}".format(x) for x in row))
            sys.stdout.flush()
            self.clear()

    # -- submitting ---------------------------------------------------------------

    def submit(self, rounds: int) -> None:
        """Click to job id, beside ``ssh -S SOCKET gateway sbatch`` of the same job."""
        session = self.session("submit")
        session.connect()
        self.openssh.open_control()
        packages = iter([self.package(i) for i in range(rounds + 1)])
        whole = lambda: self.click(session, next(packages))  # noqa: E731
        script = whole()
        argv = commands.submit(script, script.rpartition("/")[0])

        def ours() -> None:
            assert session.transport.run(argv).exit_code == 0

        def theirs() -> None:
            words = ["'{}'".format(word) for word in argv]
            control = ("-S", str(self.openssh.socket), self.openssh.gateway)
            self.openssh.call(*control, *words)

        ours(), theirs()
        deeds = {"sbatch": ours, "whole": whole}
        found = compared(theirs, deeds, rounds, pause=0.5)
        self.openssh.close_control()
        session.disconnect()
        self.clear()
        bare = statistics.median(found["OpenSSH"])
        print(
            "\nto the job's id: sbatch on a warm ControlMaster {:.0f} ms".format(bare)
        )
        for name, what in (
            ("sbatch", "sbatch on our connection"),
            ("whole", "the whole of it: mount proven, record, seen whole, sbatch, id"),
        ):
            quarters = sorted(found[name])
            ends = quarters[rounds // 4], quarters[3 * rounds // 4]
            middle = statistics.median(quarters)
            print("  {:64} {:.2f}  ({:.2f}-{:.2f})".format(what, middle, *ends))
        sys.stdout.flush()

    def package(self, name):
        folder = self.place / "labels.slp.training_job.{}".format(name)
        return broken_package(folder, Generation.LEGACY)

    def click(self, session: Session, package) -> str:
        """Submit as the window does; the script's path on the cluster."""
        job = session.submit_training(
            package,
            resources(partition=PARTITION, gpus=0),
            project=str(self.place / "labels.slp"),
            name="labels",
            module=MODULE,
        )
        assert job.slurm_id, job
        return job.folder + "/remote-job.sbatch"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def _shown(found: Count) -> str:
    return "{} / {}".format(found.requests, found.logins)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", default="1,20,300", metavar="N,N")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    reason = reason_not_to_run()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = Path(caches, "sleap-remote-bench")
    name = "bench{}".format(os.getpid())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ.update(HOME=place, XDG_CONFIG_HOME=str(folder / "config"))
        os.environ.pop("SSH_AUTH_SOCK", None)
        state = folder / "state"
        cluster = bring_up(name, state, "--mount", folder / "ceph")
        try:
            bench = Bench(cluster, folder, cache)
            bench.partition_is("DOWN")
            bench.submit(arguments.rounds)
            bench.follow([int(word) for word in arguments.jobs.split(",")])
            CutLink(bench).show()
        finally:
            command("down", "--name", name, "--state", state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
