"""What a cluster itself counted: requests to SLURM's controller, logins to sshd."""

from __future__ import annotations

import re
from typing import NamedTuple


class Count(NamedTuple):
    """Since some moment: the user's requests to slurmctld, and logins at both hops."""

    requests: int
    logins: int

    def since(self, before: Count) -> Count:
        return Count(self.requests - before.requests, self.logins - before.logins)


def count(cluster) -> Count:
    """sdiag's count for the ordinary user, and sshd's own log."""
    told = cluster.run_as_root("controller", ["sdiag"]).stdout
    by_user = told.partition("statistics by user")[2]
    line = re.search(r"^\s*{}\s.*?count:(\d+)".format(cluster.user), by_user, re.M)
    logins = 0
    for host in ("bastion", "gateway"):
        argv = ["grep", "-c", "Accepted [a-z/-]* for", "/var/log/sshd.log"]
        logins += int(cluster.run_as_root(host, argv).stdout or 0)
    return Count(int(line.group(1)) if line else 0, logins)
