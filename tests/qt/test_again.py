"""A job submitted again, found, removed: from its button and its menu."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.job_menu import JobMenu
from sleap_remote_plugin.qt.result_buttons import buttons_for
from tests.qt.standins import a_job

G = 2**30


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def names(menu):
    return [action.objectName() for action in menu.actions() if action.objectName()]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"state": JobState.RUNNING},
            [
                "remote_cancel_job",
                "remote_show_log",
                "remote_open_folder",
                "remote_copy_id",
            ],
        ),
        (
            {"state": JobState.FAILED},
            [
                "remote_resubmit",
                "remote_show_log",
                "remote_open_folder",
                "remote_copy_id",
                "remote_forget_job",
            ],
        ),
        (
            {"state": JobState.LOST, "slurm_id": ""},
            [
                "remote_resubmit",
                "remote_show_log",
                "remote_open_folder",
                "remote_forget_job",
            ],
        ),
        ({"state": JobState.SUBMITTING}, []),
    ],
)
def test_the_menu_of_a_job_has_what_applies_to_it(qtbot, values, expected):
    job = a_job(kind=JobKind.PREDICT, **values)
    assert names(JobMenu(job, buttons_for(job))) == expected


def test_a_job_out_of_memory_is_submitted_again_with_twice_as_much(studio):
    job = a_job(
        state=JobState.OUT_OF_MEMORY,
        generation="current",
        resources=Resources(memory=16 * G),
    )
    studio.show_jobs(job)
    press(studio, "remote_resubmit")
    dialog = studio.child("remote_submit_dialog")
    studio.qtbot.waitUntil(lambda: dialog.memory.text() == "32G")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    before, resources, project, name, module = studio.session.submissions[0]
    assert before == job
    assert resources == Resources(memory=32 * G)
    assert (project, name) == (job.project, job.name)
    assert module.name == "SLEAP/2026-05-08"
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 2)


def test_a_number_without_its_unit_is_told_there_too(studio):
    studio.show_jobs(a_job(state=JobState.TIMED_OUT, generation="current"))
    press(studio, "remote_resubmit")
    dialog = studio.child("remote_submit_dialog")
    dialog.time.setText("12")
    note = dialog.rows["time"].notes["time"].label
    assert note.isVisible()
    assert "For 12 hours, type 12:00:00" in note.text()
    assert dialog.submit.isEnabled()


def test_submitting_again_can_be_cancelled_and_sends_nothing(studio):
    studio.show_jobs(a_job(state=JobState.FAILED, generation="legacy"))
    press(studio, "remote_resubmit")
    press(studio, "remote_submit_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []


def test_the_script_of_another_try_is_shown(studio):
    studio.show_jobs(a_job(state=JobState.FAILED, generation="current"))
    press(studio, "remote_resubmit")
    press(studio, "remote_show_script")
    script = studio.child("remote_script")
    studio.qtbot.waitUntil(lambda: "--cpus-per-task" in script.toPlainText())


def open_menu(studio):
    table = studio.dock.table
    table.customContextMenuRequested.emit(QPoint(5, 5))
    return studio.dock.job_menu


def choose(studio, name):
    menu = open_menu(studio)
    (action,) = [a for a in menu.actions() if a.objectName() == name]
    action.trigger()
    menu.close()


def test_a_job_is_taken_out_of_the_list_from_its_menu(studio):
    studio.show_jobs(a_job(state=JobState.FAILED), a_job("u2"))
    studio.dock.select("u1")
    choose(studio, "remote_forget_job")
    studio.qtbot.waitUntil(lambda: [j.uid for j in studio.dock.model.jobs()] == ["u2"])
    assert "no longer in the list" in studio.dock.notice.label.text()


def test_a_jobs_id_is_copied_from_its_menu(studio):
    studio.show_jobs(a_job(slurm_id="417_3", state=JobState.RUNNING))
    choose(studio, "remote_copy_id")
    assert QApplication.clipboard().text() == "417_3"


def find_below(studio, folder):
    studio.controller.menu.entries["remote_find"].trigger()
    dialog = studio.controller.job_list.dialog
    dialog.close()
    dialog.fileSelected.emit(str(folder))


def test_jobs_are_found_below_a_folder(studio):
    find_below(studio, studio.folder)
    studio.qtbot.waitUntil(
        lambda: [j.uid for j in studio.dock.model.jobs()] == ["found"]
    )
    assert "1 job found; 1 new in the list." in studio.dock.notice.label.text()


def test_looking_for_jobs_can_be_cancelled(studio):
    studio.session.gate.clear()
    find_below(studio, studio.folder)
    press(studio, "remote_progress_cancel")
    assert not studio.dock.progress.isVisible()
    studio.session.gate.set()
    assert studio.dock.model.jobs() == ()
