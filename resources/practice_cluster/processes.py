"""Finding, waiting for and ending this cluster's own processes, and no others.

The first process of the cluster and of each host carries two environment variables
from the moment it starts, so a process is ours because of what it is, and no list of
ids can be stale, whoever was killed while writing it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from .settings import PracticeClusterError

CLUSTER_MARK = "PRACTICE_CLUSTER_PART_OF"
HOST_MARK = "PRACTICE_CLUSTER_HOST"
CLEAN = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
}


def marked(settings, host=None):
    """Ids of the processes that carry this cluster's mark (and the host's)."""
    wanted = {"{}={}".format(CLUSTER_MARK, settings.state)}
    if host is not None:
        wanted.add("{}={}".format(HOST_MARK, host))
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            environment = Path("/proc", entry, "environ").read_bytes()
        except OSError:
            continue
        words = environment.decode("utf-8", "replace").split("\0")
        if wanted.issubset(words):
            found.append(int(entry))
    return found


def first_process(settings, host):
    """Id, on this machine, of the first process of `host`; None if it is not up."""
    for pid in marked(settings, host):
        ids = _status(pid).get("NSpid", "").split()
        if len(ids) > 1 and ids[-1] == "1" and _status(pid).get("State", "Z")[0] != "Z":
            return pid
    return None


def _status(pid):
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip() for key, _, value in (x.partition(":") for x in lines)}


def within(settings, host, names=None):
    """Ids of the processes on `host`, or of those called one of `names`."""
    first = first_process(settings, host)
    if first is None:
        return []
    space = os.readlink("/proc/{}/ns/pid".format(first))
    found = []
    for entry in os.listdir("/proc"):
        try:
            if not entry.isdigit() or os.readlink("/proc/%s/ns/pid" % entry) != space:
                continue
            name = Path("/proc", entry, "comm").read_text().strip()
            if (names is None or name in names) and _status(entry)["State"][0] != "Z":
                found.append(int(entry))
        except (OSError, KeyError):
            continue
    return found


def send(pids, number):
    """Send a signal to each process that still exists."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(pids, seconds=10):
    """Kill processes and wait until they are gone."""
    send(pids, signal.SIGKILL)
    wait_for(
        lambda: not any(_status(p).get("State", "Z")[0] != "Z" for p in pids),
        seconds,
        "processes {} to end".format(pids),
    )


def wait_for(condition, seconds, what):
    """Wait until `condition` holds; a sentence if it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise PracticeClusterError(
                "Waited {} s in vain for {}.".format(seconds, what)
            )
        time.sleep(0.03)


def call(argv, input=None, check=True, prefix=(), **kwargs):  # noqa: A002
    """Run a command with its output kept; a sentence with its words if it fails."""
    argv = [str(word) for word in list(prefix) + list(argv)]
    if input is None:
        kwargs["stdin"] = subprocess.DEVNULL
    else:
        kwargs["input"] = input
    try:
        done = subprocess.run(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            **kwargs,
        )
    except FileNotFoundError:
        raise PracticeClusterError(
            "The program {!r} is missing. Install the packages listed in "
            "resources/environments/debian.txt.".format(argv[0])
        ) from None
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise PracticeClusterError(
            "This command failed ({}): {}\n{}".format(
                done.returncode, " ".join(argv)[-300:], said
            )
        )
    return done
