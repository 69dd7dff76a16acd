"""How times and limits are said."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt import texts
from tests.qt.standins import a_job

NOW = 1795381400.0
HALF = Progress(50, 100, rate=0.01, eta=5000.0)


def running(**values):
    values.setdefault("state", JobState.RUNNING)
    values.setdefault("started", NOW - 2000.0)
    values.setdefault("resources", Resources(time=6000))
    return a_job(**values)


@pytest.mark.parametrize(
    ("job", "progress", "is_said"),
    [
        (running(), (HALF,), True),  # 15,000 s more for both models; 4,000 s left
        (running(resources=Resources(time=20000)), (HALF,), False),
        (running(resources=Resources(time=16000)), (HALF,), True),
        (running(), (), False),
        (running(state=JobState.QUEUED), (HALF,), False),
        (running(started=None), (HALF,), False),
        (running(started=NOW - 7000.0), (HALF,), False),  # the limit is over
        (running(kind=JobKind.PREDICT), (HALF,), False),  # each task has its own
    ],
)
def test_a_job_that_will_not_be_done_in_time_says_so(job, progress, is_said):
    text = texts.limit_text(job, progress, NOW)
    assert bool(text) is is_said
    assert not text or texts.clock(job.started + job.resources.time) in text


def test_when_a_waiting_job_may_start_is_said():
    job = a_job(state=JobState.QUEUED, start_estimate=NOW + 600.0)
    assert texts.clock(NOW + 600.0) in texts.start_text(job, NOW)
    assert texts.start_text(job, NOW + 700.0) == ""
    assert texts.start_text(job.changed(state=JobState.RUNNING), NOW) == ""
