"""What a look at one job's files finds; showing it is job_details.py's.

*files lane*: a disk that hangs is waited for here, and nowhere else.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Tuple

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.another_try import offer_of
from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.jobs.diagnosis import Diagnosis
from sleap_remote_plugin.jobs.history import HistoryLine
from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.jobs.metrics import HeadMetrics
from sleap_remote_plugin.words import tr

if TYPE_CHECKING:
    from sleap_remote_plugin.session.earlier import EarlierCurve
    from sleap_remote_plugin.session.job_files import FilePlace

#: A sentence on a finished job; gets session and job.
Remark = Callable[[Any, Job], str]


class Findings(NamedTuple):
    """What the files lane found of one job.

    Attributes
    ----------
    metrics : tuple of HeadMetrics
        Of a training that has ended.
    is_usable : bool
        Whether a job that ended early made something of use; `left` says what.
    rounds : str
        The file that tells of the project's rounds.
    offer : Offer or None
        What a button can do about its end, or about `trouble`.
    part : int
        Which of the job's tasks `log` is of; -1: all.
    seen : float
        When it was looked at, in seconds since the epoch; 0: not yet.
    trouble : str
        Why nothing could be read, as a sentence.
    """

    progress: Tuple[Any, ...] = ()
    log: str = ""
    diagnosis: Optional[Diagnosis] = None
    folder: str = ""
    metrics: Tuple[HeadMetrics, ...] = ()
    is_usable: bool = False
    left: str = ""
    rounds: str = ""
    offer: Optional[Offer] = None
    history: Tuple[HistoryLine, ...] = ()
    files: Tuple[FilePlace, ...] = ()
    earlier: Tuple[EarlierCurve, ...] = ()
    part: int = -1
    seen: float = 0.0
    trouble: str = ""

    @property
    def is_first(self) -> bool:
        """Whether the files were not looked at yet."""
        return self._replace(progress=()) == Findings()


def found_of(session: Any, job: Job, warning: Remark, part: int) -> Findings:
    """All that is shown of a job. Raises RemoteError, OSError."""
    progress = tuple(session.progress(job))
    left = session.what_is_left(job)
    diagnosis = session.diagnose(job)
    return Findings(
        progress,
        session.log_tail(job, part=part),
        diagnosis,
        str(session.local_folder(job)),
        session.metrics(job),
        left is not None,
        left or warning(session, job),
        session.rounds_file(job),
        session.offer(job, diagnosis),
        session.history(job),
        session.places_of(job),
        session.earlier_curves(job),
        part,
        time.time(),
    )


def not_found(session: Any, job: Job, error: Exception, part: int) -> Findings:
    """What is said where the files cannot be read, and what can be done about it."""
    if isinstance(error, RemoteError):
        sentence = str(error)
    else:
        sentence = tr("The job's files cannot be read just now: {}.").format(
            getattr(error, "strerror", "") or error
        )
    deed = Deed.CHECK if session.transport.is_connected else Deed.SIGN_IN
    offer = offer_of(job, deed, ())
    return Findings(part=part, trouble=sentence, offer=offer)
