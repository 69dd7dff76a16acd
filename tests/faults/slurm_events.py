"""What SLURM and its administrators do to jobs, by their own commands."""

from __future__ import annotations

import contextlib
import time


class Slurm:
    """The practice cluster's SLURM, as its administrators use it."""

    def __init__(self, practice):
        self.practice = practice

    def admin(self, *argv):
        done = self.practice.run_as_root("controller", list(argv))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def user(self, *argv):
        done = self.practice.run("gateway", list(argv))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sbatch(self, line, *options, **asked):
        """Another job of the same user; its id."""
        argv = ["sbatch", "--parsable", "--chdir=/tmp", "--output=/dev/null"]
        argv += ["--mem=100M", *options, "--wrap", line]
        call = self.admin if asked.get("root") else self.user
        return call(*argv)

    def field(self, slurm_id, field):
        return self.user("squeue", "-h", "-t", "all", "-j", slurm_id, "-o", field)

    def partition(self, state, name="cpu"):
        self.admin("scontrol", "update", "PartitionName=" + name, "State=" + state)

    def start_again(self, slurm_id):
        """SLURM lets a requeued job wait for two minutes, and clears it up before."""
        argv = ["scontrol", "update", "JobId=" + slurm_id, "StartTime=now"]

        def started():
            self.practice.run_as_root("controller", argv)
            return self.field(slurm_id, "%T") not in ("PENDING", "COMPLETING")

        self.wait(started)

    @contextlib.contextmanager
    def hanging(self):
        """The controller takes questions meanwhile, and answers none."""
        line = "kill -{} $(cat /run/slurmctld.pid)"
        self.admin("sh", "-c", line.format("STOP"))
        try:
            yield
        finally:
            self.admin("sh", "-c", line.format("CONT"))

    def wait(self, look, seconds=60.0):
        deadline = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def all_idle(self):
        nodes = self.admin("sinfo", "-h", "-N", "-o", "%n %t").split("\n")
        return {line.split()[1] for line in nodes} == {"idle"}

    def forget_everything(self, next_id):
        """Start the controller without its memory; it gives `next_id` next."""
        conf = "/etc/slurm/slurm.conf"
        self.practice.fail("slurmctld")
        line = "rm -rf /var/spool/slurmctld/*; echo FirstJobId={} >> {}"
        self.admin("sh", "-c", line.format(next_id, conf))
        try:
            self.practice.mend("slurmctld")
        finally:
            self.admin("sed", "-i", "/^FirstJobId/d", conf)
        self.wait(self.all_idle)
