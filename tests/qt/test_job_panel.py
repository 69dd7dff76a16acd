"""The upper half of the dock as a user has it: keys, clicks, what is remembered."""

from __future__ import annotations

import dataclasses

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QMenu

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.qt import job_table
from sleap_remote_plugin.qt.job_cells import KIND, NAME, NODE, STATE, TIME
from sleap_remote_plugin.qt.job_drag import MIME, can_be_dragged, carried, drag_of
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import Studio, a_job, a_profile

KEYS = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def several(count, **values):
    return tuple(
        a_job("u{}".format(n), name="labels n{}".format(n), **values)
        for n in range(count)
    )


def shown(studio):
    return [job.uid for job in studio.dock.model.shown()]


def header_click(studio, column):
    header = studio.dock.table.header()
    place = QPoint(header.sectionViewportPosition(column) + 8, header.height() // 2)
    button = Qt.MouseButton.LeftButton
    studio.qtbot.mouseClick(header.viewport(), button, pos=place)


def double_click(studio, uid):
    table = studio.dock.table
    index = table.model().index_of(uid)
    table.scrollTo(index)
    place = table.visualRect(index).center()
    button = Qt.MouseButton.LeftButton
    studio.qtbot.mouseClick(table.viewport(), button, pos=place)
    studio.qtbot.mouseDClick(table.viewport(), button, pos=place)


# -- looked for -----------------------------------------------------------------------


def test_the_search_comes_with_many_jobs_or_when_it_is_called(studio):
    studio.controller.show_dock()
    studio.show_jobs(*several(6))
    line = studio.dock.panel.filter
    assert not line.isVisible()
    studio.dock.table.setFocus()
    studio.qtbot.keyClick(studio.dock.table, KEYS.Key_F, CONTROL)
    assert line.isVisible()
    studio.qtbot.keyClick(line.search, KEYS.Key_Escape)
    assert not line.isVisible()
    studio.show_jobs(*several(7))
    assert line.isVisible()


def test_words_and_choice_narrow_the_table_and_the_selected_job_stays(studio):
    jobs = several(8)
    jobs = (jobs[0].changed(state=JobState.RUNNING, node="gpu-7"),) + jobs[1:]
    studio.show_jobs(*jobs)
    studio.dock.select("u3")
    line = studio.dock.panel.filter
    line.search.setText("GPU-7 labels")
    assert shown(studio) == ["u0"]
    assert studio.dock.selected_uid() == "u3"  # it is looked at below
    assert not studio.dock.table.selectionModel().hasSelection()
    line.search.clear()
    assert studio.dock.table.currentIndex() == studio.dock.model.index_of("u3")
    line.choice.setCurrentIndex(2)
    assert shown(studio) == []
    assert studio.dock.panel.nothing.text() == "No job fits “Completed”."
    assert not studio.dock.details.isVisible()  # nor a button for a job that is hidden
    studio.dock.panel.show_all.click()
    assert studio.dock.details.isVisible()
    assert len(shown(studio)) == 8
    line.search.setText("n5")
    studio.controller.show_job("u2")  # a notice was clicked
    assert studio.dock.selected_uid() == "u2"
    assert "u2" in shown(studio)


# -- sorted, columns -------------------------------------------------------------------


def test_the_third_click_on_a_header_brings_the_newest_first_again(studio):
    studio.show_jobs(*several(3)[::-1])
    orders = []
    for _ in range(3):
        header_click(studio, NAME)
        orders.append("".join(uid[1] for uid in shown(studio)))
    assert orders == ["012", "210", "210"]
    assert not studio.dock.table.header().isSortIndicatorShown()


def test_the_order_can_be_chosen_by_keyboard_from_a_projects_menu(studio):
    studio.show_jobs(*several(3)[::-1])
    table = studio.dock.table
    table.setCurrentIndex(studio.dock.model.index(0, 0))
    table.customContextMenuRequested.emit(QPoint(5, 5))
    entries = {a.objectName(): a for a in studio.dock.job_menu.actions()}
    entries["remote_columns"].trigger()
    studio.dock.job_menu.close()
    menu = table.columns.menu
    order = menu.findChild(QMenu, "remote_sort_menu")
    by_name = {action.objectName(): action for action in order.actions()}
    by_name["remote_sort_name"].trigger()
    menu.close()
    assert shown(studio) == ["u0", "u1", "u2"]
    by_name["remote_sort_newest"].trigger()
    assert shown(studio) == ["u2", "u1", "u0"]


def open_column_menu(studio):
    header = studio.dock.table.header()
    header.customContextMenuRequested.emit(QPoint(5, 5))
    return studio.dock.table.columns.menu


def column_entry(studio, name):
    menu = open_column_menu(studio)
    (found,) = [a for a in menu.actions() if a.objectName() == name]
    menu.close()
    return found


def test_columns_are_chosen_in_the_headers_menu_and_reset(studio):
    studio.show_jobs(*several(2))
    table = studio.dock.table
    table.resize(360, 300)
    assert table.isColumnHidden(NODE)
    column_entry(studio, "remote_column_node").trigger()
    column_entry(studio, "remote_column_state").trigger()
    for width in (360, 1200):
        table.resize(width, 300)
        assert not table.isColumnHidden(NODE)
        assert table.isColumnHidden(STATE)
        assert table.isColumnHidden(KIND)
    assert "remote_column_name" not in [
        action.objectName() for action in open_column_menu(studio).actions()
    ]
    column_entry(studio, "remote_reset_columns").trigger()
    table.resize(360, 300)
    assert table.isColumnHidden(NODE)
    assert not table.isColumnHidden(STATE)


def test_all_that_was_arranged_is_there_after_a_restart(qtbot, home, tmp_path):
    jobs = (
        a_job("p1", kind=JobKind.PREDICT, parent="t1"),
        a_job("t1"),
        a_job("t2", project="/mnt/lab/other.slp"),
    )
    first = Studio(qtbot, tmp_path)
    first.show_jobs(*jobs)
    table = first.dock.table
    table.columns.choose(TIME, True)
    table.columns.choose(KIND, False)
    table.header().moveSection(table.header().visualIndex(TIME), 1)
    table.setColumnWidth(STATE, 155)
    header_click(first, STATE)
    first.dock.select("t2")
    table.collapse(first.dock.model.index_of("t1"))
    project = first.dock.model.index(0, 0)
    table.collapse(project)
    first.window.close()  # what was not written yet is written now
    first.close()

    again = Studio(qtbot, tmp_path)
    again.show_jobs(*jobs)
    table, model = again.dock.table, again.dock.model
    assert again.dock.selected_uid() == "t2"
    assert table.header().visualIndex(TIME) == 1
    assert not table.isColumnHidden(TIME)
    assert table.isColumnHidden(KIND)
    assert table.columnWidth(STATE) == 155
    assert table.header().sortIndicatorSection() == STATE
    assert not table.isExpanded(model.index(0, 0))
    assert not table.isExpanded(model.index_of("t1"))
    assert table.isExpanded(model.index(1, 0))
    again.close()


@pytest.mark.parametrize(
    "columns",
    [
        "nonsense",
        {"shown": ["nothing", 3], "order": [None], "widths": {"state": "wide"}},
        {"shown": None, "sort": ["name"], "order": ["node", "node"], "widths": []},
        {"sort": ["brain", True], "widths": {"state": -5}},
    ],
)
def test_settings_that_make_no_sense_are_left_out(studio, columns):
    studio.controller.settings.set("window.table.columns", columns)
    studio.controller.settings.set("window.table.folded", {"a": 1})
    again = Studio(studio.qtbot, studio.folder)
    again.show_jobs(a_job())
    assert again.dock.table.header().visualIndex(NAME) == 0
    assert not again.dock.table.isColumnHidden(STATE)
    again.close()


# -- what a double click does ----------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "deed"),
    [
        ({"kind": JobKind.PREDICT, "state": JobState.COMPLETED}, "load"),
        ({"state": JobState.COMPLETED}, "use"),
        ({"state": JobState.FAILED}, "Log"),
        ({"kind": JobKind.PREDICT, "state": JobState.CANCELLED}, "Log"),
        ({"state": JobState.RUNNING}, "Progress"),
        ({"state": JobState.QUEUED}, "Progress"),
    ],
)
@pytest.mark.parametrize("by_key", [False, True], ids=["double click", "Return"])
def test_a_job_does_its_likeliest_deed(studio, values, deed, by_key):
    studio.controller.show_dock()
    studio.show_jobs(a_job(tasks=(Task("a", "models/a"),), **values))
    tabs, asked = studio.dock.details.tabs, []
    studio.dock.result_clicked.connect(lambda name, uid: asked.append((name, uid)))
    tabs.setCurrentIndex(2)
    if by_key:
        studio.dock.table.setFocus()
        studio.qtbot.keyClick(studio.dock.table, KEYS.Key_Return)
    else:
        double_click(studio, "u1")
    if deed == "load":
        assert asked == [("remote_load_predictions", "u1")]
        studio.child("remote_load_accept")  # its preview, before anything changes
    elif deed == "use":
        assert asked == [("remote_use_models", "u1")]
    else:
        assert asked == []
        assert tabs.tabText(tabs.currentIndex()) == deed


