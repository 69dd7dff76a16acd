"""How long connections and commands take, beside OpenSSH's on the same hosts.

Brings a practice cluster up, measures, prints a table of ratios, takes it down. Not a
test: nothing is asserted, and `make test` does not run it. The two programs take turns
in random order, so that a busy machine slows both; what counts is the median of the
ratios of neighbours.

``python -m tests.bench.connection [--rounds 15] [--latencies 0,20]``
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, List

from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.host_keys import HostKeys
from tests.practice import bring_up, command, reason_not_to_run

#: What is run on the warm connection: as every question for jobs, but for the ids.
QUESTION = ("squeue", "-h", "-a", "--me", "--states=all", "-o", "%i|%T|%r|%M|%N|%j")
#: Seconds between two commands of the second row, as a submission has them.
PAUSE = 0.3

Deed = Callable[[], object]


class OpenSSH:
    """The user's own ssh: the same key, the same hops."""

    def __init__(self, cluster, folder: Path) -> None:
        self.config = folder / "ssh_config"
        self.socket = folder / "control"
        self.config.write_text(
            "Host *\n User {0.user}\n IdentityFile {0.key}\n IdentitiesOnly yes\n"
            " BatchMode yes\n StrictHostKeyChecking yes\n LogLevel ERROR\n"
            " UserKnownHostsFile {0.known_hosts}\n"
            "Host bastion\n HostName {0.bastion_host}\n"
            " HostKeyAlias {0.bastion_host}\n".format(cluster)
        )
        self.gateway = cluster.gateway_host

    def call(self, *words: str) -> None:
        subprocess.run(
            ["ssh", "-F", str(self.config)] + list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def cold(self) -> None:
        self.call("-J", "bastion", self.gateway, "true")

    def open_control(self) -> None:
        self.call("-J", "bastion", "-fNM", "-S", str(self.socket), self.gateway)

    def warm(self) -> None:
        quoted = ["'{}'".format(word) for word in QUESTION]
        self.call("-S", str(self.socket), self.gateway, *quoted)

    def close_control(self) -> None:
        self.call("-S", str(self.socket), "-O", "exit", self.gateway)


class Ours:
    def __init__(self, cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.config = folder / "our_config"
        self.config.write_text("Host *\n IdentityFile {0.key}\n".format(cluster))
        self.transport = self.make()

    def make(self) -> SSHTransport:
        cluster = self.cluster
        return SSHTransport(
            Address(cluster.gateway_host, cluster.gateway_port),
            [Address(cluster.bastion_host)],
            cluster.user,
            credentials=Credentials("bench", keyring_backend=lambda: None),
            host_keys=HostKeys(self.folder / "own", [cluster.known_hosts]),
            ssh_config=SshConfig([self.config]),
        )

    def cold(self) -> None:
        """As ``ssh ... true``: up to the first command's end."""
        self.transport.close()
        self.transport = self.make()
        self.transport.run(["true"], login_shell=False)

    def connect(self) -> None:
        self.transport.close()
        self.transport = self.make()
        self.transport.connect()

    def warm(self) -> None:
        assert self.transport.run(QUESTION).exit_code == 0


def seconds(deed: Deed) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def compared(
    theirs: Deed, ours: Dict[str, Deed], rounds: int, pause: float = 0.0
) -> Dict[str, List[float]]:
    """Ratios to `theirs` of its round, by name; and `theirs` itself in ms."""
    deeds = dict(ours, OpenSSH=theirs)
    found: Dict[str, List[float]] = {name: [] for name in deeds}
    for _ in range(rounds):
        times = {}
        for name in random.sample(list(deeds), len(deeds)):
            time.sleep(pause)
            times[name] = seconds(deeds[name])
        for name in ours:
            found[name].append(times[name] / times["OpenSSH"])
        found["OpenSSH"].append(times["OpenSSH"] * 1000)
    return found


def show(latency: int, what: str, name: str, found: Dict[str, List[float]]) -> None:
    ratios = sorted(found[name])
    print(
        "{:>5} ms  {:42} {:>8.0f} ms  {:>6.2f}  ({:.2f}-{:.2f})".format(
            latency,
            what,
            statistics.median(found["OpenSSH"]),
            statistics.median(ratios),
            ratios[len(ratios) // 4],
            ratios[3 * len(ratios) // 4],
        ),
        flush=True,
    )


def measure(latency: int, openssh: OpenSSH, ours: Ours, rounds: int) -> None:
    openssh.cold()
    both = {"first": ours.cold, "connect": ours.connect}
    found = compared(openssh.cold, both, rounds)
    show(latency, "connect, two hops, key; first command", "first", found)
    show(latency, "the same without a command on our side", "connect", found)
    ours.warm()
    openssh.open_control()
    try:
        found = compared(openssh.warm, {"warm": ours.warm}, 2 * rounds)
        show(latency, "a command, warm, one after the other", "warm", found)
        found = compared(openssh.warm, {"warm": ours.warm}, rounds, PAUSE)
        show(latency, "a command, warm, with pauses", "warm", found)
    finally:
        openssh.close_control()
        ours.transport.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--latencies", default="0,20", metavar="MS,MS")
    arguments = parser.parse_args()
    reason = reason_not_to_run()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    name = "bench{}".format(os.getpid())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ.update(HOME=place, XDG_CONFIG_HOME=str(folder / "config"))
        os.environ.pop("SSH_AUTH_SOCK", None)
        state = folder / "state"
        cluster = bring_up(name, state, "--mount", folder / "ceph")
        try:
            print(" round trip                                        OpenSSH   ratio")
            openssh, ours = OpenSSH(cluster, folder), Ours(cluster, folder)
            for latency in map(int, arguments.latencies.split(",")):
                if latency:
                    cluster.fail("latency:{}ms".format(latency))
                measure(latency, openssh, ours, arguments.rounds)
                cluster.mend()
        finally:
            command("down", "--name", name, "--state", state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
