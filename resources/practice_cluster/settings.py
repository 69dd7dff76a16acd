"""What a running practice cluster is called and where its parts are.

Tests and the demo read this; nothing here starts or stops anything, and nothing
here needs root.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CHECKOUT = FOLDER.parents[1]
PROGRAM = FOLDER / "practice-cluster"
FILE = "settings.json"

HOSTS = (
    "bastion",
    "gateway",
    "controller",
    "gpu-380-10",
    "gpu-sr670-20",
    "enc1-node4",
)
NODES = {"gpu-380-10": "rtx2080", "gpu-sr670-20": "a4500", "enc1-node4": None}
GPUS_PER_NODE = 2
PARTITIONS = ("gpu", "fast", "cpu", "scavenge")
SIGN_IN_PORTS = {
    "any": 22,
    "key": 2201,
    "password": 2202,
    "keyboard-interactive": 2203,
    "key+keyboard-interactive": 2204,
    "no-forwarding": 2205,
}


class PracticeClusterError(Exception):
    """What happened, what is safe, and what to do, in a sentence."""


@dataclass(frozen=True)
class Settings:
    """One practice cluster, as `up` made it.

    Attributes
    ----------
    bastion_host, bastion_port
        What the laptop connects to.
    gateway_host, gateway_port
        Where SLURM's commands are, as the bastion names it.
    uid, gid
        The ordinary user's, on the cluster.
    laptop_uid, laptop_gid
        Who owns the cluster user's files in `local_mount`.
    accounting
        Whether SLURM keeps accounts (slurmdbd); else it forgets a job at its end.
    modules
        ``{"legacy": "SLEAP/...", "current": "SLEAP/..."}``: only generations whose
        environment exists.
    sleap_versions
        ``{module name: version of SLEAP}``.
    sign_in_ports
        The bastion's port for each way of signing in.
    """

    name: str
    state: str
    range: str
    user: str
    password: str
    uid: int
    gid: int
    laptop_uid: int
    laptop_gid: int
    bastion_host: str
    local_mount: str
    profile: str
    disk_size: str
    venvs: str
    bastion_port: int = 22
    gateway_host: str = "gateway"
    gateway_port: int = 22
    cluster_mount: str = "/ceph"
    accounting: bool = True
    modules: dict = field(default_factory=dict)
    sleap_versions: dict = field(default_factory=dict)
    partitions: tuple = PARTITIONS
    nodes: tuple = tuple(NODES)
    sign_in_ports: dict = field(default_factory=lambda: dict(SIGN_IN_PORTS))

    @property
    def known_hosts(self):
        """The fresh host keys of the bastion (each port) and of the gateway."""
        return str(Path(self.state) / "known_hosts")

    @property
    def key(self):
        """A private key that the user may sign in with on both hops."""
        return str(Path(self.state) / "id_ed25519")

    @property
    def link(self):
        """The laptop's network link to this cluster."""
        return "pc-" + self.name

    def address(self, host):
        """The address of `host` inside the cluster's range."""
        inner = ipaddress.ip_network(self.range).network_address + 256
        return str(inner + 2 + HOSTS.index(host))

    @property
    def laptop_address(self):
        return str(ipaddress.ip_network(self.range).network_address + 1)

    def command(self, *words):
        """The argv of a subcommand of ``practice-cluster`` for this cluster."""
        return [str(PROGRAM), words[0], "--name", self.name, "--state", self.state] + [
            str(word) for word in words[1:]
        ]

    def run(self, host, argv, timeout=120, **kwargs):
        """Run `argv` as the ordinary user in a login session on `host`.

        Goes by the machine, not by SSH, so it works with the network cut.

        Returns
        -------
        subprocess.CompletedProcess
            With text in ``stdout`` and ``stderr``; the exit code is not checked.
        """
        return self._call(self.command("run", host, *argv), timeout, **kwargs)

    def run_as_root(self, host, argv, timeout=120, **kwargs):
        """Run `argv` as root on `host`."""
        words = self.command("run", "--root", host, *argv)
        return self._call(words, timeout, **kwargs)

    def fail(self, what):
        """Break `what` (``practice-cluster fail --help`` lists what there is)."""
        return self._checked("fail", what)

    def mend(self, *what):
        """Put one fault right, or all."""
        return self._checked("mend", *what)

    def status(self):
        """What ``practice-cluster status --json`` says."""
        return json.loads(self._checked("status", "--json").stdout)

    def reset(self):
        """Mend everything, cancel all jobs, empty the user's folders."""
        return self._checked("reset")

    def _checked(self, *words):
        done = self._call(self.command(*words), 180)
        if done.returncode and words[0] != "status":
            raise PracticeClusterError(done.stderr.strip() or done.stdout.strip())
        return done

    @staticmethod
    def _call(argv, timeout, **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        if "input" in kwargs:
            del kwargs["stdin"]
        return subprocess.run(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=timeout,
            **kwargs,
        )

    def save(self):
        """Write the settings into the state folder, readable by their owner only."""
        path = Path(self.state) / FILE
        new = path.with_suffix(".new")
        handle = os.open(str(new), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as stream:
            json.dump(asdict(self), stream, indent=2)
        os.chown(str(new), self.laptop_uid, self.laptop_gid)
        new.replace(path)


def check_name(name):
    """Refuse a name that does not fit a network link or a folder."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,11}", name):
        raise PracticeClusterError(
            "A practice cluster's name is 1 to 12 small letters, digits or hyphens, "
            "beginning with a letter; {!r} is not.".format(name)
        )
    return name


def state_folder(name, home=None):
    """Where the cluster `name` keeps its state unless told otherwise."""
    base = os.environ.get("XDG_STATE_HOME") or str(
        Path(home or Path.home()) / ".local" / "state"
    )
    return Path(base) / "sleap-remote" / "practice-cluster" / check_name(name)


def load(name=None, state=None):
    """The settings of a cluster that is up.

    Parameters
    ----------
    name
        Its name; otherwise ``PRACTICE_CLUSTER_NAME``, otherwise ``practice``.
    state
        Its state folder, if it was given one; otherwise ``PRACTICE_CLUSTER_STATE``,
        otherwise the usual place.

    Raises
    ------
    PracticeClusterError
        No such cluster was brought up, or its settings cannot be read.
    """
    name = name or os.environ.get("PRACTICE_CLUSTER_NAME") or "practice"
    state = state or os.environ.get("PRACTICE_CLUSTER_STATE") or state_folder(name)
    path = Path(state) / FILE
    try:
        fields = json.loads(path.read_text())
        for words in ("partitions", "nodes"):
            fields[words] = tuple(fields[words])
        return Settings(**fields)
    except FileNotFoundError:
        raise PracticeClusterError(
            "The practice cluster {!r} is not up: {} does not exist. "
            "Start it with: practice-cluster up --name {}".format(name, path, name)
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise PracticeClusterError(
            "The settings of the practice cluster {!r} cannot be read ({}). "
            "`practice-cluster down --name {}` clears them.".format(name, error, name)
        ) from None
