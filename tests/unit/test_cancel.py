"""What goes with a job that is cancelled, and what stays."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import AlreadyEnded, ClusterBusy, ConnectionFailed
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.session.cancel import cancel, cancel_waiting, waiting_for
from sleap_remote_plugin.ssh.transport import CommandResult


def a_job(slurm_id, after="", state=JobState.QUEUED, parent=""):
    return Job(
        "u" + slurm_id,
        JobKind.TRAIN,
        "labels",
        "/p.slp",
        "/ceph/" + slurm_id,
        "c",
        Resources(dependency=after),
        slurm_id=slurm_id,
        state=state,
        parent=parent,
    )


class Asked:
    """SLURM's commands; `says` is what squeue does."""

    def __init__(self, says=(0, "", "")):
        self.says = says
        self.argv = []

    def run(self, argv, **_):
        self.argv.append(argv)
        if "squeue" in argv:
            return CommandResult(tuple(argv), *self.says)
        return CommandResult(tuple(argv), 0, "", "")


@pytest.mark.parametrize(
    ("after", "goes"),
    [
        ("afterok:7", True),
        ("aftercorr:7", True),
        ("afterok:5:7", True),
        ("afterany:5,afterok:7", True),
        ("afterok:7_3", True),
        ("afterok:7+30", True),
        ("", False),
        ("afterok:77", False),
        ("afterok:8", False),
        ("afterany:7", False),
        ("afternotok:7", False),
        ("after:7", False),
        ("afterok:7?afterok:8", False),
        ("singleton", False),
    ],
)
def test_what_waits_for_its_good_end_goes_too(after, goes):
    job, other = a_job("7"), a_job("9", after)
    assert waiting_for(job, [job, other]) == ((other,) if goes else ())


def test_a_chain_goes_to_its_end_and_a_circle_too():
    chain = [a_job("7", "afterok:9"), a_job("8", "afterok:7"), a_job("9", "afterok:8")]
    assert set(waiting_for(chain[0], chain)) == set(chain)


def test_what_was_submitted_again_from_it_goes_on():
    job = a_job("7")
    assert waiting_for(job, [job, a_job("8", parent=job.uid)]) == ()


def test_what_runs_or_has_ended_is_left_alone():
    job = a_job("7")
    others = [
        a_job("8", "afterok:7", JobState.RUNNING),
        a_job("9", "afterok:7", JobState.COMPLETED),
    ]
    assert waiting_for(job, [job] + others) == ()


def test_those_that_wait_are_cancelled_by_their_names():
    job, other = a_job("7"), a_job("8", "afterok:7")
    slurm = Asked()
    cancel_waiting(job, [job, other], slurm)
    assert slurm.argv == [("scancel", "--me", "--name=" + other.slurm_name)]


def test_a_connection_lost_by_then_does_not_deny_what_was_cancelled(caplog):
    job = a_job("7")

    class Lost(Asked):
        def run(self, argv, **_):
            raise ConnectionFailed("The connection was lost.", sent=True)

    cancel_waiting(job, [job, a_job("8", "afterok:7")], Lost())
    assert "not cancelled" in caplog.text


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ((1, "", "slurm_load_jobs error: Unable to contact slurm controller"), 1),
        ((124, "", ""), 1),
        ((0, "7_0|RUNNING|None|0:01|n|1|1|another-job\n", ""), 0),
    ],
)
def test_a_task_is_cancelled_of_this_very_job_only(says, error):
    slurm, job = Asked(says), a_job("7", state=JobState.RUNNING)
    with pytest.raises(ClusterBusy if error else AlreadyEnded, match="ancelled"):
        cancel(job, slurm, lambda: job, task="0")
    assert not any("scancel" in argv for argv in slurm.argv)


def test_what_had_ended_already_is_said_in_the_users_words(monkeypatch):
    monkeypatch.setitem(TEXTS, JobState.TIMED_OUT, "Zeit abgelaufen")
    slurm, job = Asked(), a_job("7", state=JobState.TIMED_OUT)
    with pytest.raises(AlreadyEnded, match="it is zeit abgelaufen. Nothing was"):
        cancel(job, slurm, lambda: job)
    assert slurm.argv == []
