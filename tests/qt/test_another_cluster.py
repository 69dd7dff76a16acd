"""Another cluster is chosen while something is under way for the one in use."""

from __future__ import annotations

import threading

import pytest

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.qt.loads import LoadMode
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import StandInSession, Studio, a_job, a_profile


@pytest.fixture
def two(qtbot, home, tmp_path):
    """A window with two clusters; *practice* is in use, a prediction is there."""
    here, there = a_profile(tmp_path), a_profile(tmp_path, name="b", title="Other HPC")
    studio = Studio(qtbot, tmp_path, Profiles((here, there), ()))
    other = studio.other = StandInSession(there, tmp_path)
    sessions = {"practice": studio.session, "b": other}
    studio.controller.in_use._open = lambda profile: sessions[profile.name]
    studio.read_gate = threading.Event()
    studio.read_gate.set()
    read = studio.host.read_predictions

    def reading(*given):
        assert studio.read_gate.wait(30)
        return read(*given)

    studio.host.read_predictions = reading
    job = a_job(
        kind=JobKind.PREDICT,
        state=JobState.COMPLETED,
        project=studio.host.open_project.path,
    )
    studio.show_jobs(job)
    yield studio
    studio.read_gate.set()
    other.gate.set()
    studio.close()


def choose(studio, name):
    studio.controller._on_profile_chosen(name)


def press(studio, name):
    studio.child(name).click()


def wait_for_the_files_lane(studio):
    with studio.qtbot.waitCallback() as answered:
        studio.controller.files.do(lambda: None, answered)


def said(studio):
    return studio.dock.notice.label.text()


def test_a_load_that_is_being_read_ends_and_its_line_goes(two):
    two.read_gate.clear()
    press(two, "remote_load_predictions")
    two.qtbot.waitUntil(two.dock.progress.isVisible)
    choose(two, "b")
    assert not two.dock.progress.isVisible()
    assert "The load was stopped. Nothing was loaded" in said(two)
    two.read_gate.set()
    wait_for_the_files_lane(two)
    assert not two.dock.progress.isVisible()
    assert two.host.merges == 0


def test_a_load_that_waits_for_the_users_choice_ends_and_its_dialog_goes(two):
    press(two, "remote_load_predictions")
    dialog = two.child("remote_load_dialog")
    choose(two, "b")
    assert not dialog.isVisible()
    assert "The load was stopped. Nothing was loaded" in said(two)


def test_the_question_whether_to_open_them_alone_goes(two):
    two.host.change(None)
    press(two, "remote_load_predictions")
    question = two.child("remote_load_alone")
    choose(two, "b")
    two.qtbot.waitUntil(lambda: not question.isVisible())
    wait_for_the_files_lane(two)
    assert two.host.calls == []


def test_a_load_that_is_in_the_project_is_told_and_can_be_taken_back(two):
    loading = two.controller.results.loading
    loading.progressed.connect(lambda *_: choose(two, "b") if loading._is_in else None)
    press(two, "remote_load_predictions")
    press(two, "remote_load_accept")
    undo = two.child("remote_undo_load")
    assert two.controller.profile.name == "b"
    assert not loading.is_busy
    assert two.host.calls[-1] == ("merge", LoadMode.REPLACE)
    assert "20 predicted instances" in said(two)
    undo.click()
    wait_for_the_files_lane(two)
    path = two.host.open_project.path
    assert two.session.noted == (("u1", path, False), ("u1", path, True))


def test_what_is_short_goes_on_and_its_line_goes(two):
    cancel, gate = two.session.cancel, threading.Event()
    two.session.cancel = lambda job: cancel(job) if gate.wait(30) else None
    two.show_jobs(a_job(state=JobState.RUNNING))
    press(two, "remote_cancel_job")
    press(two, "remote_cancel_question_yes")
    two.qtbot.waitUntil(two.dock.progress.isVisible)
    choose(two, "b")
    gate.set()
    two.qtbot.waitUntil(lambda: "SLURM was told to stop" in said(two))
    assert not two.dock.progress.isVisible()


@pytest.fixture
def exporting(two):
    """A training for *practice* is being exported."""
    two.host.write_gate.clear()
    two.run()
    two.child("remote_submit_dialog").accept()
    two.qtbot.waitUntil(lambda: len(two.dock.model.jobs()) == 2)
    return two


def test_a_job_on_its_way_elsewhere_is_in_that_clusters_list_only(exporting):
    choose(exporting, "b")
    assert exporting.dock.model.jobs() == ()
    choose(exporting, "practice")
    exporting.qtbot.waitUntil(lambda: len(exporting.dock.model.jobs()) == 2)
    assert exporting.dock.model.jobs()[0].state is JobState.PREPARING


def test_a_job_that_was_submitted_elsewhere_is_said_with_where(exporting):
    choose(exporting, "b")
    exporting.host.write_gate.set()
    where = "was submitted to Practice HPC as job 417. It is in the list there."
    exporting.qtbot.waitUntil(lambda: where in said(exporting))
    assert exporting.dock.model.jobs() == ()
    assert len(exporting.session.submissions) == 1
    choose(exporting, "practice")
    exporting.qtbot.waitUntil(lambda: len(exporting.dock.model.jobs()) == 2)


def test_with_no_cluster_left_no_row_stays_that_nothing_can_be_done_with(exporting):
    exporting.controller.use(None)
    exporting.host.write_gate.set()
    exporting.qtbot.waitUntil(lambda: "Practice HPC as job 417" in said(exporting))
    assert exporting.dock.model.jobs() == ()
    choose(exporting, "practice")
    exporting.qtbot.waitUntil(lambda: len(exporting.dock.model.jobs()) == 2)


@pytest.fixture
def open_there(two):
    """*b* is in use and has no job, while jobs of others are open."""
    jobs = [a_job(name, cluster=name) for name in ("practice", "practice", "removed")]
    two.other.elsewhere = tuple(jobs)
    choose(two, "b")
    two.qtbot.waitUntil(lambda: "elsewhere" in two.dock.empty.text())
    return two


OPEN = "Open elsewhere, when last looked at: 2 jobs on Practice HPC, 1 job on removed."


def test_open_jobs_of_other_clusters_are_said_where_there_is_none(open_there):
    text = open_there.dock.empty.text()
    assert "No remote jobs on Other HPC yet. " + OPEN in text
    assert "Press Train..." in text
    choose(open_there, "practice")
    assert "elsewhere" not in open_there.dock.empty.text()


def test_open_jobs_of_other_clusters_are_said_when_sleap_closes(open_there):
    closes = " Jobs go on while SLEAP is closed."
    assert open_there.controller._farewell() == OPEN + closes
    open_there.other.stored = (a_job("o", cluster="b", state=JobState.RUNNING),)
    open_there.controller.follower.start()
    open_there.qtbot.waitUntil(lambda: len(open_there.dock.model.jobs()) == 1)
    here, there = open_there.controller._farewell().split("\n\n")
    assert here.startswith("Your job goes on by itself on Other HPC.")
    assert there == OPEN + closes
