"""What sbatch answered: an id, a refusal, or a doubt; and when SLURM was asked."""

from __future__ import annotations

import re
from typing import Any, List

from sleap_remote_plugin.errors import (
    ClusterBusy,
    SubmissionRefused,
    SubmissionUnconfirmed,
)
from sleap_remote_plugin.slurm.text import FIELD, lines_of
from sleap_remote_plugin.words import tr

LOST = re.compile(
    r"timed? ?out|zero bytes|connection reset|(receive|send|shutdown) failure|"
    r"message (receive|send)|unexpected message|send/recv|broken pipe|"
    r"authentication error|header lengths|insane message|incomplete|"
    r"transport endpoint|unspecified error|unpack",
    re.I,
)
BUSY = re.compile(
    r"unable to contact slurm controller|connection refused|backup controller|"
    r"temporarily (unable|unavailable)|controller.*standby|try again",
    re.I,
)
_ADVICE = (
    (
        r"mutually exclusive|(unrecognized|invalid) option|option ['‘]",
        tr("Change the other options in Advanced"),
    ),
    (r"partition", tr("Choose another partition")),
    (
        r"node configuration|memory specification|--mem",
        tr("Ask for less, or elsewhere"),
    ),
    (r"gres|generic resource", tr("Choose another GPU")),
    (r"account", tr("Check the account in Advanced")),
    (r"--time|time limit", tr("Choose another time limit")),
    (r"dependency", tr("Submit it without waiting for the other job")),
    (r"limit", tr("Wait until your other jobs have ended")),
    (r"command not found|no such file", tr("Check `login` in the cluster profile")),
)


def read_submission(result: Any) -> str:
    """SLURM's id for the job just submitted.

    Parameters
    ----------
    result : CommandResult
        Of commands.submit(); anything with `exit_code`, `stdout` and `stderr`.

    Raises
    ------
    SubmissionRefused
        SLURM said no; its words are in the message.
    ClusterBusy
        The controller was not reached: nothing was submitted.
    SubmissionUnconfirmed
        The job may be there: look for it, do not send it again.
    """
    slurm_id = _submitted_id(result.stdout)
    said = " ".join(_words_of(result.stderr) or _words_of(result.stdout))
    detail = "exit code {}: {}".format(result.exit_code, said)
    if result.exit_code == 0 and slurm_id:
        return slurm_id
    # Only sbatch's own words are a "no"; a login banner on stderr is none.
    own = r"sbatch: |sbatch\b.*(not found|no such file)"
    sure = re.search(own, result.stderr, re.I)
    number = re.search(r"\d", result.stdout, re.ASCII)  # it may be an id
    if number or not sure or result.exit_code == 0 or LOST.search(said):
        raise SubmissionUnconfirmed(
            tr(
                "SLURM's answer was unclear, so it is not known yet whether it took "
                "the job. It is being looked for on the cluster; it is not sent twice."
            ),
            detail=detail,
        )
    if BUSY.search(said):
        raise ClusterBusy(
            tr(
                "SLURM does not take jobs just now ({}). Nothing was submitted, and "
                "the job's files are kept. Try again in a few minutes."
            ).format(said),
            detail=detail,
        )
    advice = tr("Change the request")
    for pattern, text in _ADVICE:
        if re.search(pattern, said, re.I):
            advice = text
            break
    raise SubmissionRefused(
        tr(
            "SLURM refused the job: {}. Nothing was submitted. {} and submit it again."
        ).format(said.rstrip("."), advice),
        detail=detail,
    )


def read_date(stdout: str, otherwise: float) -> float:
    """The time that commands.dated() had printed, in seconds since the epoch."""
    for line in lines_of(stdout):
        if re.fullmatch(r"[0-9]{9,11}", line.strip(), re.ASCII):
            return float(line)
    return otherwise


def _submitted_id(stdout: str) -> str:
    """The one line that is an id; none where several are, or something is around it.

    What else was printed does not matter.
    """
    found = []
    for line in lines_of(stdout):
        match = re.fullmatch(
            r"\s*(?:Submitted batch job )?(\d{1,18})(?:;[\w.-]+| on cluster \S+)?\s*",
            line,
            re.ASCII,
        )
        if match:
            found.append(match.group(1))
    return found[0] if len(set(found)) == 1 else ""


def _words_of(text: str) -> List[str]:
    """Sbatch's own words; where it said something, the shell's noise is left out."""
    lines = [line.strip() for line in lines_of(text)]
    own = [line for line in lines if line.startswith("sbatch:")] or lines
    plain = [re.sub(r"^(sbatch: )?((error|fatal): )?", "", line) for line in own]
    kept = [line[:FIELD].rstrip(".") + "." for line in plain if line]
    return list(dict.fromkeys(kept))[-4:]
