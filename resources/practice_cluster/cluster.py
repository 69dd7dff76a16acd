"""The whole: up, down, status, reset, each safe to repeat and to interrupt."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from . import (
    cluster_profile,
    disk,
    faults,
    hosts,
    layers,
    modules,
    network,
    processes,
    services,
)
from .settings import FILE, HOSTS, PracticeClusterError, load

WHOLE = "up"
FOLDERS_MADE = cluster_profile.FOLDERS_MADE


@contextlib.contextmanager
def alone(state):
    """Hold the state folder, so that no two commands change a cluster at once."""
    while True:
        handle = os.open(str(state), os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            same = os.path.samestat(os.fstat(handle), os.stat(str(state)))
        except FileNotFoundError:
            same = False
        if same:
            break
        os.close(handle)
        if not Path(state).is_dir():
            raise PracticeClusterError("This cluster was taken down meanwhile.")
    try:
        yield
    finally:
        os.close(handle)


def is_up(settings):
    """Whether `up` came to its end and the cluster still stands."""
    started = Path(settings.state, WHOLE).exists()
    return started and processes.first_process(settings, hosts.CLUSTER) is not None


def up(wanted, say):
    """Bring the cluster `wanted` up; whatever a broken start left is cleared first.

    Returns
    -------
    Settings
        With the modules that there are now.
    """
    _make_state_folder(wanted)
    with alone(wanted.state):
        from_before = _saved(wanted)
        if from_before is not None and is_up(from_before):
            return _renew_modules(from_before)
        if from_before is not None:
            say("Clearing what an unfinished start left behind.")
            _clear(from_before)
            _make_state_folder(wanted)
    with alone(wanted.state):
        try:
            _check(wanted)
            return _start(wanted, say)
        except BaseException:
            _clear(wanted)
            raise


def _saved(wanted):
    """The settings that an earlier `up` saved in the state folder; None if none."""
    if not Path(wanted.state, FILE).exists():
        return None
    return load(wanted.name, wanted.state)


def _make_state_folder(settings):
    """Make the state folder, noting which of its parents were not there."""
    state = Path(settings.state)
    made = []
    for folder in list(reversed(state.parents)) + [state]:
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            os.chown(str(folder), settings.laptop_uid, settings.laptop_gid)
            made.append(str(folder))
    if made:
        (state / FOLDERS_MADE).write_text("\n".join(made[:-1]) + "\n")


def _check(settings):
    """Refuse before anything is started."""
    if network.owner_of_link(settings) not in (None, settings.state):
        raise PracticeClusterError(
            "Another practice cluster called {!r} is up on this machine. Nothing was "
            "started; choose another --name.".format(settings.name)
        )
    network.check_range(settings.range)
    disk.check_mount_point(settings.local_mount, settings.state)
    cluster_profile.check_free(settings.profile, settings.state)


def _start(settings, say):
    settings = replace(settings, password=secrets.token_urlsafe(12))
    settings.save()
    disk.make_mount_point(settings)
    hosts.start_cluster(settings)
    layers.write(settings)
    hosts.start(settings)
    network.connect_hosts(settings)
    if not hosts.can_use_cgroups():
        say("This machine has no cgroup v1: SLURM's memory limits are not enforced.")
    services.start_all(settings)
    disk.mount(settings)
    settings = _renew_modules(settings)
    Path(settings.state, WHOLE).touch()
    return settings


def _renew_modules(settings):
    """Offer the SLEAP environments that exist now, and say so in the profile."""
    names, versions = modules.offer(settings)
    settings = replace(settings, modules=names, sleap_versions=versions)
    settings.save()
    cluster_profile.write(settings)
    return settings


def down(settings):
    """Take the cluster down, wherever its start or its end had come to."""
    if not Path(settings.state).is_dir():
        return
    with alone(settings.state):
        _clear(settings)


def _clear(settings):
    """Remove everything that carries this cluster's mark, and its folders."""
    network.remove_laptop_link(settings)
    disk.unmount(settings)
    while processes.marked(settings):
        processes.end(processes.marked(settings))
    processes.wait_for(
        lambda: network.owner_of_link(settings) != settings.state, 10, "its link to go"
    )
    hosts.remove_cgroups(settings)
    disk.remove_mount_point(settings)
    cluster_profile.remove(settings)
    _remove_folders(settings)


def _remove_folders(settings):
    """Remove the state folder, and parents that this cluster made if they are empty.

    Parents that another cluster still needs are left for that one to remove.
    """
    state = Path(settings.state)
    made = state / FOLDERS_MADE
    folders = set(made.read_text().splitlines()) if made.exists() else set()
    shutil.rmtree(str(state))
    left = []
    for folder in sorted(folders - {""}, key=len, reverse=True):
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            continue
        except OSError:
            left.append(folder)
    for heir in state.parent.glob("*/" + FOLDERS_MADE):
        with heir.open("a") as stream:
            stream.writelines(folder + "\n" for folder in left)


def reset(settings):
    """As after `up`: faults mended, jobs cancelled, the user's folders empty."""
    with alone(settings.state):
        faults.mend(settings)
        cancel = ["scancel", "--user", settings.user]
        hosts.call(settings, "controller", cancel)
        ask = ["squeue", "-h", "-u", settings.user]
        processes.wait_for(
            lambda: not hosts.call(settings, "controller", ask).stdout.strip(),
            40,
            "the cancelled jobs to end",
        )
        layers.renew_user_folders(settings)


def status(settings):
    """What is up, as plain data."""
    standing = is_up(settings)
    answer = {
        "name": settings.name,
        "up": standing,
        "range": settings.range,
        "bastion": settings.bastion_host,
        "gateway": settings.gateway_host,
        "user": settings.user,
        "local_mount": settings.local_mount,
        "cluster_mount": settings.cluster_mount,
        "profile": settings.profile,
        "state": settings.state,
        "faults": faults.present(settings),
        "modules": settings.modules,
    }
    if standing:
        answer["hosts"] = {
            host: processes.first_process(settings, host) is not None for host in HOSTS
        }
        answer["services"] = {
            service.name: services.is_running(settings, service)
            for service in services.of(settings)
        }
        answer["mounted"] = disk.mounted(settings)
        answer["fingerprints"] = layers.fingerprints(settings)
    return answer