def test_a_double_click_on_a_project_folds_it(studio):
    studio.show_jobs(*several(2))
    table = studio.dock.table
    row = studio.dock.model.index(0, 0)
    place, button = table.visualRect(row).center(), Qt.MouseButton.LeftButton
    studio.qtbot.mouseClick(table.viewport(), button, pos=place)
    studio.qtbot.mouseDClick(table.viewport(), button, pos=place)
    assert not table.isExpanded(row)


def test_the_log_is_shown_from_the_menu(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    studio.dock.table.customContextMenuRequested.emit(QPoint(5, 5))
    menu = studio.dock.job_menu
    assert menu.defaultAction() is None  # running: its progress is shown already
    (entry,) = [a for a in menu.actions() if a.objectName() == "remote_show_log"]
    entry.trigger()
    menu.close()
    tabs = studio.dock.details.tabs
    assert tabs.tabText(tabs.currentIndex()) == "Log"


def test_a_project_row_has_no_buttons_and_a_menu_of_its_own(studio):
    path = studio.folder / "other.slp"
    path.write_bytes(b"a project")
    other = a_job("other", project=str(path), state=JobState.COMPLETED)
    studio.show_jobs(a_job(project=studio.host.open_project.path), other)
    dock, table = studio.dock, studio.dock.table
    table.setCurrentIndex(dock.model.index_of("other").parent())
    assert dock.selected_uid() == ""
    assert not any(button.isVisibleTo(dock) for button in dock.results.values())
    assert dock.below.currentWidget() is dock.project_page
    assert dock.project_page.told.text() == "1 completed"
    table.customContextMenuRequested.emit(QPoint(5, 5))
    assert isinstance(dock.job_menu, QMenu)
    entries = {a.objectName(): a for a in dock.job_menu.actions()}
    entries["remote_open_this_project"].trigger()
    studio.qtbot.waitUntil(lambda: ("open", str(path)) in studio.host.calls)
    entries["remote_copy_path"].trigger()
    assert QApplication.clipboard().text() == str(path)
    entries["remote_fold_all"].trigger()
    assert not table.isExpanded(dock.model.index(0, 0))
    dock.job_menu.close()
    table.setCurrentIndex(dock.model.index(0, 0))
    table.customContextMenuRequested.emit(QPoint(5, 5))
    names = [a.objectName() for a in dock.job_menu.actions()]
    assert "remote_open_this_project" not in names  # it is open
    dock.job_menu.close()


def test_a_project_that_is_not_there_is_said_and_not_opened(studio):
    studio.show_jobs(a_job(project="/mnt/away/labels.slp"))
    studio.dock.table.setCurrentIndex(studio.dock.model.index(0, 0))
    studio.dock.project_page.open.click()
    assert "is not there" in studio.child("remote_message").text()
    assert studio.host.calls == []


# -- dragged ---------------------------------------------------------------------------


def test_only_a_finished_prediction_can_be_dragged():
    done = a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED)
    assert can_be_dragged(done)
    assert not can_be_dragged(done.changed(state=JobState.RUNNING))
    assert not can_be_dragged(a_job(state=JobState.COMPLETED))
    assert not can_be_dragged(None)
    assert carried(done).formats() == [MIME]


