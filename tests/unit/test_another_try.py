"""What is asked for when a job is submitted again."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.jobs.another_try import another_try, offer_of
from sleap_remote_plugin.jobs.deeds import Batch, Deed, Offer
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


# -- the button ----------------------------------------------------------------------

HALVED = (Batch("centroid", 8, 4),)


@pytest.mark.parametrize(
    ("deed", "values", "batches", "expected", "text"),
    [
        (Deed.MORE_MEMORY, {}, (), Deed.MORE_MEMORY, "Submit again with 32 GB"),
        (
            Deed.MORE_MEMORY,
            {"resources": Resources(memory=48 * G)},
            (),
            Deed.AGAIN,
            "Submit again...",
        ),
        (Deed.MORE_TIME, {}, (), Deed.MORE_TIME, "Submit again with 6 h"),
        (
            Deed.MORE_TIME,
            {"resources": Resources(time=2700)},
            (),
            Deed.MORE_TIME,
            "Submit again with 01:30:00",
        ),
        (
            Deed.WITHOUT_NODE,
            {"node": "gpu-7"},
            (),
            Deed.WITHOUT_NODE,
            "Submit again without gpu-7",
        ),
        (Deed.WITHOUT_NODE, {"node": "gpu-[7-8]"}, (), Deed.AGAIN, "Submit again..."),
        (
            Deed.SMALLER_BATCH,
            {},
            HALVED,
            Deed.SMALLER_BATCH,
            "Submit again with batch size 4",
        ),
        (Deed.SMALLER_BATCH, {}, (), Deed.AGAIN, "Submit again..."),
        (Deed.OTHER_MODULE, {}, (), Deed.OTHER_MODULE, "Choose another module..."),
        (Deed.SHOW_LOG, {}, (), Deed.SHOW_LOG, "Show log"),
    ],
)
def test_a_button_says_what_it_will_do_and_only_what_it_can(
    deed, values, batches, expected, text
):
    offer = offer_of(a_job(state=JobState.FAILED, **values), deed, LIMITS, batches)
    assert (offer.deed, offer.text) == (expected, text)


def test_a_deed_asks_for_what_its_button_says_whatever_the_state():
    job = a_job(state=JobState.FAILED)
    wanted, sentence = another_try(job, LIMITS, Offer(Deed.MORE_MEMORY, ""))
    assert wanted.memory == 32 * G
    assert "32G now" in sentence


def test_a_smaller_batch_is_said_and_the_resources_stay():
    job = a_job(state=JobState.FAILED)
    offer = Offer(Deed.SMALLER_BATCH, "", HALVED)
    wanted, sentence = another_try(job, LIMITS, offer)
    assert wanted == job.resources
    assert "of centroid is 4 now, instead of 8" in sentence
