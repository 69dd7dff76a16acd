"""What the dock shows, and which buttons a job has."""

from __future__ import annotations

import dataclasses
import time

import pytest
from qtpy.QtCore import QElapsedTimer, QPoint, QSize, Qt, QTimer
from qtpy.QtGui import QColor, QIcon, QPalette
from qtpy.QtWidgets import QApplication, QDockWidget, QMainWindow, QPushButton

from sleap_remote_plugin.jobs.deeds import Deed, Offer
from sleap_remote_plugin.jobs.diagnosis import Diagnosis
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.jobs.state_words import TEXTS
from sleap_remote_plugin.qt import states
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.elided import ElidedLabel
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.qt.job_model import SHARE_ROLE, JobModel
from sleap_remote_plugin.qt.result_buttons import buttons_for
from tests.qt.standins import a_job


@pytest.mark.parametrize("state", JobState, ids=lambda state: state.value)
def test_every_state_has_a_text_a_colour_and_an_icon(qtbot, state):
    assert TEXTS[state]
    assert len(states.COLOURS[state]) == 2
    assert not states.icon_of(state, QApplication.palette()).isNull()


def test_no_two_states_share_an_icon():
    assert len(set(states.ICONS.values())) == len(JobState)


def test_loading_is_offered_for_finished_predictions_only():
    name = "remote_load_predictions"
    done = a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED)
    cancelled = done.changed(state=JobState.CANCELLED)
    assert name not in buttons_for(cancelled)
    some = tuple(dataclasses.replace(task, exit_code=0) for task in done.tasks[:1])
    assert name in buttons_for(cancelled.changed(tasks=some + done.tasks[1:]))
    assert name in buttons_for(done)
    assert name not in buttons_for(done.changed(state=JobState.RUNNING))
    assert name not in buttons_for(done.changed(kind=JobKind.TRAIN))


@pytest.mark.parametrize("state", JobState, ids=lambda state: state.value)
def test_only_an_open_job_can_be_cancelled(state):
    names = buttons_for(a_job(state=state))
    early = state in (JobState.PREPARING, JobState.SUBMITTING)
    assert ("remote_cancel_job" in names) == (not state.is_final and not early)


def test_an_empty_dock_says_how_to_begin(studio):
    assert studio.dock.pages.currentIndex() == 0
    assert "Run on Practice HPC" in studio.dock.empty.text()


@pytest.mark.parametrize("state", [None] + sorted(JobState, key=str))
def test_it_can_be_as_narrow_as_360_pixels(qtbot, state):
    dock = RemoteDock()
    qtbot.addWidget(dock)
    dock.show_connection("warn", "Practice HPC – offline since 14:02, " * 5, True)
    if state is not None:
        dock.show_jobs((a_job("u", state=state), a_job("v", state=JobState.RUNNING)))
        dock.select("u")
    dock.resize(360, 700)
    dock.show()
    assert dock.width() <= 360


LONG_NAME = "小鼠_открытое_поле_with_a_very_long_name" * 4


def test_what_is_told_takes_no_room_from_the_video(qtbot):
    window, outer, dock = QMainWindow(), QDockWidget(), RemoteDock()
    qtbot.addWidget(window)
    window.setCentralWidget(QPushButton("video"))
    outer.setWidget(dock)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, outer)
    window.resize(1400, 800)
    dock.show_jobs((a_job("u", name=LONG_NAME, state=JobState.FAILED),))
    with qtbot.waitExposed(window):
        window.show()
    before = dock.width()
    told = Diagnosis(LONG_NAME, "CUDA out of memory. " * 20, "Use less. " * 20)
    found = Findings(diagnosis=told, left=LONG_NAME)
    dock.select("u")
    dock.show_findings("u", found)
    dock.notice.say(LONG_NAME + " was loaded. " * 20, True)
    dock.progress.show_progress("Fetching {}".format(LONG_NAME), 4, 10)
    qtbot.wait(50)
    assert dock.width() == before
    assert dock.minimumSizeHint().width() <= 360


@pytest.mark.parametrize(
    ("deed", "is_there"),
    [(Deed.AGAIN, False), (Deed.SMALLER_BATCH, True), (None, True)],
    ids=str,
)
def test_a_deed_that_the_note_offers_has_no_second_button(qtbot, deed, is_there):
    dock = RemoteDock()
    qtbot.addWidget(dock)
    job = a_job("u", state=JobState.FAILED)
    dock.show_jobs((job, a_job("v", state=JobState.FAILED)))
    dock.select("u")
    offer = Offer(deed, "Do it") if deed is not None else None
    told = Diagnosis("It failed.", "", "Do it.")
    dock.show_findings("u", Findings(diagnosis=told, offer=offer))
    again = dock.results["remote_resubmit"]
    assert again.isHidden() != is_there
    dock.select("v")
    assert not again.isHidden()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", JobState, ids=lambda state: state.value)
