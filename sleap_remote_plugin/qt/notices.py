"""What of a job is worth a notice, and the words for one or for many of them.

Showing it is notify.py's.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Dict, List, Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.chain import waiting_words, was_let_down
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.slurm.reasons import needs_somebody, reason_in_words
from sleap_remote_plugin.words import tr

#: So many jobs are named in a notice of several.
_NAMED = 3


class About(enum.Enum):
    """What a notice is about; the most urgent first. Words for one job and for many."""

    NEEDS_YOU = (tr("needs you"), tr("need you"))
    FAILED = (tr("failed"), tr("failed"))
    FINISHED = (tr("finished"), tr("finished"))
    STARTED = (tr("started"), tr("started"))


@dataclasses.dataclass(frozen=True)
class Notice:
    """One thing to tell.

    Attributes
    ----------
    uid : str
        The job's; empty where it is about no job.
    mark : tuple of str
        What of what: the same mark is told once.
    cluster : str
        Name of the profile whose list has the job.
    """

    about: About
    text: str
    mark: Tuple[str, str]
    uid: str = ""
    name: str = ""
    cluster: str = ""


def notice_of(before: Job, after: Job) -> Optional[Notice]:
    """A notice of a change that a user waits for; None for the others."""
    if (before.state, before.reason) == (after.state, after.reason):
        return None
    told = _told(before, after)
    if told is None:
        return None
    about, text, what = told
    mark = (after.uid, "{} {}".format(what, after.restarts))
    words = text.format(after.name)
    return Notice(about, words, mark, after.uid, after.name, after.cluster)


def _told(before: Job, after: Job) -> Optional[Tuple[About, str, str]]:
    state = after.state
    if state is JobState.QUEUED:
        if not needs_somebody(after.reason) or after.reason == before.reason:
            return None
        if waiting_words(after):  # SLURM ends it by itself
            return None
        words = reason_in_words(after.reason).replace("{", "(").replace("}", ")")
        return (
            About.NEEDS_YOU,
            tr("“{}” does not start. ") + words,
            "held " + after.reason,
        )
    if state is before.state:
        return None
    if state is JobState.RUNNING:
        return About.STARTED, tr("“{}” has started."), state.value
    if state is JobState.UNCONFIRMED:
        text = tr(
            "It is not known yet whether “{}” reached the cluster. It is being looked "
            "for, and not sent twice."
        )
        return About.NEEDS_YOU, text, state.value
    if state is JobState.LOST:
        text = tr("“{}” cannot be found. The list of jobs says what can be done.")
        return About.NEEDS_YOU, text, state.value
    if state is JobState.COMPLETED:
        text = tr("“{}” has finished. Its models can be used.")
        if after.kind is JobKind.PREDICT:
            text = tr("“{}” has finished. Its predictions can be loaded.")
        return About.FINISHED, text, state.value
    if was_let_down(after) and not before.state.is_final:
        text = tr("“{}” was not run: its training did not end well.")
        return About.FAILED, text, tr("not run")
    if state.is_final and state is not JobState.CANCELLED:
        text = tr("“{}” has ended: ") + TEXTS[state].lower() + "."
        return About.FAILED, text, state.value
    return None


def sign_in_notice(cluster: str, title: str, jobs: int) -> Notice:
    """Nobody can follow the open jobs until the user has signed in."""
    text = tr("Sign in to go on following {} on {}. {} on meanwhile.").format(
        tr("your job") if jobs == 1 else tr("your {} jobs").format(jobs),
        title,
        tr("It goes") if jobs == 1 else tr("They go"),
    )
    mark = ("sign-in " + cluster, "")
    return Notice(About.NEEDS_YOU, text, mark, cluster=cluster)


def together(notices: Sequence[Notice]) -> Tuple[str, str]:
    """One text for all of them, and the uid of the job that it is most about.

    Of a job with several notices, the last counts.
    """
    last: Dict[str, Notice] = {}
    for notice in notices:
        key = notice.uid or notice.mark[0]
        last.pop(key, None)
        last[key] = notice
    by_urgency = {
        about: [n for n in last.values() if n.about is about] for about in About
    }
    ordered = [notice for group in by_urgency.values() for notice in group]
    if not ordered:
        return "", ""
    uid = next((notice.uid for notice in ordered if notice.uid), "")
    if len(ordered) == 1:
        return ordered[0].text, uid
    sentences = [notice.text for notice in ordered if not notice.uid]
    for about, group in by_urgency.items():
        sentences += _counted(about, [notice for notice in group if notice.uid])
    return " ".join(sentences), uid


def _counted(about: About, group: List[Notice]) -> List[str]:
    if not group:
        return []
    names = ", ".join("“{}”".format(notice.name) for notice in group[:_NAMED])
    if len(group) > _NAMED:
        names += tr(" and {} more").format(len(group) - _NAMED)
    one, many = about.value
    count = (
        tr("1 job ") + one
        if len(group) == 1
        else tr("{} jobs {}").format(len(group), many)
    )
    return ["{}: {}.".format(count, names)]
