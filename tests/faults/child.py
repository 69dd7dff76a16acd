"""A program of the user's that submits one package, and may be killed while it does.

Reads its orders, a line of JSON, from stdin (the password is among them).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.session import claim, store
from sleap_remote_plugin.session import submit as submission
from sleap_remote_plugin.session.opening import open_session
from tests.cluster.laptop import connect
from tests.faults.trial import submit

#: Step -> (where its function is, its name, which call of it).
STEPS = {
    "mount proven": (submission, "prove_mount", 1),
    "folder claimed": (claim, "take", 1),
    "intent in the list": (store.Store, "add", 1),
    "intent on the mount": (submission, "save_record", 1),
    "script written": (submission, "save_whole", 1),
    "seen whole": (submission, "_seen_whole", 1),
    "announced on the mount": (submission, "save_record", 2),
    "announced in the list": (store.Store, "add", 2),
    "sbatch": (submission, "_sbatch", 1),
    "id on the mount": (submission, "save_record", 3),
    "id in the list": (store.Store, "add", 3),
    "claim released": (claim, "release", 1),
}


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(step, when):
    """Be killed by SIGKILL before or after a step, or while sbatch is answered."""
    place, name, which = STEPS[step]
    real = getattr(place, name)
    calls = []

    def patched(*args, **kwargs):
        calls.append(1)
        if len(calls) != which:
            return real(*args, **kwargs)
        if when == "before":
            die()
        answer = real(*args, **kwargs)
        die()
        return answer

    setattr(place, name, patched)


def die_while_sent(transport):
    """Be killed when sbatch has been sent, and nothing was heard of it yet."""
    real = transport.run

    def run(argv, **kwargs):
        if "sbatch" in argv:
            sending = threading.Thread(target=real, args=(argv,), kwargs=kwargs)
            sending.start()
            time.sleep(0.05)  # on its way: whether it arrived is not known
            die()
        return real(argv, **kwargs)

    transport.run = run


def main():
    orders = json.loads(sys.stdin.readline())
    session = open_session(load_profile(Path(orders["profile"])))
    connect(session, orders["password"], set(orders["fingerprints"]))
    session.to_cluster(orders["folder"])
    package = load_package(Path(orders["folder"]))
    if orders.get("step") == "sent":
        die_while_sent(session.transport)
    elif orders.get("step"):
        die_at(orders["step"], orders["when"])
    if orders.get("at"):  # two windows at the same moment
        print("ready", flush=True)
        sys.stdin.readline()
    try:
        job = submit(session, package)
    except RemoteError as error:
        print("{}: {}".format(type(error).__name__, error))
        return 1
    finally:
        session.disconnect()
    print("{} {}".format(job.state.value, job.slurm_id))
    return 0


if __name__ == "__main__":
    sys.exit(main())
