"""Hosts: namespaces inside one namespace that ends them all.

The cluster has a first process in its own mount, network and process namespaces; each
host has the same, nested in it. Killing the cluster's first process ends every host,
every daemon, every mount and every link. Nothing of it is in the machine's own mount
table; see disk.py and network.py for the two things that are on the laptop's side.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from . import environments, processes
from .settings import FOLDER, GPUS_PER_NODE, HOSTS, NODES, PracticeClusterError

CLUSTER = "cluster"
CONTROLLERS = ("memory", "cpuacct", "cpuset", "freezer", "devices")
CGROUPS = Path("/sys/fs/cgroup")


def inside(settings):
    """The cluster's memory disk, as the machine reaches it."""
    first = processes.first_process(settings, CLUSTER)
    if first is None:
        raise PracticeClusterError(
            "The practice cluster {0!r} is not up. "
            "Start it with: practice-cluster up --name {0}".format(settings.name)
        )
    return Path("/proc/{}/root{}/inside".format(first, settings.state))


def start_cluster(settings):
    """Start the cluster's own first process and wait until it is ready."""
    Path(settings.state, "inside").mkdir(exist_ok=True)
    spec = {
        "kind": "cluster",
        "host": CLUSTER,
        "inside": settings.state + "/inside",
        "disk_size": settings.disk_size,
    }
    _wait_until_ready(CLUSTER, _start(settings, spec, []))


def start(settings, hosts=HOSTS):
    """Start hosts side by side and wait until all are ready."""
    outer = enter_argv(settings, CLUSTER)
    starting = [
        (host, _start(settings, _spec(settings, host), outer)) for host in hosts
    ]
    for host, process in starting:
        _wait_until_ready(host, process)


def _spec(settings, host):
    within = settings.state + "/inside"
    common, slurm = within + "/layers/common", within + "/layers/slurm"
    binds = [(within + "/home", "/home")]
    if host != "bastion":
        binds.append((within + "/ceph", settings.cluster_mount))
        # Bound, not seen through the overlay: they may be built again meanwhile.
        binds += [(path, path) for path in environments.needed_folders(settings)]
    return {
        "kind": "host",
        "host": host,
        "inside": within,
        "layers": [common] if host == "bastion" else [slurm, common],
        "binds": binds,
        "gpus": GPUS_PER_NODE if NODES.get(host) else 0,
        "cgroups": _branches(settings, host) if host in NODES else {},
    }


def _start(settings, spec, outer):
    marks = {
        processes.CLUSTER_MARK: settings.state,
        processes.HOST_MARK: spec["host"],
        "PYTHONPATH": str(FOLDER.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    log = Path(settings.state, "log")
    log.mkdir(exist_ok=True)
    unshare = ["unshare", "-m", "-u", "-i", "-n", "-p", "--fork", "--kill-child"]
    python = [sys.executable, "-m", __package__ + ".host_init", json.dumps(spec)]
    with (log / (spec["host"] + ".log")).open("w") as stderr:
        return subprocess.Popen(
            outer + unshare + ["--mount-proc"] * (not outer) + python,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=dict(processes.CLEAN, **marks),
            cwd="/",
            start_new_session=True,
        )


def _wait_until_ready(host, process):
    with process.stdout:
        if process.stdout.readline().strip() != b"ready":
            raise PracticeClusterError(
                "The host {!r} did not start; its words are in its log in the state "
                "folder. `practice-cluster down` clears what is there.".format(host)
            )


def enter_argv(settings, host):
    """The argv prefix that runs a command on `host` as root."""
    first = processes.first_process(settings, host)
    if first is None:
        raise PracticeClusterError(
            "The host {!r} of the practice cluster {!r} is not up.".format(
                host, settings.name
            )
        )
    return ["nsenter", "-t", str(first), "-m", "-u", "-i", "-n", "-p", "--"]


def call(settings, host, argv, user=None, **kwargs):
    """Run a command on `host`, as root or as `user`; see `processes.call`."""
    if user is not None:
        argv = ["runuser", "-u", user, "--"] + list(argv)
    kwargs.setdefault("env", processes.CLEAN)
    return processes.call(enter_argv(settings, host) + list(argv), **kwargs)


def login_argv(settings, host, argv, root=False, keep_terminal=False):
    """The argv that runs `argv` in a login session on `host`, or opens a shell."""
    words = ["runuser", "-l", "root" if root else settings.user]
    if not keep_terminal:
        line = " ".join(shlex.quote(word) for word in argv)
        words += ["-s", "/bin/bash", "-c", line]
    return enter_argv(settings, host) + words


def can_use_cgroups():
    """Whether this machine has the cgroup v1 trees that SLURM's plugins need."""
    return all((CGROUPS / name / "cgroup.procs").exists() for name in CONTROLLERS)


def _trunk(settings, controller):
    return CGROUPS / controller / ("practice-cluster-" + settings.name)


def _branches(settings, host):
    if not can_use_cgroups():
        return {}
    branches = {}
    for controller in CONTROLLERS:
        trunk = _trunk(settings, controller)
        for folder in (trunk, trunk / host):
            folder.mkdir(exist_ok=True)
            if controller == "cpuset":
                for name in ("cpuset.cpus", "cpuset.mems"):
                    (folder / name).write_text((folder.parent / name).read_text())
        branches[controller] = str(trunk / host)
    return branches


def remove_cgroups(settings):
    """Remove this cluster's cgroups; its processes are gone by now."""
    for controller in CONTROLLERS:
        trunk = _trunk(settings, controller)
        for folder, _, _ in os.walk(str(trunk), topdown=False):
            processes.wait_for(
                lambda folder=folder: _rmdir(folder), 5, "the cgroup " + folder
            )


def _rmdir(folder):
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def kill_host(settings, host):
    """End a host as a power cut would."""
    processes.end(processes.marked(settings, host))


def forget_files(settings, host):
    """Remove what a host that is off had written; it starts fresh."""
    shutil.rmtree(str(inside(settings) / "hosts" / host), ignore_errors=True)
