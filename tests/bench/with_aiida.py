"""What AiiDA's transport and scheduler do: ask once, or submit. Run by peers.py.

Without its daemon: how often that asks, and how it tries again, are its own defaults.
"""

import asyncio
import json
import sys
import time

from aiida.engine.utils import exponential_backoff_retry
from aiida.schedulers.plugins.slurm import SlurmScheduler
from aiida.transports.plugins.ssh import SshTransport

#: `TransportQueue` waits before it opens a connection; `JobsList` before it asks.
PERIOD = (
    SshTransport._DEFAULT_SAFE_OPEN_INTERVAL
    + SshTransport.DEFAULT_MINIMUM_JOB_POLL_INTERVAL
)


def transport(orders):
    return SshTransport(
        machine=orders["gateway"],
        username=orders["user"],
        key_filename=orders["key"],
        proxy_jump="{}@{}".format(orders["user"], orders["bastion"]),
        key_policy="AutoAddPolicy",
        look_for_keys=False,
        allow_agent=False,
        timeout=60,
    )


def ask(orders):
    scheduler = SlurmScheduler()
    with transport(orders) as opened:
        scheduler.set_transport(opened)
        found = scheduler.get_jobs(user="$USER", as_dict=True)
    return set(orders["ids"]) <= set(found)


def submit(orders):
    async def once():
        scheduler = SlurmScheduler()
        with transport(orders) as opened:
            scheduler.set_transport(opened)
            return scheduler.submit_job(orders["folder"], "job.sh")

    return asyncio.run(exponential_backoff_retry(once))


def main():
    orders = json.loads(sys.stdin.readline())
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    if orders["what"] == "submit":
        try:
            end = "id {}".format(submit(orders))
        except Exception as error:
            end = type(error).__name__
        print(json.dumps({"end": end}), flush=True)
        return
    assert ask(orders)
    took = time.monotonic() - began
    print(json.dumps({"seconds": took, "period": took + PERIOD}), flush=True)


if __name__ == "__main__":
    main()
