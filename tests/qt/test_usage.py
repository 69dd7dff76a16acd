"""What a job used of what it asked for."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.resources_page import ResourcesPage
from sleap_remote_plugin.qt.usage import usage_of
from tests.qt.standins import a_job

G = 2**30
H = 3600.0
ASKED = Resources(memory=32 * G, time=int(6 * H), cpus=8)


def usage(name, **values):
    values.setdefault("state", JobState.COMPLETED)
    job = a_job(resources=ASKED, **values)
    return {one.name: one for one in usage_of(job, 1e9)}[name]


@pytest.mark.parametrize(
    ("name", "values", "words", "advice"),
    [
        ("Memory", {"max_rss": 9.1 * G}, "9.1 of 32 GB, 28 %", "12 GB would do"),
        ("Memory", {"max_rss": 22 * G}, "22 of 32 GB, 69 %", ""),
        ("Memory", {"max_rss": 30 * G}, "30 of 32 GB, 94 %", "ask for 48 GB"),
        (
            "Memory",
            {"max_rss": 9 * G, "state": JobState.OUT_OF_MEMORY},
            "9 of 32 GB, 28 %",
            "",
        ),
        ("Memory", {}, "32 GB asked for", ""),
        ("Memory", {"state": JobState.RUNNING}, "when the job has ended", ""),
        ("Time", {"elapsed": 1.2 * H}, "1 h 12 min of 6 h, 20 %", "2 h would do"),
        ("Time", {"elapsed": 5.9 * H}, "98 %", "ask for 8 h"),
        ("Time", {"state": JobState.QUEUED}, "6 h asked for", ""),
        (
            "CPUs",
            {"elapsed": 1000.0, "cpu_seconds": 2000.0},
            "2.0 of 8 busy on average, 25 %",
            "3 CPUs would do",
        ),
        ("CPUs", {"elapsed": 1000.0, "cpu_seconds": 6000.0}, "75 %", ""),
        ("CPUs", {"elapsed": 1000.0}, "8 asked for", ""),
        ("GPU", {}, "1 asked for, of any type", ""),
    ],
)
def test_use_is_told_in_words_with_advice_where_it_helps(name, values, words, advice):
    one = usage(name, **values)
    assert words in one.words
    assert advice in one.advice
    assert bool(advice) == bool(one.advice)


def test_an_array_has_a_time_limit_for_each_of_its_videos():
    tasks = (Task("a.mp4", "a"), Task("b.mp4", "b"))
    one = usage("Time", kind=JobKind.PREDICT, tasks=tasks, elapsed=60.0)
    assert (one.words, one.share) == ("1 min for all videos; each may take 6 h", None)


def test_a_bar_never_stands_without_words(qtbot):
    page = ResourcesPage()
    qtbot.addWidget(page)
    page.resize(350, 300)
    page.show()
    page.show_job(a_job(state=JobState.COMPLETED, max_rss=64 * G, resources=ASKED))
    row = page.rows["Memory"]
    assert row.bar.isVisible()
    assert row.bar.value() == 100
    assert row.words.text() == "64 of 32 GB, 200 %"
    assert row.bar.accessibleName() == "Memory: 64 of 32 GB, 200 %"
    assert not page.rows["CPUs"].bar.isVisible()
    assert not page.facts["Node"][0].isVisible()
