"""A program of the user's that submits one package and follows it to its end.

Reads its orders, a line of JSON, from stdin, as child.py does. It says which job it
made, and what became of it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.profile_file import load_profile
from tests.cluster.laptop import connect
from tests.faults import child
from tests.faults.trial import submit


def followed(session):
    """The job once it has ended; being without a connection is no end."""
    while True:
        try:
            (job,) = session.refresh()
        except RemoteError:
            (job,) = session.jobs()
        if job.state.is_final:
            return job
        time.sleep(0.3)


def main():
    orders = json.loads(sys.stdin.readline())
    session = child.open_session(load_profile(Path(orders["profile"])))
    connect(session, orders["password"], set(orders["fingerprints"]))
    session.to_cluster(orders["folder"])
    job = submit(session, load_package(Path(orders["folder"])))
    print("submitted {}".format(job.slurm_id), flush=True)
    print("ended {}".format(followed(session).state.value))
    session.disconnect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
