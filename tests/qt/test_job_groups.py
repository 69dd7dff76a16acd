"""Which job stands under which, and which of them are looked for; as tables."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.job_cells import gpu_text, sort_key, text_of
from sleap_remote_plugin.qt.job_filter import (
    ATTENTION,
    CHOICES,
    COMPLETED,
    OPEN,
    Wanted,
)
from sleap_remote_plugin.qt.job_groups import (
    NO_PROJECT,
    grouped,
    project_titles,
    short_name,
    tried_again,
)
from sleap_remote_plugin.qt.job_panel import nothing_text
from tests.qt.standins import a_job

TRAIN, PREDICT = JobKind.TRAIN, JobKind.PREDICT


def jobs_of(*rows):
    """``"t1"``, ``"p1<t1"`` (made from or after t1), ``"p1<t1@other"``."""
    found = []
    for row in rows:
        row, _, project = row.partition("@")
        uid, _, parent = row.partition("<")
        kind = TRAIN if uid.startswith("t") else PREDICT
        path = "/mnt/{}.slp".format(project or "labels")
        found.append(a_job(uid, kind=kind, parent=parent, project=path))
    return found


def written(branches):
    """``"labels(t1(p1) p2)"``."""
    texts = []
    for branch in branches:
        inner = written(branch.children)
        texts.append((branch.title or branch.key) + ("({})".format(inner or "")))
    return " ".join(texts).replace("()", "")


@pytest.mark.parametrize(
    ("rows", "tree"),
    [
        ((), ""),
        (("t1",), "labels(t1)"),
        (("p1<t1", "t1"), "labels(t1(p1))"),
        (("p2<t1", "p1<t1", "t1"), "labels(t1(p2 p1))"),
        (("t2", "p1<t1", "t1"), "labels(t2 t1(p1))"),
        # another try stands beside the first, the newest on top
        (("t3<t1", "t2", "t1"), "labels(t3 t1 t2)"),
        (("p2<p1", "p1<t1", "t1"), "labels(t1(p2 p1))"),
        (("p9", "p2<p1", "t2", "p1<t1", "t1"), "labels(p9 t2 t1(p2 p1))"),
        # predictions stay under the try that made their models
        (("p1<t2", "t2<t1", "t1"), "labels(t2(p1) t1)"),
        # the newest project first
        (("p1@b", "t1@a", "t2@b"), "b(p1 t2) a(t1)"),
        # a training of another project, one that is gone, nonsense
        (("p1<t1@b", "t1@a"), "b(p1) a(t1)"),
        (("p1<t7",), "labels(p1)"),
        (("t1<p1", "p1"), "labels(t1 p1)"),
        (("t1<t2", "t2<t1", "p1<p1"), "labels(t1 t2 p1)"),
    ],
)
def test_jobs_stand_by_project_and_chain(rows, tree):
    assert written(grouped(jobs_of(*rows))) == tree


def test_a_job_over_one_that_is_looked_for_is_shown_with_it():
    jobs = jobs_of("p1<t1", "t1", "t2", "t3@other")
    found = grouped(jobs, lambda job: job.uid == "p1")
    assert written(found) == "labels(t1(p1))"
    assert found[0].told == "3 submitting"  # of all of the project's jobs


@pytest.mark.parametrize(
    ("descending", "tree"),
    [(False, "b(t1(p1 p2) t2) a(t3)"), (True, "b(t2 t1(p2 p1)) a(t3)")],
)
def test_jobs_are_sorted_inside_their_projects(descending, tree):
    jobs = jobs_of("p2<t1@b", "t2@b", "p1<t1@b", "t3@a", "t1@b")
    assert written(grouped(jobs, None, lambda job: job.uid, descending)) == tree


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        (("/mnt/a/labels.v003.slp",), ("labels.v003",)),
        (("/mnt/a/x.slp", "/mnt/b/x.slp"), ("x (a)", "x (b)")),
        (("Z:\\lab\\小鼠.slp",), ("小鼠",)),
        (("",), (NO_PROJECT,)),
    ],
)
def test_a_project_is_called_by_its_file(paths, titles):
    assert tuple(project_titles(paths)[path] for path in paths) == titles


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("labels.v001 top-down", "top-down"),
        ("labels.v001", "labels.v001"),
        ("labels.v001 ", "labels.v001 "),
        ("labels.v0012 top-down", "labels.v0012 top-down"),
        ("mine", "mine"),
    ],
)
def test_a_jobs_name_is_read_without_its_projects(name, short):
    assert short_name(a_job(name=name, project="/mnt/labels.v001.slp")) == short


JOB = a_job(
    name="小鼠 Top-Down",
    project="/mnt/lab/Mice/labels.slp",
    node="gpu-sr670-20",
    state=JobState.OUT_OF_MEMORY,
    slurm_id="4711",
    resources=Resources(gpu_type="a4500"),
)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("top-down", True),
        ("TOP mice", True),
        ("小鼠", True),
        ("memory", True),
        ("sr670", True),
        ("4711", True),
        ("a4500 train", True),
        ("predict", False),
        ("top zebrafish", False),
    ],
)
def test_a_job_is_found_by_words_of_all_that_it_has(text, fits):
    assert Wanted(tuple(text.split())).fits(JOB) is fits


@pytest.mark.parametrize(
    ("state", "values", "choices"),
    [
        (JobState.RUNNING, {}, {OPEN}),
        (JobState.QUEUED, {"reason": "Priority"}, {OPEN}),
        (JobState.QUEUED, {"reason": "JobHeldUser"}, {OPEN, ATTENTION}),
        (JobState.QUEUED, {"reason": "PartitionTimeLimit"}, {OPEN, ATTENTION}),
        (JobState.UNCONFIRMED, {}, {OPEN, ATTENTION}),
        (JobState.COMPLETED, {}, {COMPLETED}),
        (JobState.CANCELLED, {}, set()),
        (JobState.FAILED, {}, {ATTENTION}),
        (JobState.INCOMPLETE, {}, {ATTENTION}),
        (JobState.LOST, {}, {ATTENTION}),
    ],
)
def test_what_is_open_finished_or_needs_attention(state, values, choices):
    job = a_job(state=state, **values)
    named = [name for name, _, _ in CHOICES[1:]]
    assert {n for n in named if Wanted((), n).fits(job)} == choices


def test_a_failure_that_was_submitted_again_needs_nobody():
    failed = a_job("t1", state=JobState.FAILED)
    again = tried_again([a_job("t2", parent="t1"), failed])
    assert not Wanted((), ATTENTION).fits(failed, again)
    made = a_job("p1", kind=PREDICT, parent="t1")
    assert Wanted((), ATTENTION).fits(failed, tried_again([made, failed]))


def test_an_empty_result_says_what_was_looked_for():
    assert nothing_text(Wanted(("big", "mouse"), OPEN)) == (
        "No job fits “big mouse” and “Open”."
    )


@pytest.mark.parametrize(
    ("resources", "text"),
    [
        (Resources(gpus=1), "any GPU"),
        (Resources(gpus=2), "2 × any GPUs"),
        (Resources(gpus=1, gpu_type="a4500"), "a4500"),
        (Resources(gpus=2, gpu_type="a4500"), "2 × a4500"),
        (Resources(gpus=0), "no GPU"),
    ],
)
def test_the_gpu_that_was_asked_for_is_named(resources, text):
    assert gpu_text(a_job(resources=resources)) == text
    job = a_job(resources=resources, node="gpu-1")
    assert text_of(job, 5, (), 0.0) == "gpu-1 · " + text


@pytest.mark.parametrize("column", range(7))
def test_any_jobs_can_be_sorted_by_any_column(column):
    jobs = [a_job(str(n), state=state) for n, state in enumerate(JobState)]
    jobs[3] = jobs[3].changed(submitted=5.0, started=1.0, ended=9.0, node="n")
    assert len(sorted(jobs, key=sort_key(column, lambda uid: (), 100.0))) == len(jobs)
