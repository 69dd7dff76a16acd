"""SLURM's commands as argument lists. Reading what they print is in output.py.

None of these is a shell line: a transport quotes them.
"""

from __future__ import annotations

import re
import shlex
from typing import Iterable, Tuple

Argv = Tuple[str, ...]

# The name comes last: a `|` in it then cannot shift the other fields.
QUEUE_FORMAT = "%i|%T|%r|%M|%N|%S|%V|%j"
ACCOUNT_FIELDS = (
    "JobID,State,ExitCode,ElapsedRaw,MaxRSS,Submit,Start,End,Reason,NodeList,TotalCPU,"
    "JobName"
)
# With a suffix and without a width, sinfo cuts nothing off.
PARTITION_FIELDS = (
    "Partition:|,Available:|,Time:|,CPUs:|,Memory:|,Gres:|,StateCompact:|,Nodes:|,"
    "GresUsed:|"
)

# Times as seconds since the epoch: the cluster may be in another time zone. The list
# of an array's waiting tasks is not cut off after 64 characters.
_ENVIRONMENT = ("env", "SLURM_TIME_FORMAT=%s", "SLURM_BITSTR_LEN=0")
#: Seconds for squeue. It would wait 18 s for a controller that is down; a busy one
#: answers late, and is asked again.
QUEUE_PATIENCE = 10

_ID = re.compile(r"\d+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def submit(script: str, folder: str = "") -> Argv:
    """Submit a script, once.

    Parameters
    ----------
    script : str
        Cluster path.
    folder : str
        The job's folder: where it starts and where its log lands. It must exist
        and be writable, else SLURM fails the job (0:53) without any log.
    """
    found = ["sbatch", "--parsable"]
    if folder:
        found.append("--chdir=" + folder)
    return tuple(found + [script])


def queue(ids: Iterable[str]) -> Argv:
    """These jobs of ours, in one question; ended ones too while SLURM knows them.

    With ``--me`` the controller hands out this user's jobs only, not everybody's.
    Exit code 1 with "Invalid job id" says that it knows none of them any more.
    """
    wanted = ",".join(_id(one) for one in ids)
    return _squeue() + ("--jobs=" + wanted,)


def find_in_queue(name: str) -> Argv:
    """Jobs of exactly this name in the queue, ended ones included."""
    return _squeue() + ("--name=" + _name(name),)


def _squeue() -> Argv:
    # --local: two questions to the controller; without it, a third on federations.
    return _ENVIRONMENT + (
        ("timeout", str(QUEUE_PATIENCE), "squeue", "-h", "-a", "--local", "--me")
        + ("--states=all", "-o", QUEUE_FORMAT)
    )


def ping() -> Argv:
    """Whether the controller is there: exit code 0. Told within a tenth of a second."""
    return ("timeout", str(QUEUE_PATIENCE), "scontrol", "ping")


def accounting(ids: Iterable[str]) -> Argv:
    """What the accounts say of these jobs, with their steps (MaxRSS is theirs)."""
    return _sacct() + ("--jobs=" + ",".join(_id(one) for one in ids),)


def find_in_accounting(name: str, age: float) -> Argv:
    """Jobs of exactly this name in the accounts.

    Parameters
    ----------
    age : float
        Seconds since the job was made; a day is added, for a laptop whose clock was
        wrong then or is now. It is the cluster's own clock that counts back.
    """
    minutes = int(max(0.0, age) // 60) + 24 * 60
    return _sacct() + (
        "--starttime=now-{}minutes".format(minutes),
        "--name=" + _name(name),
    )


def _sacct() -> Argv:
    # -D: a requeued job has a record for each start.
    return _ENVIRONMENT + ("sacct", "-n", "-P", "-D", "--format=" + ACCOUNT_FIELDS)


def dated(argv: Argv) -> Argv:
    """The same question, with the cluster's own time before its answer."""
    return ("sh", "-c", 'date +%s; exec "$@"', "sh") + argv


def cancel_task(slurm_id: str, task: str) -> Argv:
    """Cancel one task of an array, whatever job has that id now; see cancel_by_name.

    With a name beside the id, scancel 22.05 cancels every task that waits.
    """
    return ("scancel", "{}_{}".format(_id(slurm_id), _id(task)))


def partitions() -> Argv:
    """One line for each kind of node of each partition, by state and GPUs in use."""
    return ("sinfo", "-h", "-O", PARTITION_FIELDS)


def expected_start() -> Argv:
    """When a script on standard input would start, were it submitted now; it is not.

    It uses up a job id, no more; two questions to the controller.
    """
    asked = ("timeout", str(QUEUE_PATIENCE), "sbatch", "--test-only")
    return dated(_ENVIRONMENT + asked)


def configuration() -> Argv:
    """How SLURM is set up; its ClusterName is among that."""
    return ("scontrol", "show", "config")


def version() -> Argv:
    return ("sinfo", "--version")


def recent_accounting() -> Argv:
    """Our jobs of the last minute: whether the accounts answer at all."""
    return ("sacct", "-n", "-P", "-X", "--starttime=now-1minutes", "--format=JobID")


def associations(user: str) -> Argv:
    """The accounts that a user may run jobs under."""
    if not _NAME.fullmatch(user):
        raise ValueError("{!r} is not a user name".format(user))
    fields = "format=Account,Partition,QOS,DefaultQOS"
    return ("sacctmgr", "-n", "-P", "show", "assoc", "user=" + user, fields)


def cancel_by_name(name: str) -> Argv:
    """Cancel our own jobs of exactly this name: SLURM gives ids anew one day.

    That there is none is no error.
    """
    return ("scancel", "--me", "--name=" + _name(name))


def module_avail(pattern: str) -> Argv:
    """Modules whose name begins so; Environment Modules and Lmod tell on stderr."""
    return _in_login_shell("module -t avail {} 2>&1".format(shlex.quote(pattern)))


def _in_login_shell(line: str) -> Argv:
    return ("bash", "-lc", line)


def _id(text: str) -> str:
    if not _ID.fullmatch(str(text)):
        raise ValueError("{!r} is not a SLURM id".format(text))
    return str(text)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("{!r} is not one of our job names".format(text))
    return text
