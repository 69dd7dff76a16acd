"""What is asked for when a job is submitted again."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.another_try import another_try
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.resources import Partition, Resources

G = 2**30
LIMITS = (Partition("gpu", 8 * 3600, 32, 48 * G, ("a4500",), 4),)


def a_job(**values):
    return Job(
        **{
            "uid": "u1",
            "kind": JobKind.TRAIN,
            "name": "n",
            "project": "p",
            "folder": "f",
            "cluster": "c",
            "resources": Resources(memory=16 * G, time=3 * 3600),
            **values,
        }
    )


@pytest.mark.parametrize(
    ("asked", "limits", "memory", "words"),
    [
        (16 * G, LIMITS, 32 * G, "The memory is 32G now; 16G were not enough"),
        (32 * G, LIMITS, 48 * G, "The memory is 48G now"),
        (48 * G, LIMITS, 48 * G, "the partition has no more"),
        (64 * G, LIMITS, 64 * G, "the partition has no more"),
        (16 * G, (), 32 * G, "The memory is 32G now"),
    ],
)
def test_a_job_that_ran_out_of_memory_gets_more_as_far_as_there_is(
    asked, limits, memory, words
):
    job = a_job(state=JobState.OUT_OF_MEMORY, resources=Resources(memory=asked))
    wanted, sentence = another_try(job, limits)
    assert wanted == Resources(memory=memory)
    assert words in sentence


@pytest.mark.parametrize(("asked", "time"), [(3600, 7200), (5 * 3600, 8 * 3600)])
def test_a_job_that_ran_out_of_time_gets_more_as_far_as_there_is(asked, time):
    job = a_job(state=JobState.TIMED_OUT, resources=Resources(time=asked))
    assert another_try(job, LIMITS)[0] == Resources(time=time)


@pytest.mark.parametrize(
    ("before", "exclude"), [("", "gpu-7"), ("gpu-1", "gpu-1,gpu-7"), ("gpu-7", "gpu-7")]
)
def test_a_node_that_gave_no_gpu_is_left_out(before, exclude):
    job = a_job(
        state=JobState.FAILED,
        exit_code="93:0",
        node="gpu-7",
        resources=Resources(exclude=before),
    )
    wanted, sentence = another_try(job, LIMITS)
    assert wanted.exclude == exclude
    assert "gpu-7" in sentence


def test_of_several_nodes_none_is_left_out():
    job = a_job(state=JobState.FAILED, exit_code="93:0", node="gpu-7,gpu-8")
    assert another_try(job, LIMITS) == (job.resources, "")


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.LOST])
def test_other_ends_ask_for_the_same_again(state):
    job = a_job(state=state)
    assert another_try(job, LIMITS) == (job.resources, "")