def test_the_icon_of_a_selected_row_keeps_its_colours(qtbot, state, dark):
    palette = QPalette()
    if dark:
        palette.setColor(QPalette.ColorRole.Window, QColor("#2d2d2d"))
    icon = states.icon_of(state, palette)
    place = QPoint(3, 16)  # on the disc, left of the shape
    plain, selected = (
        icon.pixmap(QSize(32, 32), mode).toImage().pixelColor(place)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected)
    )
    assert plain == selected == states.colour_of(state, palette)


def test_updates_keep_the_selection_and_the_scroll(studio):
    jobs = tuple(a_job("u%d" % n, state=JobState.RUNNING) for n in range(200))
    studio.show_jobs(*jobs)
    studio.dock.select("u120")
    place = studio.dock.table.verticalScrollBar().value()
    changed = tuple(
        job.changed(state=JobState.COMPLETED) if job.uid == "u7" else job
        for job in jobs
        if job.uid != "u50"
    )
    studio.dock.show_jobs(changed)
    assert studio.dock.selected_uid() == "u120"
    assert abs(studio.dock.table.verticalScrollBar().value() - place) < 50
    assert studio.dock.model.jobs() == changed


def test_a_new_order_of_jobs_is_followed():
    model = JobModel()
    first = tuple(a_job(uid) for uid in "abcd")
    model.set_jobs(first)
    second = tuple(a_job(uid) for uid in ("x", "d", "a", "c"))
    model.set_jobs(second)
    assert model.jobs() == second


def test_500_jobs_are_updated_quickly(studio):
    jobs = tuple(a_job("u%d" % n, state=JobState.QUEUED) for n in range(500))
    studio.dock.show_jobs(jobs)
    running = tuple(job.changed(state=JobState.RUNNING) for job in jobs)
    started = time.perf_counter()
    studio.dock.show_jobs(running)
    QApplication.processEvents()
    assert time.perf_counter() - started < 0.5


def test_long_and_non_latin_names_are_shortened_and_told_in_full(qtbot):
    name = "小鼠_открытое_поле_" * 20
    label = ElidedLabel(name)
    qtbot.addWidget(label)
    label.resize(200, 24)
    label.show()
    label.repaint()
    assert label.elided_text() != name
    assert label.elided_text().endswith("…")
    assert label.toolTip() == name


def test_the_log_of_the_selected_job_is_shown(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    log = studio.dock.details.log.text
    studio.qtbot.waitUntil(lambda: "labels top-down" in log.toPlainText())
    assert log.isReadOnly()


def test_a_reader_of_the_log_is_left_where_they_are(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    page = studio.dock.details.log
    studio.dock.details.tabs.setCurrentWidget(page)
    text = "".join("line {}\n".format(n) for n in range(500))
    page.show_log(text)
    page.text.verticalScrollBar().setValue(100)
    page.show_log(text + "one more\n")
    assert page.text.verticalScrollBar().value() == 100
    assert page.text.toPlainText().endswith("one more\n")


def test_a_hanging_mount_does_not_stall_the_window(studio):
    studio.session.gate.clear()
    studio.show_jobs(a_job(state=JobState.RUNNING))
    gaps, clock, timer = [], QElapsedTimer(), QTimer()
    timer.timeout.connect(lambda: gaps.append(clock.restart()))
    clock.start()
    timer.start(5)
    for _ in range(20):
        studio.controller.follower.look()
    studio.qtbot.waitUntil(lambda: len(gaps) > 40)
    timer.stop()
    assert max(gaps) < 200


def test_progress_is_told_in_words_and_as_a_share(studio):
    job = a_job(state=JobState.RUNNING)
    studio.dock.show_jobs((job,))
    found = (Progress(200, 200), Progress(50, 100, "epochs"))
    studio.dock.model.set_progress({job.uid: found})
    row = studio.dock.model.index_of(job.uid)
    index = row.sibling(row.row(), 3)
    assert index.data() == "epoch 50/100"
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "centered_instance (2 of 2)" in tip
    assert index.data(SHARE_ROLE) == pytest.approx(0.75)


def test_a_wide_dock_shows_more_columns(studio):
    studio.dock.show_jobs((a_job(),))
    table = studio.dock.table
    table.resize(360, 200)
    assert table.isColumnHidden(5)
    table.resize(800, 200)
    assert not table.isColumnHidden(5)
    assert table.indexAt(QPoint(5, 5)).isValid()


def test_buttons_and_table_have_the_names_that_people_look_for(studio):
    for name in (
        "remote_load_predictions",
        "remote_use_models",
        "remote_show_metrics",
        "remote_cancel_job",
        "remote_open_folder",
        "remote_undo_load",
    ):
        assert studio.dock.findChild(QPushButton, name) is not None
    assert studio.dock.table.objectName() == "remote_job_table"
    assert studio.dock.details.log.text.objectName() == "remote_job_log"
