"""The cluster's disks on this machine: found, and each proven both ways.

Which may be one is mount_table.py's, the proof itself proof.py's.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.session.check import CheckLine
from sleap_remote_plugin.session.mount import all_within
from sleap_remote_plugin.session.mount_table import (
    Candidate,
    find_mounts,
    read_mount_table,
)
from sleap_remote_plugin.session.proof import (
    Deadlines,
    Nonce,
    Proof,
    prove_both_ways,
    remove_nonce,
    write_nonce,
)
from sleap_remote_plugin.session.proven import remember
from sleap_remote_plugin.words import tr

_WHAT_TO_DO = tr(
    "Check that the cluster's disk is mounted, or name a folder of yours on it below."
)


@dataclass(frozen=True)
class Disks:
    """What was found about the disks: proven spellings, and a line on each."""

    mounts: Tuple[Mount, ...]
    lines: Tuple[CheckLine, ...]


def look_at_disks(
    session: Any,
    project_folder: str = "",
    given: Optional[Candidate] = None,
    deadlines: Deadlines = Deadlines(),  # noqa: B008
) -> Disks:
    """Find the disks that both sides see, and prove each both ways.

    Parameters
    ----------
    session : Session
        Connected.
    project_folder : str
        Where the open project lies: the likeliest place.
    given : Candidate or None
        What the user says instead; nothing else is looked at then.
    """
    if given is not None:
        candidates: Tuple[Candidate, ...] = (given,)
    else:
        table = read_mount_table()
        candidates = find_mounts(session.profile, table, project_folder)
    user = session.user
    nonces = all_within(
        deadlines.local,
        [lambda c=c: write_nonce(c, user) for c in candidates],  # type: ignore[misc]
    )
    try:
        return _look_at(session, candidates, nonces, deadlines)
    finally:
        written = [one for one in nonces if isinstance(one, Nonce)]
        all_within(
            deadlines.local,
            [lambda n=n: remove_nonce(n) for n in written],  # type: ignore[misc]
        )


def _look_at(
    session: Any,
    candidates: Sequence[Candidate],
    nonces: Sequence[Any],
    deadlines: Deadlines,
) -> Disks:
    results = _results(session, candidates, nonces, deadlines)
    mounts: List[Mount] = []
    lines: List[CheckLine] = []
    spare: List[CheckLine] = []  # on disks that nobody spoke of
    for candidate, nonce, result in zip(candidates, nonces, results):
        if not isinstance(result, Proof):
            line = _not_proven(candidate, nonce, result)
            if line is not None:
                (spare if candidate.why == "network" else lines).append(line)
        elif result.mount not in mounts:
            mounts.append(result.mount)
            remember(session.settings, session.profile.name, result.mount, time.time())
            lines.append(_proven(result))
    if mounts:
        lines = [_lesser(line) for line in lines]
    else:
        lines += spare
    if not lines:
        lines.append(_nothing_mounted(session.profile))
    return Disks(tuple(mounts), tuple(sorted(lines, key=_good_first)))


def _results(
    session: Any,
    candidates: Sequence[Candidate],
    nonces: Sequence[Any],
    deadlines: Deadlines,
) -> List[Any]:
    """For each candidate its Proof, or what went wrong.

    What was not found is looked for again a second later, since files may come late:
    disks that somebody named, and all of them while none was found.
    """
    results = list(nonces)
    for number in range(deadlines.looks):
        for place, (candidate, nonce) in enumerate(zip(candidates, nonces)):
            found = tuple(r.mount for r in results if isinstance(r, Proof))
            is_spare = number and found and candidate.why == "network"
            is_open = isinstance(nonce, Nonce) and not isinstance(results[place], Proof)
            if not is_open or is_spare:
                continue
            if number:
                time.sleep(deadlines.between)
            try:
                results[place] = prove_both_ways(
                    nonce,
                    candidate,
                    found + session.profile.mounts,
                    session.transport,
                    deadlines,
                )
            except (MountNotProven, OSError) as error:
                results[place] = error
    return results


def _not_proven(candidate: Candidate, nonce: Any, error: Any) -> Optional[CheckLine]:
    """A line on a disk that is not the cluster's; None where it is not worth one."""
    text = str(getattr(error, "strerror", "") or error)
    if candidate.why == "network" and isinstance(nonce, Nonce):
        return None  # somebody else's disk
    if candidate.why == "named" and not candidate.is_mounted and not candidate.cluster:
        if not isinstance(nonce, Nonce):
            return None  # one of the profile's many spellings
        text = tr("Nothing is mounted there just now.")
    return CheckLine(candidate.local, "fail", text, _WHAT_TO_DO)


def _lesser(line: CheckLine) -> CheckLine:
    """A fault that jobs can do without: another disk is there."""
    if line.verdict != "fail":
        return line
    return dataclasses.replace(
        line, verdict="warn", remedy=tr("Jobs can use the other disk.")
    )


def _proven(proof: Proof) -> CheckLine:
    text = tr(
        "{} on the cluster. A file written here was read there, and one written "
        "there was read here. "
    ).format(proof.mount.cluster)
    if proof.owner in ("", proof.user):
        text += tr("Files written here belong to {} there; you may write.").format(
            proof.user or "you"
        )
        return CheckLine(proof.mount.local, "ok", text)
    return CheckLine(
        proof.mount.local,
        "warn",
        text
        + tr("Files written here belong to {} there, not to {}.").format(
            proof.owner, proof.user
        ),
        tr(
            "Jobs run. If one cannot change a file later, ask the cluster's people how "
            "to mount the disk in your name."
        ),
    )


def _nothing_mounted(profile: ClusterProfile) -> CheckLine:
    names = ", ".join(dict.fromkeys(mount.cluster for mount in profile.mounts))
    return CheckLine(
        tr("Disks"),
        "fail",
        tr("No disk of the cluster{} was found on this computer.").format(
            " ({})".format(names) if names else ""
        ),
        tr(
            "Connect to the VPN if you need one, mount the disk as your institute "
            "says, and try again; or name a folder of yours on it below."
        ),
    )


def _good_first(line: CheckLine) -> int:
    return ("ok", "warn", "fail").index(line.verdict)
