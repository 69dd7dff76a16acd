"""The selected job's details: the note with its button, history, files, an old look."""

from __future__ import annotations

import time

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QApplication

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.jobs.deeds import Batch, Deed, Offer
from sleap_remote_plugin.jobs.diagnosis import Diagnosis, diagnose
from sleap_remote_plugin.jobs.history import HistoryLine
from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.diagnosis_box import DiagnosisBox
from sleap_remote_plugin.qt.files_page import FilesPage
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.qt.history_page import HistoryPage, as_html, as_text
from sleap_remote_plugin.qt.job_details import JobDetails
from sleap_remote_plugin.session.job_files import FilePlace
from tests.qt.standins import a_job

G = 2**30


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def fail(studio, log, **values):
    """Let the stand-in's only job have ended so."""
    values.setdefault("state", JobState.FAILED)
    values.setdefault("exit_code", "1:0")
    values.setdefault("generation", "current")
    job = a_job(**values)
    studio.session.diagnose = lambda job: diagnose(job, log)
    studio.show_jobs(job)
    return job


# -- the note and its button ---------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "values", "text", "changed"),
    [
        (
            "MemoryError",
            {"resources": Resources(memory=16 * G)},
            "Submit again with 32 GB",
            {"memory": 32 * G},
        ),
        (
            "No CUDA GPUs are available",
            {"node": "gpu-7"},
            "Submit again without gpu-7",
            {"exclude": "gpu-7"},
        ),
        (
            "",
            {"state": JobState.TIMED_OUT, "resources": Resources(time=7200)},
            "Submit again with 4 h",
            {"time": 14400},
        ),
    ],
)
def test_one_more_click_sends_what_the_button_offers(
    studio, log, values, text, changed
):
    job = fail(studio, log, **values)
    button = studio.child("remote_diagnosis_deed")
    assert button.text() == text
    press(studio, "remote_diagnosis_deed")
    dialog = studio.child("remote_submit_dialog")
    for name, value in changed.items():
        studio.qtbot.waitUntil(
            lambda n=name, v=value: getattr(dialog.resources(), n) == v
        )
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    again, resources = studio.session.submissions[0][:2]
    assert again == job
    assert {name: getattr(resources, name) for name in changed} == changed


def test_a_smaller_batch_is_said_in_the_dialog_and_sent(studio):
    studio.session.halved = (Batch("centroid", 8, 4),)
    fail(studio, "CUDA out of memory")
    assert studio.child("remote_diagnosis_deed").text().endswith("batch size 4")
    press(studio, "remote_diagnosis_deed")
    dialog = studio.child("remote_submit_dialog")
    assert "is 4 now, instead of 8" in " ".join(dialog.what.warnings)
    studio.qtbot.waitUntil(lambda: bool(dialog.with_module.module()))
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    assert studio.session.batches == studio.session.halved


def test_where_only_the_log_helps_the_button_shows_it(studio):
    fail(studio, "ValueError: something new\n")
    details = studio.dock.details
    studio.child("remote_diagnosis_deed")
    details.tabs.setCurrentWidget(details.files)
    press(studio, "remote_diagnosis_deed")
    assert details.tabs.currentWidget() is details.log


def test_a_note_shows_the_texts_of_the_cluster_as_they_are(qtbot):
    box = DiagnosisBox()
    qtbot.addWidget(box)
    box.say("fail", "<i>cause", "a & b", "<b>line", Offer(Deed.AGAIN, "R&D"))
    assert box.label.text() == "<b>&lt;i&gt;cause</b><br>a &amp; b"
    assert box.evidence.text() == "<b>line"
    assert box.button.text() == "R&&D"
    box.say("", "")
    assert not box.isVisible()


# -- a mount that is away ------------------------------------------------------------


def test_what_was_seen_before_the_mount_went_stays_with_its_time(studio):
    curve = (EpochPoint(0, 0.5, 0.5),)
    studio.session.progress = lambda job: (Progress(1, 9, curve=curve),)
    studio.show_jobs(a_job(state=JobState.RUNNING))
    details = studio.dock.details
    log = details.log.text
    studio.qtbot.waitUntil(lambda: "the end of the log" in log.toPlainText())

    def away(job):
        raise MountNotProven("The mount does not answer just now.")

    studio.session.progress = away
    studio.controller.follower.look()
    studio.qtbot.waitUntil(details.stale.isVisible)
    assert time.strftime("%H:") in details.stale.text()
    assert "does not answer" in details.diagnosis.text()
    assert "the end of the log" in log.toPlainText()
    assert "epoch 1" in details.progress.caption.text()
    assert details.box.button.text() == "Connect"
    press(studio, "remote_diagnosis_deed")
    studio.qtbot.waitUntil(lambda: studio.session.connects > 0)


def test_another_selection_shows_what_is_known_of_it_at_once(qtbot):
    details = JobDetails()
    qtbot.addWidget(details)
    one, other = a_job("u1", state=JobState.RUNNING), a_job("u2")
    seen = Findings(log="first\n", seen=time.time())
    details.show_job(one, seen)
    details.show_job(other, Findings())
    assert details.log.text.toPlainText() == ""
    details.show_job(one, Findings())
    assert details.log.text.toPlainText() == "first\n"


