"""What a job used the last time, and what would have been enough."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.last_time import LastTime, last_time, less
from sleap_remote_plugin.jobs.resources import Resources

GB = 2**30
TRAIN, PREDICT = JobKind.TRAIN, JobKind.PREDICT


def a_job(uid, project="/p/a.slp", state=JobState.COMPLETED, kind=TRAIN, **values):
    values = {"max_rss": 9.1 * GB, "elapsed": 4800.0, **values}
    return Job(uid, kind, uid, project, "/f", "lab", Resources(), state=state, **values)


def test_the_latest_job_of_the_project_counts_then_the_clusters():
    jobs = (
        a_job("failed", state=JobState.FAILED, max_rss=1.0),
        a_job("other", "/p/b.slp", max_rss=2.0),
        a_job("predicted", kind=PREDICT, max_rss=3.0),
        a_job("this", max_rss=4.0),
        a_job("older", max_rss=5.0),
    )
    assert last_time(jobs, TRAIN, "/p/a.slp").memory == 4.0
    assert last_time(jobs, TRAIN, "/p/new.slp").memory == 2.0
    assert last_time(jobs, PREDICT, "/p/a.slp").memory == 3.0
    assert last_time(jobs[:1], TRAIN, "/p/a.slp") is None


def test_a_job_that_tells_nothing_is_passed_over():
    silent = a_job("new", max_rss=None, elapsed=None)
    assert last_time((silent, a_job("old")), TRAIN, "/p/a.slp").time == 4800.0
    assert last_time((silent,), TRAIN, "/p/a.slp") is None


def test_the_time_of_many_videos_together_says_nothing_of_the_limit_for_each():
    tasks = (Task("a", "a"), Task("b", "b"))
    found = last_time((a_job("p", kind=PREDICT, tasks=tasks),), PREDICT, "/p/a.slp")
    assert (found.memory, found.time) == (9.1 * GB, None)


@pytest.mark.parametrize(
    ("memory", "time", "rules", "expected"),
    [
        (9.1 * GB, 4800.0, (), (14 * GB, 9900)),
        (0.2 * GB, 10.0, (), (1 * GB, 900)),
        (30 * GB, 5 * 3600.0, (), (32 * GB, 6 * 3600)),
        (None, 60.0, (), (32 * GB, 900)),
        (1.0, 60.0, (FieldRule("memory", 8 * GB),), (8 * GB, 900)),
    ],
)
def test_less_has_room_to_spare_and_is_never_more(memory, time, rules, expected):
    found = less(Resources(), LastTime(memory, time, Resources()), rules)
    assert (found.memory, found.time) == expected
