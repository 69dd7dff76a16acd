"""The link is cut after slurmctld took a job, and before anybody heard of it.

A stand-in for sbatch on the gateway calls the real one and then hangs, once; meanwhile
the bastion ends its connections, and is back two seconds later. Then all who submitted
may do what they do; what counts is how many jobs SLURM has.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, List

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.session import recover
from tests.bench.peers import PeerMissing

_STAND_IN = r"""#!/bin/bash
if mkdir FOLDER/once 2>/dev/null; then
  FOLDER/sbatch "$@" > /dev/null
  mkdir FOLDER/taken
  sleep 60
  exit 1
fi
exec FOLDER/sbatch "$@"
"""
#: In the gateway's own mounts: the machine's sbatch stays what it is.
_INSTALL = r"""
mkdir -p "$1" && chmod 777 "$1" && cp /usr/bin/sbatch "$1/sbatch" &&
printf '%s' "$2" > "$1/stand-in" && chmod 755 "$1"/s* &&
mount --bind "$1/stand-in" /usr/bin/sbatch
"""
UNSETTLED = (JobState.SUBMITTING, JobState.UNCONFIRMED)


class CutLink:
    """One trial each; `bench` is what cluster.py made."""

    def __init__(self, bench) -> None:
        self.bench = bench
        self.cluster = bench.cluster
        self.folder = self.cluster.cluster_mount + "/cut"

    def show(self) -> None:
        """Print who ended with how many jobs."""
        print("\nlink cut after slurmctld took the job: jobs in SLURM, what was told")
        stand_in = _STAND_IN.replace("FOLDER", self.folder)
        self.as_root("sh", "-c", _INSTALL, "sh", self.folder, stand_in)
        try:
            self.tell("ours", self.ours)
            for name in self.bench.pythons:
                self.tell(name, lambda name=name: self.peer(name))
        finally:
            self.as_root("umount", "-l", "/usr/bin/sbatch")

    def tell(self, name: str, submit: Callable[[], str]) -> None:
        self.as_root("rm", "-rf", self.folder + "/once", self.folder + "/taken")
        before = set(self.jobs())
        try:
            said = submit()
        except PeerMissing as error:
            said = str(error)
        made = set(self.jobs()) - before
        print("  {:14} {}  {}".format(name, len(made), said), flush=True)
        self.bench.clear()

    def jobs(self) -> List[str]:
        line = "sacct -X -n -P -S now-2hours --format=JobIDRaw; squeue -h -t all -o %A"
        shown = self.cluster.run("gateway", ["bash", "-lc", line])
        return shown.stdout.split()

    def as_root(self, *argv: str) -> None:
        done = self.cluster.run_as_root("gateway", list(argv))
        assert done.returncode == 0, done

    def cut(self) -> None:
        """Wait for the moment, and cut."""
        deadline = time.monotonic() + 60.0
        argv = ["test", "-d", self.folder + "/taken"]
        while self.cluster.run_as_root("gateway", argv).returncode:
            assert time.monotonic() < deadline, "sbatch was never called"
        self.cluster.fail("bastion")
        time.sleep(2.0)
        self.cluster.mend("bastion")

    def ours(self) -> str:
        session = self.bench.session("cut")
        session.connect()
        cutting = threading.Thread(target=self.cut)
        cutting.start()
        package = self.bench.package("cut")
        try:
            self.bench.click(session, package)
        except AssertionError:  # no id: it is in doubt
            pass
        cutting.join()
        recover_deadline = time.monotonic() + recover.DOUBT_PATIENCE
        while time.monotonic() < recover_deadline:
            try:
                (job,) = session.refresh()
            except RemoteError:
                job = session.jobs()[0]
            if job.state not in UNSETTLED:
                break
            time.sleep(1.0)
        session.disconnect()
        return "{}, id {}".format(job.state.value, job.slurm_id or "none")

    def peer(self, name: str) -> str:
        (self.bench.place / name).mkdir(exist_ok=True)
        script = "#!/bin/sh\n#SBATCH -p {}\ntrue\n".format("gpu")
        (self.bench.place / name / "job.sh").write_text(script)
        folder = "{}/{}".format(self.bench.on_cluster, name)
        peer = self.bench.peer(name, what="submit", folder=folder)
        peer.read()
        cutting = threading.Thread(target=self.cut)
        cutting.start()
        told = peer.next()
        cutting.join()
        peer.close()
        return told["end"]