# -- parts of the log ----------------------------------------------------------------


def test_the_log_of_one_video_of_an_array_can_be_chosen(studio):
    tasks = (Task("a.mp4", "a"), Task("b.mp4", "b"))
    job = a_job(kind=JobKind.PREDICT, state=JobState.RUNNING, tasks=tasks)
    session = studio.session
    session.log_tail = lambda job, part=-1: "log of part {}\n".format(part)
    studio.show_jobs(job)
    page = studio.dock.details.log
    studio.qtbot.waitUntil(lambda: page.text.toPlainText() == "log of part -1\n")
    assert page.part.itemText(2) == "2: b.mp4"
    page.part.setCurrentIndex(2)
    page.part.activated.emit(2)
    studio.qtbot.waitUntil(lambda: page.text.toPlainText() == "log of part 1\n")


# -- history -------------------------------------------------------------------------

LINES = (
    HistoryLine(1.6e9, "Submitted as SLURM job 7."),
    HistoryLine(1.6e9 + 60, "Started on <gpu> & co."),
)


def test_a_history_is_shown_and_copied(qtbot):
    page = HistoryPage()
    qtbot.addWidget(page)
    page.show_lines(LINES)
    assert "Started on <gpu> & co." in page.text.toPlainText()
    page.copy.click()
    assert QApplication.clipboard().text() == as_text(LINES)
    assert as_text(LINES).endswith("Started on <gpu> & co.")


def test_the_date_stands_where_the_day_is_another():
    text = as_html(LINES + (HistoryLine(1.6e9 + 86400, "Ended."),))
    assert text.count(time.strftime("%b", time.localtime(1.6e9))) == 2


# -- files ---------------------------------------------------------------------------

PLACES = (
    FilePlace("Project", "/mnt/labels.slp", "", True),
    FilePlace("Folder", "/mnt/job", "/ceph/job", True),
    FilePlace("Log", "/mnt/job/slurm-7.out", "/ceph/job/slurm-7.out", True, True),
    FilePlace("Script", "/mnt/job/x.sbatch", "/ceph/job/x.sbatch", False, True),
    FilePlace("Model: a", "", "/ceph/job/models/a"),
)


@pytest.fixture
def files(qtbot):
    page = FilesPage()
    qtbot.addWidget(page)
    page.show()
    page.show_places(PLACES)
    return page


@pytest.mark.parametrize(
    ("row", "text", "opens", "copies"),
    [
        (0, "/mnt/labels.slp", True, "/mnt/labels.slp"),
        (2, "/mnt/job/slurm-7.out", True, "/mnt/job/slurm-7.out"),
        (3, "not there: /mnt/job/x.sbatch", False, "/mnt/job/x.sbatch"),
        (4, "/ceph/job/models/a (on no disk of this computer)", False, None),
    ],
)
def test_a_file_is_opened_and_copied_by_keyboard(
    qtbot, files, row, text, opens, copies
):
    item = files.table.topLevelItem(row)
    assert item.text(1) == text
    files.table.setCurrentItem(item)
    QApplication.clipboard().setText("before")
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(files.table, Qt.Key.Key_C, control)
    assert QApplication.clipboard().text() == (copies or "before")
    opened = []
    files.open_wanted.connect(lambda *args: opened.append(args))
    qtbot.keyClick(files.table, Qt.Key.Key_Return)
    assert bool(opened) == opens
    files.copy_there.click()
    assert QApplication.clipboard().text() == (PLACES[row].there or copies)


def test_a_selected_file_stays_selected_when_another_comes(files):
    files.table.setCurrentItem(files.table.topLevelItem(2))
    files.show_places(PLACES[:1] + (FilePlace("Rounds", "/r", "", True),) + PLACES[1:])
    assert files.place().title == "Log"


def test_a_text_is_opened_and_of_anything_else_the_folder(studio, monkeypatch):
    opened = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile())
    )
    (studio.folder / "a.slp").write_bytes(b"")
    (studio.folder / "a.out").write_bytes(b"")
    details = studio.dock.details
    for name, is_text in (("a.slp", False), ("a.out", True)):
        details.open_wanted.emit(str(studio.folder / name), is_text)
    studio.qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened == [str(studio.folder), str(studio.folder / "a.out")]


def test_a_load_is_written_into_the_jobs_history(studio):
    job = a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED)
    studio.controller.next_round.note_load(job)
    studio.qtbot.waitUntil(lambda: bool(getattr(studio.session, "noted", ())))
    assert studio.session.noted == ((job.uid, studio.host.open_project.path, False),)


def test_an_end_by_cancelling_is_a_note_and_no_alarm(qtbot):
    details = JobDetails()
    qtbot.addWidget(details)
    told = Diagnosis("The job was cancelled.", "CANCELLED by 20001", "It is kept.")
    details.show_job(a_job(state=JobState.CANCELLED), Findings(diagnosis=told))
    assert details.box.icon.accessibleName() == "Note"
