"""What the submit dialog asks of the session, and *Save as files*."""

from __future__ import annotations

import stat

import pytest

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt import start_estimate
from sleap_remote_plugin.qt.start_estimate import QUIET
from sleap_remote_plugin.slurm.estimate import Estimate
from tests.qt.standins import a_job
from tests.qt.submit_states import a_site
from tests.qt.test_submission import left_over, message, press

GB = 2**30


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(start_estimate, "QUIET", 60)


def opened(studio, mode="training"):
    studio.run(mode)
    return studio.child("remote_submit_dialog")


def test_the_clusters_choices_come_when_they_come(studio):
    studio.session.site_now = a_site()
    dialog = opened(studio)
    studio.qtbot.waitUntil(lambda: "a4500 – 3 free now" in dialog.gpu_type.details())
    dialog.reject()


def test_this_projects_last_job_is_told(studio):
    project = str(studio.folder / "labels.slp")
    studio.session.stored = (
        a_job(
            state=JobState.COMPLETED, project=project, max_rss=9.1 * GB, elapsed=4800.0
        ),
    )
    dialog = opened(studio)
    studio.qtbot.waitUntil(lambda: "9.1 GB, 01:20:00" in dialog.last_time.text.text())
    dialog.reject()


def test_the_start_is_asked_for_once_after_a_change_and_a_pause(studio):
    session = studio.session
    session.connect()
    session.start = Estimate(0.0)
    dialog = opened(studio)
    studio.qtbot.waitUntil(lambda: "at once" in dialog.start.text.text())
    assert len(session.estimates) == 1
    for cpus in (3, 4, 5):
        dialog.cpus.setValue(cpus)
    assert "at once" not in dialog.start.text.text()  # it was of another request
    studio.qtbot.waitUntil(lambda: "at once" in dialog.start.text.text())
    assert [asked[1].cpus for asked in session.estimates] == [8, 5]
    dialog.memory.setText("plenty")
    dialog.memory.setText("32G")
    studio.qtbot.waitUntil(lambda: "at once" in dialog.start.text.text())
    dialog.reject()


def test_no_start_is_asked_for_while_the_user_goes_on_changing(studio, monkeypatch):
    assert QUIET == 600
    monkeypatch.setattr(start_estimate, "QUIET", 10**6)
    studio.session.connect()
    studio.session.site_now = a_site()
    dialog = opened(studio)
    studio.qtbot.waitUntil(lambda: "a4500 – 3 free now" in dialog.gpu_type.details())
    for cpus in (3, 4, 5):
        dialog.cpus.setValue(cpus)
        studio.qtbot.wait(30)
    assert studio.session.estimates == []
    dialog.reject()


def test_no_start_is_asked_for_where_nobody_is_signed_in_or_something_is_wrong(studio):
    dialog = opened(studio)
    dialog.cpus.setValue(3)
    studio.qtbot.wait(200)
    assert studio.session.estimates == []
    studio.session.connect()
    dialog.time.setText("99-00")
    studio.qtbot.wait(200)
    dialog.time.setText("1:00:00")
    dialog.advanced.lines["dependency"].setText("afterok:7")
    studio.qtbot.wait(200)
    assert studio.session.estimates == []
    dialog.reject()


def test_advanced_stays_as_it_was_left(studio):
    dialog = opened(studio)
    dialog.advanced.button.click()
    dialog.reject()
    again = opened(studio)
    studio.qtbot.waitUntil(lambda: again.advanced.button.isChecked())
    again.advanced.button.click()
    again.reject()
    settings = studio.session.settings
    studio.qtbot.waitUntil(lambda: settings.get("submit_dialog.advanced") is False)


# -- save as files ---------------------------------------------------------------------


def test_a_training_is_saved_to_be_submitted_by_hand(studio):
    studio.child("remote_dock").hide()
    sleap_dialog = studio.run()
    press(studio, "remote_save_files")
    line = studio.child("remote_saved_text")
    folder = studio.folder / "labels.slp.training_job"
    assert studio.child("remote_saved_folder").text() == str(folder)
    assert "Nothing was submitted" in line.text()
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "README.txt",
        "centroid.yaml",
        "jobs.yaml",
        "labels.pkg.slp",
        "train.sbatch",
    ]
    script = (folder / "train.sbatch").read_text()
    assert "\ncd -- /ceph/lab/labels.slp.training_job ||" in script
    assert "module load SLEAP/2026-05-08" in script
    readme = (folder / "README.txt").read_text()
    assert "  cd /ceph/lab/labels.slp.training_job\n  sbatch train.sbatch\n" in readme
    assert "on gateway" in readme
    assert left_over(studio) == ["labels.slp.training_job"]
    assert studio.session.submissions == []
    assert studio.session.connects == 0
    assert studio.dock.model.jobs() == ()
    assert not sleap_dialog.isVisible()
    assert not studio.controller.sending.under_way
    press(studio, "remote_close_saved")
    assert not line.isVisible()
    assert folder.is_dir()


def test_saved_again_it_gets_the_next_number(studio):
    (studio.folder / "labels.slp.training_job").mkdir()
    studio.run()
    press(studio, "remote_save_files")
    studio.child("remote_saved_text")
    folder = studio.folder / "labels.slp.training_job.2"
    assert "/labels.slp.training_job.2 ||" in (folder / "train.sbatch").read_text()


def test_a_name_that_another_window_took_meanwhile_is_in_the_script_too(studio):
    def take(path, snapshot):
        (studio.folder / "labels.slp.training_job").mkdir()

    studio.host.check_labels_file = take
    studio.run()
    press(studio, "remote_save_files")
    studio.child("remote_saved_text")
    folder = studio.folder / "labels.slp.training_job.2"
    assert "/labels.slp.training_job.2 ||" in (folder / "train.sbatch").read_text()
    assert "/labels.slp.training_job.2\n" in (folder / "README.txt").read_text()


def test_a_prediction_is_saved_to_be_submitted_by_hand(studio):
    studio.run("inference")
    press(studio, "remote_save_files")
    studio.child("remote_saved_text")
    folder = studio.folder / "labels.slp.prediction_job"
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.txt",
        "predict.sbatch",
    ]
    assert left_over(studio) == ["labels.slp.prediction_job"]
    assert studio.session.submissions == []


def test_a_save_that_is_cancelled_leaves_nothing(studio):
    studio.host.write_gate.clear()
    studio.run()
    press(studio, "remote_save_files")
    press(studio, "remote_progress_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert left_over(studio) == []
    assert not studio.dock.saved.isVisible()


@pytest.mark.parametrize("mode", ["training", "inference"])
def test_a_save_that_goes_wrong_is_told_and_leaves_nothing(studio, mode):
    def refuse(*_args, **_keywords):
        raise PackageProblem("The script has a tab. Nothing was submitted.")

    studio.session.training_by_hand = studio.session.prediction_by_hand = refuse
    studio.run(mode)
    press(studio, "remote_save_files")
    assert "has a tab" in message(studio)
    assert left_over(studio) == []


def test_what_is_saved_can_be_read_by_the_lab(studio):
    studio.folder.chmod(0o2775)
    studio.run("inference")
    press(studio, "remote_save_files")
    studio.child("remote_saved_text")
    mode = (studio.folder / "labels.slp.prediction_job").stat().st_mode
    assert mode & stat.S_IRGRP
