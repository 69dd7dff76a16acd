"""How fast copies to the cluster's disk are, beside cp, scp and sftp on the same way.

Brings a practice cluster up, measures, prints a table of ratios, takes it down. Not a
test. The programs take turns in random order, so that a busy machine slows both. Ours
checks each byte's arrival by SHA-256 on the cluster; the others check nothing.

``python -m tests.bench.transfer [--rounds 5] [--megabytes 200] [--files 3000]``
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath

from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.mount_target import MountTarget
from sleap_remote_plugin.session.sources import find_items
from sleap_remote_plugin.session.ssh_target import SshTarget
from sleap_remote_plugin.session.transfer import Transfer
from tests.bench.connection import Ours
from tests.practice import bring_up, command, reason_not_to_run


class Bench:
    """Deeds on one cluster, each with a fresh name there."""

    def __init__(self, cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.there = Path(cluster.local_mount) / "bench"
        self.there.mkdir()
        self.numbers = itertools.count()
        self.ours = Ours(cluster, folder)
        self.ours.transport.connect()
        self.config = folder / "ssh_config"
        self.config.write_text(
            "Host *\n User {0.user}\n IdentityFile {0.key}\n IdentitiesOnly yes\n"
            " BatchMode yes\n StrictHostKeyChecking yes\n LogLevel ERROR\n"
            " UserKnownHostsFile {0.known_hosts}\n ControlMaster auto\n"
            " ControlPersist 600\n ControlPath {1}/control-%C\n"
            "Host bastion\n HostName {0.bastion_host}\n"
            " HostKeyAlias {0.bastion_host}\n"
            "Host {0.gateway_host}\n ProxyJump bastion\n".format(cluster, folder)
        )
        self.call(["ssh", "-F", str(self.config), cluster.gateway_host, "true"])

    @staticmethod
    def call(argv, **kwargs) -> None:
        subprocess.run(
            argv,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **kwargs,
        )

    def fresh(self) -> str:
        return "run {}".format(next(self.numbers)).replace(" ", "-")

    def cluster_path(self, name: str) -> PurePosixPath:
        return PurePosixPath(self.cluster.cluster_mount) / "bench" / name

    def transfer(self, target, source: Path) -> None:
        copies = Copies(self.folder / "copies-{}.json".format(self.fresh()), "bench")
        items = find_items([str(source)])
        Transfer(items, target, copies, lambda progress: None).run()

    # -- through the mount ------------------------------------------------------------

    def ours_on_mount(self, source: Path) -> None:
        name = self.fresh()
        (self.there / name).mkdir()
        target = MountTarget(
            self.there / name, self.cluster_path(name), self.ours.transport
        )
        self.transfer(target, source)

    def cp(self, source: Path) -> None:
        self.call(["cp", "-r", str(source), str(self.there / self.fresh())])
        self.call(["sync", "-f", str(self.there)])

    # -- over SSH ---------------------------------------------------------------------

    def ours_over_ssh(self, source: Path) -> None:
        transport = self.ours.transport
        place = self.cluster_path(self.fresh())
        self.transfer(SshTarget(place, transport, transport.open_sftp), source)

    def scp(self, source: Path) -> None:
        there = "{}:{}".format(
            self.cluster.gateway_host, self.cluster_path(self.fresh())
        )
        self.call(["scp", "-q", "-r", "-F", str(self.config), str(source), there])

    def sftp(self, source: Path) -> None:
        line = 'put -r "{}" "{}"\n'.format(source, self.cluster_path(self.fresh()))
        argv = ["sftp", "-q", "-F", str(self.config), "-b", "-"]
        self.call(argv + [self.cluster.gateway_host], input=line.encode())

    def clear(self) -> None:
        for path in self.there.iterdir():
            shutil.rmtree(str(path)) if path.is_dir() else path.unlink()


def seconds(deed, source: Path) -> float:
    began = time.perf_counter()
    deed(source)
    return time.perf_counter() - began


def compared(bench: Bench, ours, theirs, source: Path, rounds: int):
    """Median of ours, in seconds, and of the ratio to theirs of the same round."""
    times, ratios = [], []
    for _ in range(rounds):
        both = [("ours", ours), ("theirs", theirs)]
        random.shuffle(both)
        took = {name: seconds(deed, source) for name, deed in both}
        times.append(took["ours"])
        ratios.append(took["ours"] / took["theirs"])
        bench.clear()
    return statistics.median(times), statistics.median(ratios)


def make_sources(folder: Path, megabytes: int, files: int):
    one = folder / "video.mp4"
    with one.open("wb") as out:
        for _ in range(megabytes):
            out.write(os.urandom(1 << 20))
    many = folder / "frames"
    many.mkdir()
    for number in range(files):
        (many / "img{:05}.png".format(number)).write_bytes(os.urandom(20000))
    return one, many


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--files", type=int, default=3000)
    asked = parser.parse_args()
    reason = reason_not_to_run()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        label = "b{}".format(os.getpid())
        state = folder / "state"
        cluster = bring_up(label, state, "--mount", folder / "ceph")
        try:
            measure(Bench(cluster, folder), folder, asked)
        finally:
            command("down", "--name", label, "--state", state)
    return 0


def measure(bench: Bench, folder: Path, asked: argparse.Namespace) -> None:
    one, many = make_sources(folder, asked.megabytes, asked.files)
    sizes = {
        one: "one file of {} MB".format(asked.megabytes),
        many: "{:,} files of 20 kB".format(asked.files),
    }
    print("{:<22}{:<22}{:>10}{:>12}".format("what", "beside", "seconds", "times"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for source in (one, many):
        for ours, theirs in (
            (bench.ours_on_mount, bench.cp),
            (bench.ours_over_ssh, bench.scp),
            (bench.ours_over_ssh, bench.sftp),
        ):
            took, ratio = compared(bench, ours, theirs, source, asked.rounds)
            words = (sizes[source], theirs.__name__, took, ratio)
            print("{:<22}{:<22}{:>10.2f}{:>12.2f}".format(*words), flush=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print("Memory grew by {} MB at most.".format(grown // 1024))
    bench.call(["ssh", "-F", str(bench.config), "-O", "exit",
                bench.cluster.gateway_host])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
