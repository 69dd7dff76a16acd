"""Touching the mount: every look at it has a deadline, since a network disk can hang.

Where a path lies on both sides is jobs/paths.py; whether both sides see the same
disk is proven here before each job. How it is found out which disk is which is in
mount_table.py and proof.py.
"""

from __future__ import annotations

import os
import queue
import secrets
import threading
import time
from pathlib import Path
from typing import Any, Callable, List, Sequence, Tuple, TypeVar

import psutil

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.paths import MountMap
from sleap_remote_plugin.session.spelling import find_otherwise
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

T = TypeVar("T")

#: Seconds that a look at the mount may take before it counts as hanging.
MOUNT_DEADLINE = 20.0


def within(seconds: float, look: Callable[[], T]) -> T:
    """The result of `look`, or MountNotProven when it takes too long.

    A look that hangs is left behind in a daemon thread: nothing can end it.
    """
    answers = _begin(look)
    try:
        fine, answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise _hangs(seconds) from None
    if fine:
        return answer
    raise answer


def all_within(seconds: float, looks: Sequence[Callable[[], T]]) -> List[Any]:
    """The result of each look, or its exception; all of them at the same time.

    Disks that hang cost `seconds` together, not each.
    """
    begun = [_begin(look) for look in looks]
    end = time.monotonic() + seconds
    found: List[Any] = []
    for answers in begun:
        try:
            left = max(0.0, end - time.monotonic())
            found.append(answers.get(timeout=left)[1])
        except queue.Empty:
            found.append(_hangs(seconds))
    return found


def meanwhile(
    seconds: float, look: Callable[[], Any], work: Callable[[], Any]
) -> List[Any]:
    """The results, or exceptions, of a look at the mount and of work done meanwhile."""
    answers, end = _begin(look), time.monotonic() + seconds
    found: List[Any] = []
    try:
        found.append(work())
    except Exception as error:  # handed to the caller
        found.append(error)
    try:
        left = max(0.0, end - time.monotonic())
        found.insert(0, answers.get(timeout=left)[1])
    except queue.Empty:
        found.insert(0, _hangs(seconds))
    return found


def _begin(look: Callable[[], Any]) -> "queue.Queue[Any]":
    """Look in a thread of its own; (True, result) or (False, exception) comes."""
    answers: "queue.Queue[Any]" = queue.Queue()

    def work() -> None:
        try:
            answers.put((True, look()))
        except BaseException as error:  # handed to the caller
            answers.put((False, error))

    threading.Thread(target=work, name="mount", daemon=True).start()
    return answers


def _hangs(seconds: float) -> MountNotProven:
    return MountNotProven(
        tr(
            "The mount has not answered for {:.0f} seconds. Jobs on the cluster go on; "
            "what is shown is the last that was seen. Check the network or mount the "
            "disk again."
        ).format(seconds)
    )


def mounted_folders() -> List[str]:
    """Mount points of this machine, network disks included."""
    return [part.mountpoint for part in psutil.disk_partitions(all=True)]


def mounts_in_use(mounts: MountMap) -> Tuple[MountMap, bool]:
    """The map with those local spellings first that exist on this machine now.

    Returns
    -------
    (MountMap, bool)
        And whether any does.
    """
    points = set(mounted_folders())

    def there(local: str) -> bool:
        return local.rstrip("/\\") in points or os.path.isdir(local)

    found = within(
        MOUNT_DEADLINE, lambda: [m.local for m in mounts.mounts if there(m.local)]
    )
    return mounts.preferring(found), bool(found)


_LOOK = (
    'cat -- "$1" && if [ -w "$2" ]; then echo writable; else echo read-only; fi; id -un'
)


def prove_mount(folder: Path, cluster_folder: str, transport: Transport) -> None:
    """Show that a folder here and one on the cluster are the same, and writable there.

    A nonce is written here and read there.

    Raises
    ------
    MountNotProven
        They are not, or this side cannot write, or the cluster's user cannot.
    """
    nonce = secrets.token_hex(16)
    proof = folder / ".remote-proof-{}".format(nonce[:8])
    try:
        within(MOUNT_DEADLINE, lambda: proof.write_text(nonce + "\n", "utf-8"))
    except OSError as error:
        _remove_quietly(proof)  # a full disk takes its name, and none of its text
        raise MountNotProven(
            tr(
                "{} cannot be written from this machine: {}. Nothing was submitted. "
                "Check that the disk is mounted, has space, and that you may write "
                "there."
            ).format(folder, error.strerror or error)
        ) from error
    try:
        seen = transport.run(
            [
                "sh",
                "-c",
                _LOOK,
                "sh",
                cluster_folder + "/" + proof.name,
                cluster_folder,
            ],
            login_shell=False,
        )
    finally:
        _remove_quietly(proof)
    lines = seen.stdout.splitlines()
    if nonce not in lines:
        other = find_otherwise([cluster_folder], transport)
        if other is not None:
            raise other.error()
        raise MountNotProven(
            tr(
                "{} on this machine is not {} on the cluster: a file written here was "
                "not found there. Nothing was submitted. Check that the disk is "
                "mounted, and the profile's `mounts`."
            ).format(folder, cluster_folder),
            detail=seen.stderr,
        )
    if "writable" not in lines:
        raise MountNotProven(
            tr(
                "On the cluster, {} may not write to {}. Nothing was submitted. Choose "
                "a folder of your own, or ask its owner for write permission."
            ).format(lines[-1] if lines else tr("your user"), cluster_folder)
        )


def _remove_quietly(path: Path) -> None:
    """Take the proof away; one that stays (the mount went) does no harm."""
    try:
        within(MOUNT_DEADLINE, lambda: path.unlink())
    except (OSError, MountNotProven):
        return
