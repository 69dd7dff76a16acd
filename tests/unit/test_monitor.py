"""How reports become states: arrays, witnesses, requeues, silence, a hanging mount."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import ClusterBusy
from sleap_remote_plugin.jobs.job import Job, JobKind, JobReport, JobState, Task
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER, WitnessEvent
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.judge import is_to_be_judged
from sleap_remote_plugin.session.monitor import (
    SILENCE_PATIENCE,
    Monitor,
    with_witness,
)
from sleap_remote_plugin.session.pace import RAREST, next_poll, slurm_wait
from sleap_remote_plugin.session.query import Query, combined
from sleap_remote_plugin.session.shared import Turn
from sleap_remote_plugin.ssh.transport import CommandResult

Q, R, C, F, X = (
    JobState.QUEUED,
    JobState.RUNNING,
    JobState.COMPLETED,
    JobState.FAILED,
    JobState.CANCELLED,
)


def make_job(state=JobState.QUEUED, tasks=1, kind=JobKind.TRAIN, **values):
    return Job(
        uid="a1",
        kind=kind,
        name="n",
        project="/p.slp",
        folder="/ceph/f",
        cluster="c",
        resources=Resources(),
        tasks=tuple(Task(str(n), "models/%d" % n) for n in range(tasks)),
        slurm_id="7",
        state=state,
        **values,
    )


class Answers:
    """A stand-in for the connection: SLURM says what the test wants."""

    def __init__(self, queue=(0, "", ""), accounts=(0, "", ""), ping=(0, "UP", "")):
        self.said = {"squeue": queue, "sacct": accounts, "scontrol": ping}
        self.asked = []

    def run(self, argv, **_):
        program = next(word for word in argv if word in self.said)
        self.asked.append(program)
        return CommandResult(tuple(argv), *self.said[program])


DOWN = (1, "", "slurm_load_jobs error: Unable to contact slurm controller")
ABSENT = (1, "", "Slurm accounting storage is disabled")
NAME = "sleap-train-a1"


def queue_line(state, number="7", reason="None", start="N/A", name=NAME):
    return "|".join([number, state, reason, "0:10", "node1", start, "N/A", name]) + "\n"


def account_line(state, number="7", code="0:0", start="50", end="90", name=NAME):
    fields = [number, state, code, "40", "", "40", start, end, "None", "node1", name]
    return "|".join(fields) + "\n"


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([Q, Q], Q),
        ([Q, R], R),
        ([Q, C], R),  # some are done, some wait: the job has begun
        ([R, C], R),
        ([C, C], C),
        ([C, F], F),
        ([C, X], X),
        ([JobState.FINISHING, R], R),
        ([JobState.FINISHING, Q], R),
        ([JobState.FINISHING, C], JobState.FINISHING),
        ([C, None], C),
        ([], None),
        ([None], None),
    ],
)
def test_a_job_array_is_as_its_tasks_are(states, whole):
    reports = [JobReport("7", state, task=str(n)) for n, state in enumerate(states)]
    found = combined(reports)
    assert (found and found.state) is whole


def test_a_job_array_of_which_some_are_unknown_has_not_ended():
    assert combined([JobReport("7", C, task="0")], tasks=2) is None
    reports = [JobReport("7", C, task="0"), JobReport("7", Q, task="1")]
    assert combined(reports, tasks=3).state is R


def test_an_arrays_time_is_from_the_first_start_to_the_last_end():
    first = JobReport("7", C, task="0", started=10.0, ended=40.0, max_rss=5.0)
    last = JobReport("7", C, task="1", started=30.0, ended=90.0, max_rss=3.0)
    whole = combined([first, last], tasks=2)
    assert (whole.elapsed, whole.max_rss, whole.ended) == (80.0, 5.0, 90.0)


# -- what is asked -------------------------------------------------------------------


def test_a_job_that_squeue_no_longer_has_is_looked_for_in_the_accounts():
    transport = Answers()
    Query(transport).ask([make_job()])
    assert transport.asked == ["squeue", "sacct"]


def test_a_job_that_runs_needs_no_accounts():
    transport = Answers((0, queue_line("RUNNING"), ""))
    answer = Query(transport).ask([make_job()])
    assert transport.asked == ["squeue"]
    assert answer.reports["7"][""].state is R


def test_the_accounts_tell_the_exit_code_of_a_job_that_the_queue_still_shows():
    transport = Answers(
        (0, queue_line("FAILED"), ""), (0, account_line("FAILED", code="3:0"), "")
    )
    report = Query(transport).ask([make_job()]).reports["7"][""]
    assert (report.state, report.exit_code) == (F, "3:0")


@pytest.mark.parametrize("late", ["RUNNING", "PENDING", "PREEMPTED"])
def test_accounts_that_lag_behind_do_not_overrule_the_queue(late):
    transport = Answers((0, queue_line("CANCELLED"), ""), (0, account_line(late), ""))
    assert Query(transport).ask([make_job()]).reports["7"][""].state is X


def test_the_tasks_that_the_queue_forgot_are_in_the_accounts():
    job = make_job(tasks=2, kind=JobKind.PREDICT)
    name = job.slurm_name
    transport = Answers(
        (0, queue_line("COMPLETED", "7_1", name=name), ""),
        (0, account_line("FAILED", "7_0", name=name), ""),
    )
    found = Query(transport).ask([job]).reports["7"]
    assert combined(list(found.values()), 2).state is F


def test_another_job_that_slurm_gave_the_same_id_is_not_ours():
    transport = Answers(
        (0, queue_line("RUNNING", name="somebody-elses"), ""),
        (0, account_line("COMPLETED", name="yesterdays"), ""),
    )
    assert Query(transport).ask([make_job()]).reports == {}


def test_silence_of_both_changes_nothing():
    assert Query(Answers()).ask([make_job()]).reports == {}


def test_accounting_that_is_down_is_a_trouble_not_an_end():
    transport = Answers(accounts=(1, "", "Connection refused"))
    answer = Query(transport).ask([make_job()])
    assert answer.reports == {}
    assert "accounting" in answer.troubles[0]
    assert not answer.knows_all


def test_a_cluster_without_accounts_has_no_trouble():
    answer = Query(Answers(accounts=ABSENT)).ask([make_job()])
    assert (answer.troubles, answer.knows_all) == ((), True)


def test_neither_answering_is_said():
    with pytest.raises(ClusterBusy):
        Query(Answers(queue=DOWN, accounts=DOWN)).ask([make_job()])


def test_a_controller_that_was_down_is_only_pinged_until_it_is_back():
    transport = Answers(DOWN, (0, account_line("RUNNING"), ""), DOWN)
    query = Query(transport)
    query.ask([make_job()])
    assert query.ask([make_job()]).reports["7"][""].state is R
    assert transport.asked == ["squeue", "sacct", "scontrol", "sacct"]

    transport.said.update(scontrol=(0, "UP", ""), squeue=(0, queue_line("RUNNING"), ""))
    transport.asked.clear()
    assert query.ask([make_job()]).troubles == ()
    assert transport.asked == ["scontrol", "squeue"]


@pytest.mark.parametrize("end", ["NODE_FAIL", "PREEMPTED"])
def test_an_end_that_a_requeue_may_follow_needs_the_queue(end):
    accounts = (0, account_line(end), "")
    assert Query(Answers(DOWN, accounts)).ask([make_job()]).reports["7"] == {}
    told = Query(Answers(accounts=accounts)).ask([make_job()]).reports["7"][""]
    assert told.state.is_final


def test_no_job_asks_nothing():
    transport = Answers()
    Query(transport).ask([])
    assert transport.asked == []


GARBAGE = st.text(max_size=200) | st.lists(
    st.sampled_from(
        ["7", "7_0", "|", "RUNNING", "COMPLETED", "FAILED+", "\n", NAME, ""]
    )
).map("".join)


@given(GARBAGE, GARBAGE, st.integers(0, 2))
def test_garbage_is_no_exception_and_ends_no_job(queue, accounts, code):
    transport = Answers((0, queue, ""), (code, accounts, ""))
    answer = Query(transport).ask([make_job()])
    states = {r.state for tasks in answer.reports.values() for r in tasks.values()}
    said = queue + accounts
    assert not ({C, F} & states) or "COMPLETED" in said or "FAILED" in said


# -- the witness ---------------------------------------------------------------------


def event(what, time=10.0, **values):
    return WitnessEvent(what, time, "node1", "7", **values)


def test_a_started_job_runs_though_slurm_is_silent():
    job = with_witness(make_job(), [event("started")], 20.0)
    assert (job.state, job.node) == (JobState.RUNNING, "node1")


def test_each_models_exit_code_is_kept():
    events = [event("started"), event("step", index=0, exit_code=0)]
    events += [event("step", index=1, exit_code=3)]
    job = with_witness(make_job(tasks=2), events, 20.0)
    assert [task.exit_code for task in job.tasks] == [0, 3]


def test_a_good_end_is_believed_before_slurm_tells():
    events = [event("started"), event("ended", exit_code=0)]
    assert with_witness(make_job(), events, 20.0).state is JobState.FINISHING


def test_one_tasks_end_does_not_end_the_array():
    events = [event("started"), event("ended", exit_code=0)]
    job = with_witness(make_job(tasks=3, kind=JobKind.PREDICT), events, 20.0)
    assert not job.state.is_final
    assert job.state is not JobState.FINISHING


def test_an_ended_job_is_not_brought_back_by_its_old_witness():
    job = make_job(JobState.CANCELLED)
    assert with_witness(job, [event("started")], 20.0).state is JobState.CANCELLED


def test_an_earlier_jobs_account_in_the_same_folder_is_not_this_ones():
    job = make_job().changed(slurm_id="8")
    assert (
        with_witness(job, [event("started"), event("ended", exit_code=0)], 20.0) == job
    )


def test_the_account_of_a_run_before_a_requeue_is_over():
    waiting = make_job(restarts=1)
    old = [event("started"), event("ended", exit_code=0)]
    assert with_witness(waiting, old, 20.0).state is Q
    again = [*old, event("started", 30.0, restart=1)]
    assert with_witness(waiting, again, 40.0).state is R


# -- one look ------------------------------------------------------------------------


def look(job, folder, now, transport=None, monitor=None, turn=Turn.ALL):
    """What one look changes in a job."""
    monitor = monitor or Monitor(transport or Answers(), lambda _: folder)
    monitor.clock = lambda: now
    change = monitor.changes([job], turn).get(job.uid)
    return change(job) if change else job


def write_witness(folder, *lines):
    (folder / WITNESS_FOLDER).mkdir()
    (folder / WITNESS_FOLDER / "job.jsonl").write_text("\n".join(lines) + "\n")


STARTED = '{"event": "started", "job": "7", "time": 1795381410}'
ENDED = '{"event": "ended", "job": "7", "time": 1795381420, "exit_code": 0}'
ENDED_BADLY = '{"event": "ended", "job": "7", "time": 1795381420, "exit_code": 3}'


def test_a_job_that_told_its_end_does_not_run_again_in_a_queue_that_is_late(tmp_path):
    write_witness(tmp_path, STARTED, ENDED)
    late = Answers((0, queue_line("RUNNING", start="1795381400"), ""))
    job = look(make_job(R, started=1795381400.0), tmp_path, 30.0, late)
    assert (job.state, job.restarts) == (JobState.FINISHING, 0)
    again = Answers((0, queue_line("RUNNING", start="1795381500"), ""))
    job = look(job, tmp_path, 40.0, again)
    assert (job.state, job.restarts) == (R, 1)  # started after that end


def test_a_job_that_waits_again_stays_so_though_its_old_account_is_there(tmp_path):
    write_witness(tmp_path, STARTED, ENDED)
    queue = Answers((0, queue_line("PENDING", reason="BeginTime"), ""))
    job = look(make_job(R, started=9.0), tmp_path, 30.0, queue)
    for now in (40.0, 50.0):
        job = look(job, tmp_path, now, queue)
        assert (job.state, job.restarts) == (Q, 1)


def test_a_job_that_slurm_clears_up_has_no_end_yet(tmp_path):
    queue = Answers((0, queue_line("COMPLETING"), ""))
    job = look(make_job(R), tmp_path, 30.0, queue)
    assert job.state is JobState.FINISHING
    assert not is_to_be_judged(job)  # it may have been cancelled
    queue.said["squeue"] = (0, queue_line("CANCELLED"), "")
    assert look(job, tmp_path, 40.0, queue).state is X


def test_slurms_completed_is_an_end_to_be_judged(tmp_path):
    queue = Answers((0, queue_line("COMPLETED"), ""))
    assert is_to_be_judged(look(make_job(R), tmp_path, 30.0, queue))


def test_why_a_job_waits_and_when_it_may_start_are_told(tmp_path):
    line = queue_line("PENDING", reason="Resources", start="1795385000")
    job = look(make_job(), tmp_path, 30.0, Answers((0, line, "")))
    assert job.start_estimate == 1795385000.0
    assert "It is next" in job.note


def test_a_paused_job_is_told(tmp_path):
    job = look(make_job(R), tmp_path, 30.0, Answers((0, queue_line("SUSPENDED"), "")))
    assert (job.state, "paused" in job.note) == (R, True)


def test_nothing_new_is_nothing_to_write_down(tmp_path):
    queue = Answers((0, queue_line("RUNNING", start="20"), ""))
    job = look(make_job(), tmp_path, 30.0, queue)
    assert Monitor(queue, lambda _: tmp_path, lambda: 45.0).changes([job]) == {}


def test_a_mount_that_hangs_holds_up_no_answer_of_slurm(tmp_path):
    hanging = threading.Event()

    def folder_of(job):
        hanging.wait(60)
        return tmp_path

    monitor = Monitor(Answers((0, queue_line("RUNNING"), "")), folder_of)
    monitor.witnesses.patience = 0.05
    try:
        for now in (10.0, 100.0):
            assert look(make_job(), tmp_path, now, monitor=monitor).state is R
            assert "mount has not answered" in monitor.troubles[0]
        assert monitor.witnesses.hangs
    finally:
        hanging.set()


def test_the_mount_alone_tells_of_a_start_while_slurm_is_down(tmp_path):
    write_witness(tmp_path, STARTED)
    both_down = Answers(DOWN, DOWN, DOWN)
    monitor = Monitor(both_down, lambda _: tmp_path)
    assert look(make_job(), tmp_path, 30.0, monitor=monitor).state is R
    assert any("SLURM does not answer" in text for text in monitor.troubles)


def test_while_another_window_asks_nobody_is_asked(tmp_path):
    write_witness(tmp_path, STARTED)
    transport = Answers()
    assert look(make_job(), tmp_path, 30.0, transport, turn=Turn.NOBODY).state is R
    assert transport.asked == []


def test_between_two_questions_the_accounts_are_asked_of_an_end(tmp_path):
    write_witness(tmp_path, STARTED, ENDED_BADLY)
    transport = Answers(accounts=(0, account_line("FAILED", code="3:0"), ""))
    job = look(make_job(R), tmp_path, 30.0, transport, turn=Turn.ENDS)
    assert (job.state, job.exit_code) == (F, "3:0")
    assert transport.asked == ["sacct"]


def test_what_comes_a_little_late_is_still_fetched(tmp_path):
    queue = Answers((0, queue_line("FAILED"), ""), (1, "", "Connection refused"))
    job = look(make_job(R), tmp_path, 30.0, queue)
    assert (job.state, job.max_rss, job.tasks[0].exit_code) == (F, None, None)
    write_witness(
        tmp_path, STARTED, '{"event":"step","job":"7","index":0,"exit_code":3}'
    )
    fields = account_line("FAILED", code="3:0") + account_line("FAILED", "7.batch")
    queue.said["sacct"] = (0, fields.replace("|40||40|", "|40|5G|40|"), "")
    job = look(job, tmp_path, 34.0, queue, turn=Turn.ENDS)
    assert (job.state, job.tasks[0].exit_code) == (F, 3)
    assert job.max_rss == 5 * 2**30
    queue.asked.clear()
    look(job, tmp_path, 60.0, queue)
    assert queue.asked == []


# -- silence -------------------------------------------------------------------------


def after_silence(folder, transport, moments, job=None):
    job = job or make_job(R, seen=1000.0)
    monitor = Monitor(transport, lambda _: folder)
    for now in moments:
        job = look(job, folder, now, monitor=monitor)
    return job


@pytest.mark.parametrize("accounts", [(0, "", ""), ABSENT])
def test_a_job_that_nobody_knows_is_lost_after_an_hour_of_asking(tmp_path, accounts):
    transport = Answers(accounts=accounts)
    moments = [9e5, 9e5 + 600.0]  # last seen long ago: the laptop slept
    job = after_silence(tmp_path, transport, moments)
    assert job.state is R
    assert "for 10 min" in job.note
    job = after_silence(tmp_path, transport, [9e5 + SILENCE_PATIENCE + 1.0], job)
    assert job.state is JobState.LOST
    assert "for 1 h" in job.note


def test_a_job_that_is_heard_of_again_is_not_silent(tmp_path):
    job = after_silence(tmp_path, Answers(), [2000.0, 2600.0])
    queue = Answers((0, queue_line("RUNNING"), ""))
    job = after_silence(tmp_path, queue, [2700.0], job)
    assert (job.silent_since, job.note) == (None, "")


@pytest.mark.parametrize(
    "transport",
    [
        Answers(accounts=(1, "", "Connection refused")),
        Answers(queue=DOWN, ping=DOWN),
    ],
    ids=["accounting down", "queue down"],
)
def test_a_job_is_not_lost_while_somebody_cannot_be_asked(tmp_path, transport):
    job = make_job(R, seen=1000.0)
    assert after_silence(tmp_path, transport, [1e6, 1.1e6], job) == job


def test_a_job_is_not_lost_while_its_disk_is_not_there(tmp_path):
    job = make_job(R, seen=1000.0)
    gone = tmp_path / "not mounted" / "folder"
    assert after_silence(gone, Answers(), [1e6, 1.1e6], job) == job


def test_an_array_whose_last_tasks_nobody_knows_is_what_is_known(tmp_path):
    job = make_job(R, tasks=3, kind=JobKind.PREDICT)
    line = account_line("FAILED", "7_0", name=job.slurm_name)
    transport = Answers(accounts=(0, line, ""))
    job = after_silence(tmp_path, transport, [2000.0], job)
    assert job.state is R
    job = after_silence(tmp_path, transport, [2001.0 + SILENCE_PATIENCE], job)
    assert job.state is F


def test_without_accounts_an_arrays_own_word_counts(tmp_path):
    (tmp_path / WITNESS_FOLDER).mkdir()
    for task, code in (("0", 0), ("1", 3)):
        lines = [STARTED, ENDED.replace('"exit_code": 0', '"exit_code": %d' % code)]
        text = "\n".join(lines).replace('"job"', '"task": "%s", "job"' % task)
        (tmp_path / WITNESS_FOLDER / (task + ".jsonl")).write_text(text + "\n")
    job = make_job(R, tasks=2, kind=JobKind.PREDICT)
    assert after_silence(tmp_path, Answers(accounts=ABSENT), [30.0], job).state is F


def test_a_failure_that_only_the_job_itself_told_is_a_failure(tmp_path):
    write_witness(tmp_path, STARTED, ENDED_BADLY)
    job = look(make_job(R, seen=1000.0), tmp_path, 1010.0)
    assert (job.state, job.exit_code) == (F, "3:0")


# -- when to look again --------------------------------------------------------------


def test_no_open_job_needs_no_look():
    assert next_poll([make_job(JobState.COMPLETED)], 0.0) is None


@pytest.mark.parametrize(
    ("age", "wait"), [(0, 5.0), (600, 5.0), (2400, 20.0), (86400, 30.0)]
)
def test_looks_get_rarer_with_a_jobs_age(age, wait):
    assert next_poll([make_job(submitted=1000.0)], 1000.0 + age) == wait


def test_the_youngest_job_sets_the_pace():
    jobs = [make_job(submitted=0.0), make_job(submitted=86400.0)]
    assert next_poll(jobs, 86400.0) == 5.0


@pytest.mark.parametrize("number", [1, 300])
def test_any_hour_has_at_most_sixty_questions_to_slurm(number):
    jobs = [make_job(submitted=0.0) for _ in range(number)]
    now, asked = 0.0, []
    while now < 7200.0:
        asked.append(now)
        now += slurm_wait(jobs, now)
    assert asked[1] == 5.0
    assert max(sum(1 for t in asked if s <= t < s + 3600.0) for s in asked) <= 60


def test_slurm_is_asked_sooner_of_a_job_that_it_clears_up():
    ending = make_job(JobState.FINISHING, submitted=0.0)
    assert slurm_wait([ending], 1e6) < RAREST
    assert slurm_wait([ending.changed(ended=5.0)], 1e6) == RAREST