def test_a_drag_begins_on_a_finished_prediction_and_carries_its_name(
    studio, monkeypatch
):
    done = a_job("p1", kind=JobKind.PREDICT, state=JobState.COMPLETED)
    studio.show_jobs(done, a_job("t1", state=JobState.COMPLETED))
    begun = []

    class Drag:
        def __init__(self, job, icon, source):
            self.real = drag_of(job, icon, source)

        def exec_(self, action):
            begun.append((bytes(self.real.mimeData().data(MIME).data()), action))
            assert not self.real.pixmap().isNull()

    monkeypatch.setattr(job_table, "drag_of", Drag)
    for uid in ("t1", "p1"):
        studio.dock.select(uid)
        studio.dock.table.startDrag(Qt.DropAction.CopyAction)
    assert begun == [(b"p1", Qt.DropAction.CopyAction)]


def test_a_dropped_job_is_loaded_after_its_preview(studio):
    studio.show_jobs(a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED))
    studio.host.dropped("u1")
    studio.child("remote_load_accept")
    studio.host.dropped("of another list")
    assert "not in this window's list" in studio.dock.notice.label.text()


# -- nothing there yet -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words", "button", "done"),
    [
        ({}, "Run on Practice HPC", "Train...", "training"),
        ({"path": ""}, "save the project", "Save project...", "save"),
        ({"videos": ()}, "add the videos", "Add videos...", "add videos"),
        ({"labelled_frames": 0}, "label some frames", "Predict...", None),
        ({"is_package": True}, "was made from", "Find its project...", None),
        (None, "open a project", "Open project...", ("open", "")),
    ],
)
def test_an_empty_dock_has_one_button_that_does_the_next_thing(
    studio, change, words, button, done
):
    project = studio.host.open_project
    studio.host.change(
        None if change is None else dataclasses.replace(project, **change)
    )
    assert words in studio.dock.empty.text()
    assert studio.dock.begin.text() == button
    studio.dock.begin.click()
    if done == "training":
        assert studio.host.dialogs[0].windowTitle() == "training"
    elif done is not None:
        assert studio.host.calls[-1] == done


def test_a_project_that_the_cluster_does_not_see_is_said(qtbot, home, tmp_path):
    profile = a_profile(tmp_path, mounts=(Mount(str(tmp_path / "m"), "/ceph/lab"),))
    studio = Studio(qtbot, tmp_path, Profiles((profile,), ()))
    studio.session.places = type(studio.session.places)(profile, studio.session.copies)
    project = studio.host.open_project
    elsewhere, there = tmp_path / "other" / "labels.slp", tmp_path / "m" / "labels.slp"
    studio.host.change(dataclasses.replace(project, path=str(elsewhere)))
    qtbot.waitUntil(lambda: "does not see" in studio.dock.empty.text())
    assert studio.dock.begin.text() == "Train..."
    studio.host.change(dataclasses.replace(project, path=str(there)))
    assert "does not see" not in studio.dock.empty.text()
    studio.close()
