"""A user's laptop beside the practice cluster: its session, packages, patience."""

from __future__ import annotations

import json
import time

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded, SignInRefused
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.resources import Resources

#: Seconds between two looks at the cluster, as the window has at least.
BETWEEN = 0.3


def resources(**values):
    """Little enough to start at once beside others."""
    asked = {"partition": "gpu", "gpus": 1, "cpus": 1, "memory": 2 << 30, "time": 600}
    return Resources(**dict(asked, **values))


def any_generation(session):
    """The generation of one of the cluster's modules; the old one fails sooner."""
    there = {module.generation for module in session.modules()}
    return Generation.LEGACY if Generation.LEGACY in there else Generation.CURRENT


def broken_package(folder, generation):
    """An exported folder in which all is there; SLEAP refuses the config at once."""
    folder.mkdir(parents=True)
    config = "centroid." + ("json" if generation is Generation.LEGACY else "yaml")
    (folder / config).write_text("{ this is no config", "utf-8")
    (folder / "labels.pkg.slp").write_bytes(b"no labels")
    entry = {
        "cfg": config,
        "run_path": "models/261122_100000.centroid.n=6",
        "train_labels": "labels.pkg.slp",
    }
    (folder / "jobs.yaml").write_text(json.dumps({"training": [entry]}), "utf-8")
    return load_package(folder)


def submit_training(session, package, **asked):
    return session.submit_training(
        package,
        resources(**asked),
        project=str(package.folder.parent / "labels.slp"),
        name="labels top-down",
        module=session.choose_module(package.generation, ""),
    )


def connect(session, password, fingerprints):
    """Sign in as a careful user: each fingerprint is compared with the cluster's."""
    while True:
        try:
            session.connect()
            return
        except HostKeyUnknown as error:
            if error.fingerprint not in fingerprints:
                raise
            session.trust_host(error)
        except SignInRefused:
            raise
        except SignInNeeded as error:
            session.give_password(error, password, keep=False)


def wait_for(session, job, look, seconds=60.0):
    """Refresh until the job is so; return it."""
    deadline = time.monotonic() + seconds
    while True:
        (found,) = [one for one in session.refresh() if one.uid == job.uid]
        if look(found):
            return found
        assert time.monotonic() < deadline, "{}\n{}".format(
            found, session.log_tail(found)
        )
        time.sleep(BETWEEN)
