"""The check's short job on a GPU node: made, followed to its end, taken away again.

It is no job of the user's: it is in no list and has no record. How it is followed is
in check_job.py, what it printed in gpu_report.py. Its files are written, read and
removed over SSH, so that it also tells something when the mount is missing here.
"""

from __future__ import annotations

import secrets
from typing import Iterator, List, Optional, Sequence, Tuple, Union

from sleap_remote_plugin.errors import (
    ClusterBusy,
    CommandTimedOut,
    ConnectionFailed,
    ModuleMissing,
    RemoteError,
    SubmissionRefused,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import generation_of_version
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session.check_job import LOG, Run, follow
from sleap_remote_plugin.session.check_line import Asked, CheckLine
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.slurm.script import render_check
from sleap_remote_plugin.words import tr

#: Seconds that the job may run.
JOB_LIMIT = 300

_SCRIPT = "check.sbatch"
_PREFIX = ".sleap-remote-check-"

#: Old ones that a lost connection left behind are taken away first.
_MAKE = (
    'cd -- "${1:-$HOME}" || exit 1; '
    'find . -maxdepth 1 -type d -name "$2*" -mmin +60 -exec rm -rf -- {} + ; '
    'mkdir -m 700 -- "$2$3" && cd -- "$2$3" && cat > "$4" '
    '&& printf "%s %s\\n" "$3" "$(pwd -P)"'
)


def gpu_lines(asked: Asked) -> Iterator[Union[str, CheckLine]]:
    """Submit the job, wait for it, say what it found.

    Between two looks it yields what is waited for; a generator that is closed
    meanwhile cancels the job and removes its files.
    """
    session = asked.session
    session.connect()
    yield tr("the partition for a short job")
    partition = choose_partition(session.partitions())
    module = _module(asked)
    resources = _resources(asked, partition)
    mark = secrets.token_hex(8)
    name = "sleap-check-" + mark
    script = render_check(name, mark, LOG, resources, module)
    folder = _make_folder(asked, mark, script)
    may_run = True
    try:
        run = Run(mark, folder, _submit(asked, folder))
        yield tr("job {} in partition {}").format(run.slurm_id, resources.partition)
        may_run = not (yield from follow(asked, run, resources))
    except (SubmissionRefused, ClusterBusy):
        may_run = False
        raise
    finally:
        _clear(asked, name, folder, cancel=may_run)


def choose_partition(partitions: Sequence[Partition]) -> Optional[Partition]:
    """Where a short job starts soonest: ``fast``, else the shortest limit with GPUs.

    None where the cluster tells of no partition that is up.
    """
    up = [one for one in partitions if one.is_up]
    with_gpus = [one for one in up if one.gpu_types] or up
    for one in with_gpus:
        if one.name == "fast":
            return one
    return min(with_gpus, key=lambda p: p.time_limit or 10**9, default=None)


def _module(asked: Asked) -> SleapModule:
    """The module that a job of this computer's SLEAP would use; else the newest."""
    session = asked.session
    generation = generation_of_version(asked.sleap_version)
    if generation is not None:
        try:
            return session.choose_module(generation, asked.sleap_version)
        except ModuleMissing:
            pass  # another generation's module can be looked at all the same
    usable = [one for one in session.read_modules() if one.is_usable]
    modules = sorted(usable, key=lambda m: m.name)
    if not modules:
        raise ModuleMissing(
            tr(
                "The cluster has no SLEAP module to be looked at. Nothing was "
                "submitted. Ask {} for one."
            ).format(asked.whom_to_ask)
        )
    return modules[-1]


def _resources(asked: Asked, partition: Optional[Partition]) -> Resources:
    defaults = [resources for _, resources in asked.session.profile.defaults]
    usual = defaults[0] if defaults else Resources()
    return Resources(
        partition=partition.name if partition else usual.partition,
        gpus=1 if partition is None or partition.gpu_types else 0,
        cpus=min(2, (partition.cpus if partition else None) or 2),
        memory=8 * 2**30,
        time=JOB_LIMIT,
        account=usual.account,
        qos=usual.qos,
    )


# -- on the cluster --------------------------------------------------------------------


def _make_folder(asked: Asked, mark: str, script: str) -> str:
    """A folder with the script, in the checked folder or else in the user's home."""
    session = asked.session
    place = "" if asked.folder is None else str(session.to_cluster(str(asked.folder)))
    made = session.transport.run(
        ["sh", "-c", _MAKE, "sh", place, _PREFIX, mark, _SCRIPT],
        stdin=script.encode("utf-8"),
        login_shell=False,
    )
    for line in made.stdout.splitlines():
        if line.startswith(mark + " /"):
            return line[len(mark) + 1 :]
    raise RemoteError(
        tr(
            "The check's script could not be written to {} on the cluster: {} Nothing "
            "was submitted. Choose a folder that you may write to, with room on its "
            "disk."
        ).format(
            place or tr("your home"),
            made.stderr.strip()[:300] or tr("no reason was given."),
        ),
        detail=made.stderr,
    )


def _submit(asked: Asked, folder: str) -> str:
    argv = commands.submit("{}/{}".format(folder, _SCRIPT), folder)
    try:
        return output.read_submission(asked.session.transport.run(argv, timeout=60.0))
    except SubmissionUnconfirmed as error:
        raise RemoteError(
            tr(
                "SLURM's answer was unclear, so the check's job is cancelled by its "
                "name. Nothing was left behind. Check again."
            ),
            detail=error.detail,
        ) from error


def _clear(asked: Asked, name: str, folder: str, cancel: bool) -> None:
    """Cancel what still runs and remove the files; the connection may be gone."""
    transport = asked.session.transport
    argvs: List[Tuple[str, ...]] = []
    if cancel:
        argvs.append(commands.cancel_by_name(name))
    argvs.append(("rm", "-rf", "--", folder))
    for argv in argvs:
        try:
            transport.run(argv, timeout=20.0)
        except (ConnectionFailed, CommandTimedOut):
            return  # its limit of 5 minutes ends the job; the next check clears up
