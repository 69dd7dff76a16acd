"""The right to submit a folder: one program at a time has it, and it ends with it.

A file on the mount that only one can make. It tells who is at work, so that another
program, on any machine, knows when that one has died.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import secrets
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Set

import psutil

from sleap_remote_plugin.errors import AlreadySubmitted, MountNotProven, StoreProblem
from sleap_remote_plugin.jobs.job import Job, JobState
from sleap_remote_plugin.jobs.record import RECORD_NAME, load_record, save_whole
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.words import tr

CLAIM_NAME = "remote-job.claim"
#: Seconds after which a claim of a program that cannot be looked at has run out. Far
#: more than a submission takes; by the file server's clock.
LEASE = 600.0
#: Seconds that a claim may be empty: it is made first and filled then.
EMPTY_FOR = 10.0

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_at_work: Set[str] = set()  # uids that this very program submits just now
_lock = threading.Lock()


@dataclass(frozen=True)
class Holder:
    """Who is at work; `boot` is empty where the system does not tell."""

    uid: str
    pid: int = 0
    machine: str = ""
    boot: str = ""


def take(folder: Path, uid: str) -> None:
    """Claim a folder for the submission of `uid`.

    Raises
    ------
    AlreadySubmitted
        Another program is submitting it just now.
    MountNotProven
        The folder cannot be written.
    """
    with _lock:
        _at_work.add(uid)
    try:
        if not _made(folder, uid):
            _take_over(folder, uid)
    except OSError as error:
        release(folder, uid)
        raise MountNotProven(
            tr(
                "{} cannot be written from this machine: {}. Nothing was submitted. "
                "Check that the disk is mounted, has space, and that you may write "
                "there."
            ).format(folder, error.strerror or error)
        ) from error
    except AlreadySubmitted:
        give_up(uid)
        raise


def release(folder: Path, uid: str) -> None:
    """Give the claim back; that of another job stays."""
    give_up(uid)
    with contextlib.suppress(OSError):
        found = holder(folder)
        if found is not None and found.uid == uid:
            (folder / CLAIM_NAME).unlink()


def give_up(uid: str) -> None:
    """Submit this job no more, where the folder itself does not answer."""
    with _lock:
        _at_work.discard(uid)


def earlier_job(folder: Path, store: Store) -> Optional[Job]:
    """The folder's earlier job, if any; it has ended, or never begun.

    Raises
    ------
    AlreadySubmitted
        It is open, or may be.
    """
    if not (folder / RECORD_NAME).exists():
        return None
    try:
        earlier = load_record(folder)
    except StoreProblem as error:
        raise AlreadySubmitted(
            tr(
                "{} Nothing was submitted: that folder may have a job already. Export "
                "again, into a new folder."
            ).format(error),
            detail=error.detail,
        ) from error
    known = store.get(earlier.uid)
    state = (known or earlier).state
    if state.is_final or state is JobState.PREPARING:
        return earlier
    if state in (JobState.SUBMITTING, JobState.UNCONFIRMED):
        if known is None:
            store.add(earlier)  # settled from here on, like any other
        raise AlreadySubmitted(
            tr(
                "It is not known yet whether an earlier job of {} reached SLURM. "
                "Nothing was sent a second time. The earlier one is being looked for; "
                "see the list of jobs."
            ).format(folder)
        )
    raise AlreadySubmitted(
        tr(
            "{} has a job already, SLURM job {}. Nothing was sent a second time. Wait "
            "for its end or cancel it, or export again."
        ).format(folder, (known or earlier).slurm_id or tr("of unknown id"))
    )


def holder(folder: Path) -> Optional[Holder]:
    """Who has claimed the folder; None: nobody."""
    try:
        text = (folder / CLAIM_NAME).read_text("utf-8")
    except FileNotFoundError:
        return None
    try:
        values = json.loads(text)
        known = {field.name for field in dataclasses.fields(Holder)}
        found = Holder(**{k: v for k, v in values.items() if k in known})
        return dataclasses.replace(found, uid=str(found.uid), pid=int(found.pid))
    except (ValueError, TypeError, AttributeError):
        return Holder("")


def is_at_work(folder: Path, found: Holder) -> bool:
    """Whether the holder of a folder's claim may still be submitting."""
    me = _myself(found.uid)
    if found.machine == me.machine and found.pid:
        if found.boot != me.boot:
            return False
        if found.pid == me.pid:
            with _lock:
                return found.uid in _at_work
        if not _is_alive(found.pid):
            return False
    return _age(folder) < (LEASE if found.uid else EMPTY_FOR)


def _made(folder: Path, uid: str) -> bool:
    text = json.dumps(dataclasses.asdict(_myself(uid))) + "\n"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        descriptor = os.open(str(folder / CLAIM_NAME), flags, 0o644)
    except FileExistsError:
        return False
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write(text)  # no fsync: who loses power has no claim any more
    return True


def _take_over(folder: Path, uid: str) -> None:
    found = holder(folder)
    if found is not None:
        if is_at_work(folder, found):
            raise _busy(folder)
        # Of several who see that it is dead, one can rename it.
        aside = folder / "{}.{}".format(CLAIM_NAME, secrets.token_hex(3))
        try:
            os.rename(str(folder / CLAIM_NAME), str(aside))
        except FileNotFoundError:
            raise _busy(folder) from None
        aside.unlink()
    if not _made(folder, uid):
        raise _busy(folder)


def _busy(folder: Path) -> AlreadySubmitted:
    return AlreadySubmitted(
        tr(
            "{} is being submitted by another window just now. Nothing was sent a "
            "second time. Look into the list of jobs in a minute."
        ).format(folder)
    )


def _myself(uid: str) -> Holder:
    machine = "{}/{:x}".format(platform.node(), uuid.getnode())
    boot = ""
    with contextlib.suppress(OSError):
        boot = _BOOT.read_text("ascii").strip()
    return Holder(uid, os.getpid(), machine, boot)


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def _age(folder: Path) -> float:
    """Seconds since the claim was made, by the clock of the disk that holds it."""
    now = time.time()
    probe = folder / ".remote-time-{}".format(secrets.token_hex(4))
    try:
        save_whole(probe, b"")
        now = probe.stat().st_mtime
        probe.unlink()
    except OSError:  # read-only: this machine's clock has to do
        pass
    try:
        return now - (folder / CLAIM_NAME).stat().st_mtime
    except OSError:
        return 0.0
