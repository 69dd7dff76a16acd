"""What becomes of a submission that was cut short, by what the mount and SLURM say."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import ClusterBusy, ConnectionFailed
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState
from sleap_remote_plugin.jobs.record import (
    RECORD_NAME,
    WITNESS_FOLDER,
    load_record,
    save_record,
)
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session import claim
from sleap_remote_plugin.session.recover import DOUBT_PATIENCE, Recovery
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.ssh.transport import CommandResult

P, S, U = JobState.PREPARING, JobState.SUBMITTING, JobState.UNCONFIRMED
Q, X, L = JobState.QUEUED, JobState.CANCELLED, JobState.LOST
NOTHING = (0, "", "")
DOWN = (1, "", "Connection refused")


def make_job(state, **values):
    return Job(
        "a1", JobKind.TRAIN, "n", "/p.slp", "/ceph/f", "c", Resources(), state=state
    ).changed(created=1000.0, **values)


def in_queue(slurm_id, name="sleap-train-a1"):
    return (0, "{}|PENDING|Priority|0:00||N/A|5|{}\n".format(slurm_id, name), "")


def in_accounts(slurm_id, state="COMPLETED"):
    line = "{}|{}|0:0|9||5|6|15|None|n1|sleap-train-a1\n"
    return (0, line.format(slurm_id, state), "")


class Slurm:
    """A stand-in: squeue and sacct say what the test wants, at a time of its own."""

    def __init__(self, queue=NOTHING, accounts=NOTHING):
        self.said = {"squeue": queue, "sacct": accounts}
        self.asked = []
        self.now = 1_000_000_000

    def run(self, argv, **_):
        program = next(word for word in argv if word in self.said)
        self.asked.append(program)
        code, out, err = self.said[program]
        if code is None:
            raise ConnectionFailed("The connection was lost.")
        return CommandResult(tuple(argv), code, "{}\n{}".format(self.now, out), err)


class Desk:
    """A list, a folder on the mount, and a cluster."""

    def __init__(self, root):
        self.folder = root / "f"
        self.folder.mkdir()
        self.store = Store(root / "jobs.sqlite")
        self.slurm = Slurm()
        self.clock = 2000.0

    def listed(self, state, record=None, **values):
        job = make_job(state, **values)
        self.store.add(job)
        if record is not None:
            save_record(self.folder, job.changed(state=record))
        return job

    def look(self):
        recovery = Recovery(
            self.slurm, self.store, lambda _: self.folder, lambda: self.clock
        )
        self.told = recovery.settle(self.store.jobs())
        return self.store.get("a1")


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize("record", [None, P])
def test_what_was_only_prepared_is_given_up_without_asking(desk, record):
    desk.listed(P, record)
    job = desk.look()
    assert job.state is X
    assert "Nothing was submitted" in desk.told[0]
    assert desk.slurm.asked == []


def test_one_that_the_mount_knows_as_announced_is_looked_for(desk):
    desk.listed(P, S)
    assert desk.look().state is U
    assert desk.slurm.asked == ["squeue", "sacct"]


def test_somebody_at_work_is_left_alone(desk):
    desk.listed(S, S)
    claim.take(desk.folder, "a1")
    try:
        assert desk.look().state is S
    finally:
        claim.release(desk.folder, "a1")
    assert desk.slurm.asked == []


def test_an_id_on_the_mount_is_taken_without_asking(desk):
    desk.listed(S)
    save_record(desk.folder, make_job(Q, slurm_id="7"))
    assert desk.look().slurm_id == "7"
    assert desk.slurm.asked == []
    assert "It was sent once" in desk.told[0]


def test_a_job_that_has_begun_tells_its_own_id(desk):
    desk.listed(U, S)
    (desk.folder / WITNESS_FOLDER).mkdir()
    (desk.folder / WITNESS_FOLDER / "owner.a1").write_text("7\n")
    assert desk.look().slurm_id == "7"
    assert desk.slurm.asked == []


@pytest.mark.parametrize(
    ("queue", "accounts"),
    [(in_queue(7), NOTHING), (NOTHING, in_accounts(7)), (DOWN, in_accounts(7))],
)
def test_a_job_that_slurm_knows_is_adopted(desk, queue, accounts):
    desk.listed(U, S)
    desk.slurm = Slurm(queue, accounts)
    job = desk.look()
    assert job.slurm_id == "7"
    assert job.state in (Q, JobState.FINISHING)
    assert load_record(desk.folder).slurm_id == "7"


def test_of_two_slurm_jobs_the_first_is_ours(desk):
    desk.listed(U, S)
    both = in_queue(12)[1] + in_queue(9)[1]
    desk.slurm = Slurm((0, both, ""))
    assert desk.look().slurm_id == "9"


def test_another_name_is_not_ours(desk):
    desk.listed(U, S)
    desk.slurm = Slurm(in_queue(7, "sleap-train-b2"))
    assert desk.look().slurm_id == ""


def test_silence_is_believed_after_a_while_by_the_clusters_clock(desk):
    desk.listed(S, S)
    assert desk.look().state is U
    desk.clock += 3 * 3600  # the laptop's clock is set: nothing has happened
    desk.slurm.now += 5
    assert desk.look().state is U
    desk.slurm.now += int(DOUBT_PATIENCE)
    job = desk.look()
    assert job.state is L
    assert "submit it again" in desk.told[0]
    assert load_record(desk.folder).state is L


@pytest.mark.parametrize("accounts", [DOWN, (1, "", "Slurm is not there")])
def test_silence_of_one_alone_is_never_believed(desk, accounts):
    desk.listed(U, S)
    desk.slurm = Slurm(NOTHING, accounts)
    for _ in range(3):
        desk.slurm.now += int(DOUBT_PATIENCE)
        assert desk.look().state is U


def test_a_cluster_without_accounts_is_believed(desk):
    desk.listed(U, S)
    none = (1, "", "Slurm accounting storage is disabled")
    desk.slurm = Slurm(NOTHING, none)
    desk.look()
    desk.slurm.now += int(DOUBT_PATIENCE)
    assert desk.look().state is L


def test_no_connection_changes_nothing_but_what_the_mount_tells(desk):
    desk.listed(S, S)
    desk.slurm = Slurm((None, "", ""))
    with pytest.raises(ConnectionFailed):
        desk.look()
    assert desk.store.get("a1").state is S


def test_a_mount_that_is_away_gives_nothing_up(desk):
    desk.listed(P, P)

    def away(_):
        raise ClusterBusy("no mount")

    recovery = Recovery(desk.slurm, desk.store, away, lambda: 0.0)
    assert recovery.settle(desk.store.jobs()) == ()
    assert desk.store.get("a1").state is P


def test_a_dead_claim_goes_with_its_submission(desk):
    desk.listed(P, P)
    claim.take(desk.folder, "a1")
    path = desk.folder / claim.CLAIM_NAME
    text = path.read_text()
    claim.release(desk.folder, "a1")
    path.write_text(text)
    desk.look()
    assert sorted(p.name for p in desk.folder.iterdir()) == [RECORD_NAME]
