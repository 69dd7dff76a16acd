"""What ``sbatch --test-only`` tells: when a job would start, were it submitted now."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Optional

from sleap_remote_plugin.slurm.submission import BUSY, LOST, read_date
from sleap_remote_plugin.slurm.text import FIELD, lines_of

_START = re.compile(
    r"sbatch: Job \d+ to start at (\S+) using \d+ processors?"
    r"(?: on (?:nodes? )?(\S+))?(?: in partition (\S+))?\s*"
)
#: sbatch's own, and those of getopt about an option that it does not know.
_REFUSAL = re.compile(
    r"(?:sbatch: error: |sbatch: fatal: |allocation failure: |"
    r"sbatch: (?=(?:unrecognized|invalid) option|option ['‘]))(.+)"
)
_MOST = 400 * 86400.0


class Estimate(NamedTuple):
    """
    Attributes
    ----------
    wait : float or None
        Seconds from now; None: SLURM does not say.
    nodes : str
        Where, in SLURM's spelling.
    refusal : str
        Why SLURM would not take the job, in its own words; empty: it would.
    """

    wait: Optional[float] = None
    nodes: str = ""
    refusal: str = ""


def read_estimate(result: Any) -> Estimate:
    """What came of commands.expected_start(); never fails.

    Parameters
    ----------
    result : CommandResult
        Anything with `exit_code`, `stdout` and `stderr`.
    """
    for line in lines_of(result.stderr + "\n" + result.stdout):
        match = _START.fullmatch(line.strip())
        if match and re.fullmatch(r"\d{9,11}", match.group(1), re.ASCII):
            now = read_date(result.stdout, -1.0)
            wait = float(match.group(1)) - now
            if now >= 0 and wait < _MOST:
                return Estimate(max(0.0, wait), (match.group(2) or "")[:FIELD])
            return Estimate()
        if match:
            return Estimate()
    matches = [_REFUSAL.fullmatch(line.strip()) for line in lines_of(result.stderr)]
    own = [match.group(1).rstrip(".") for match in matches if match]
    said = "; ".join(dict.fromkeys(own))[:FIELD]
    if result.exit_code == 0 or BUSY.search(said) or LOST.search(said):
        return Estimate()
    return Estimate(refusal=said)
