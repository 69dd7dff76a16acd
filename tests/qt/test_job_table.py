"""The table: whatever comes, it shows just that, and little is told to Qt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qtpy.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
)
from qtpy.QtGui import QImage, QPainter
from qtpy.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem

from sleap_remote_plugin.jobs.job import JobKind, JobState, Task
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.qt.job_cells import HEADERS, NAME, PROGRESS, TIME
from sleap_remote_plugin.qt.job_delegates import bar_rects
from sleap_remote_plugin.qt.job_filter import Wanted
from sleap_remote_plugin.qt.job_model import PROJECT_ROLE, UID_ROLE, JobModel
from sleap_remote_plugin.qt.job_panel import JobPanel
from sleap_remote_plugin.qt.job_table import JobTable
from tests.qt.standins import a_job

#: (number, project, number of the job before or -1): each number once.
JOBS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 2), st.integers(-1, 12)),
    unique_by=lambda job: job[0],
)


def some(numbers, state=JobState.RUNNING, **values):
    return [
        a_job("u{}".format(n), name="n{}".format(n), state=state, **values)
        for n in numbers
    ]


def made_of(rows):
    """Even numbers train, odd ones predict."""
    return [
        a_job(
            "u{}".format(number),
            project="/mnt/p{}.slp".format(project),
            parent="u{}".format(before) if before >= 0 else "",
            kind=JobKind.PREDICT if number % 2 else JobKind.TRAIN,
        )
        for number, project, before in rows
    ]


def tree(model, parent=QModelIndex()):  # noqa: B008
    """What the model shows, as Qt asks for it."""
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        assert model.parent(index) == parent
        key = index.data(UID_ROLE) or index.data(PROJECT_ROLE)
        found.append((key, tree(model, index)))
    return found


@settings(deadline=None)
@given(JOBS, JOBS)
def test_any_list_becomes_any_other_and_rows_that_stay_are_known(qapp, before, after):
    model, fresh = JobModel(), JobModel()
    model.set_jobs(made_of(before))
    kept = {}
    for job in model.shown():
        kept[job.uid] = QPersistentModelIndex(model.index_of(job.uid))
    above = {uid: QModelIndex(i).parent().data(UID_ROLE) for uid, i in kept.items()}
    project = {job.uid: job.project for job in model.jobs()}

    model.set_jobs(made_of(after))

    fresh.set_jobs(made_of(after))
    assert tree(model) == tree(fresh)
    assert {job.uid for job in model.shown()} == {job.uid for job in model.jobs()}
    assert not model.index_of("gone").isValid()
    for uid, index in kept.items():
        now = model.index_of(uid)
        stays = now.isValid() and (now.parent().data(UID_ROLE) == above[uid])
        if stays and model.job(uid).project == project[uid]:
            assert QModelIndex(index) == now


def test_many_changed_rows_are_one_signal(qapp):
    model, told = JobModel(), []
    model.dataChanged.connect(lambda a, b, *_: told.append((a.row(), b.row())))
    jobs = some(range(300), JobState.QUEUED)
    model.set_jobs(jobs)
    model.set_progress({job.uid: (Progress(1, 2),) for job in jobs[10:200]})
    assert told == [(10, 199)]
    model.set_jobs(some(range(300)))
    assert told[1:] == [(0, 0), (0, 299)]  # the project's counts, and its jobs
    model.tick()
    assert told[3:] == [(0, 299)]
    model.set_jobs(model.jobs())
    model.set_progress({jobs[10].uid: (Progress(1, 2),)})
    assert len(told) == 4


def chained(count):
    """So many trainings in four projects, each with a prediction under it."""
    jobs = []
    for n in range(count):
        values = {"project": "/mnt/lab/p{}.slp".format(n % 4)}
        train = a_job("t%d" % n, name="t%d" % n, state=JobState.RUNNING, **values)
        predict = train.changed(
            uid="p%d" % n, name="p%d" % n, kind=JobKind.PREDICT, parent=train.uid
        )
        jobs += [predict, train]
    return jobs


def test_new_rows_a_new_order_and_changes_everywhere_are_few_signals(qapp):
    model, told = JobModel(), []
    for name in ("rowsInserted", "rowsRemoved", "layoutChanged", "dataChanged"):
        getattr(model, name).connect(lambda *_, name=name: told.append(name))
    jobs = chained(250)
    model.set_jobs(jobs)
    assert told == ["rowsInserted"]
    model.set_jobs([job.changed(state=JobState.COMPLETED) for job in jobs])
    assert told == ["rowsInserted", "dataChanged"]
    model.set_sorted(NAME, True)
    assert told[2:] == ["layoutChanged"]
    model.set_wanted(Wanted(("nothing",)))
    assert told[3:] == ["rowsRemoved"]


def test_times_alone_are_drawn_anew_as_time_passes(qapp):
    model, told = JobModel(), []
    model.dataChanged.connect(lambda a, b, *_: told.append((a.column(), b.column())))
    model.set_jobs(some([1]))
    model.tick()
    assert told == [(TIME, TIME)]


@pytest.mark.parametrize("state", list(JobState))
def test_a_cell_looks_as_its_data_says(qapp, state):
    """What is drawn is asked in one go; what a screen reader gets, role by role."""
    model = JobModel()
    table = JobTable(model)
    model.set_jobs(some([1], state))
    plain = QStyledItemDelegate(table)
    group = model.index(0, 0)
    for row in (group, model.index(0, 0, group)):
        for column in range(len(HEADERS)):
            index = row.sibling(row.row(), column)
            by_role, at_once = QStyleOptionViewItem(), QStyleOptionViewItem()
            plain.initStyleOption(by_role, index)
            delegate = table.itemDelegateForColumn(column) or table.itemDelegate()
            delegate.initStyleOption(at_once, index)
            assert at_once.text == by_role.text == index.data()
            assert at_once.features == by_role.features
            assert at_once.font.bold() == by_role.font.bold()
            assert at_once.icon.isNull() == by_role.icon.isNull()
            role = by_role.palette.ColorRole.Text
            assert at_once.palette.color(role) == by_role.palette.color(role)


def test_a_name_is_drawn_without_its_projects_and_said_in_full(qapp):
    model = JobModel()
    model.set_jobs([a_job("u", name="labels top-down")])
    option, index = QStyleOptionViewItem(), model.index_of("u")
    model.fill(option, index)
    assert (option.text, index.data()) == ("top-down", "labels top-down")


def test_a_row_that_has_gone_is_empty(qapp):
    model = JobModel()
    model.set_jobs(some([1]))
    index = model.index_of("u1")
    model.set_jobs([])
    assert model.data(index, Qt.ItemDataRole.DisplayRole) is None
    assert model.rowCount(index) == 0
    assert not model.parent(index).isValid()
    option = QStyleOptionViewItem()
    model.fill(option, index)
    assert option.text == ""


def test_a_bar_fills_from_where_the_text_begins(qapp):
    cell, directions = QRect(100, 0, 110, 24), Qt.LayoutDirection
    groove, bar = bar_rects(cell, 0.25, directions.LeftToRight)
    assert (groove.left(), bar.left(), bar.width()) == (104, 104, 25)
    groove, bar = bar_rects(cell, 0.25, directions.RightToLeft)
    assert (groove.right(), bar.right(), bar.width()) == (205, 205, 25)


def painted(table, direction):
    """Pixels of the bar's colour in the left and in the right half of its cell."""
    table.setLayoutDirection(direction)
    index = table.model().index_of("u1")
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 200, 30)
    option.palette, option.direction = table.palette(), direction
    image = QImage(200, 30, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    cell = index.sibling(index.row(), PROGRESS)
    table.itemDelegateForColumn(PROGRESS).paint(painter, option, cell)
    painter.end()
    colour = table.palette().highlight().color().rgb()
    halves = [0, 0]
    for x in range(200):
        halves[x // 100] += sum(image.pixel(x, y) == colour for y in range(25, 30))
    return halves


def test_painting_is_mirrored_where_text_runs_from_right_to_left(qtbot):
    panel = JobPanel()
    qtbot.addWidget(panel)
    panel.show_jobs(some([1]))
    panel.model.set_progress({"u1": (Progress(1, 2, "epochs"),)})
    left, right = painted(panel.table, Qt.LayoutDirection.LeftToRight)
    assert left > 0
    assert right == 0
    left, right = painted(panel.table, Qt.LayoutDirection.RightToLeft)
    assert left == 0
    assert right > 0


# -- the view ------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot):
    made = JobPanel()
    qtbot.addWidget(made)
    made.resize(360, 400)
    made.show()
    return made


def test_a_scrolled_table_asks_only_for_what_is_in_sight(panel, monkeypatch):
    panel.show_jobs(chained(250))
    QApplication.processEvents()
    asked = []
    fill = JobModel.fill
    monkeypatch.setattr(
        JobModel, "fill", lambda *args: (asked.append(args[2]), fill(*args))
    )
    by_role = []
    monkeypatch.setattr(JobModel, "data", lambda *args: by_role.append(args))
    bar = panel.table.verticalScrollBar()
    for place in range(0, 200, 20):
        bar.setValue(place)
        panel.table.viewport().repaint()
    rows = panel.table.viewport().height() // panel.table.sizeHintForRow(0) + 2
    assert 0 < len(asked) <= 10 * 3 * rows
    assert {args[2] for args in by_role} <= {Qt.ItemDataRole.SizeHintRole}


def test_500_jobs_change_and_are_scrolled_within_a_blink(panel):
    """By the processor's time: other tests run beside this one."""
    jobs, spent = chained(250), []
    states = (JobState.RUNNING, JobState.COMPLETED)
    lists = [[job.changed(state=state) for job in jobs] for state in states]
    panel.show_jobs(jobs)
    bar = panel.table.verticalScrollBar()
    for turn in range(20):
        began = time.process_time()
        panel.show_jobs(lists[turn % 2])
        panel.model.set_progress({j.uid: (Progress(turn, 200),) for j in jobs})
        bar.setValue(turn * 400 % max(1, bar.maximum()))
        QApplication.processEvents()
        spent.append(time.process_time() - began)
    assert sorted(spent)[10] < 0.05


def test_the_selection_and_the_scroll_stay_while_jobs_come_and_go(panel):
    jobs = chained(100)
    panel.show_jobs(jobs)
    panel.select("p60")
    table, said = panel.table, []
    table.selected.connect(lambda uid: said.append(uid))
    place = table.verticalScrollBar().value()
    assert place > 0
    changed = [job.changed(state=JobState.FAILED) for job in jobs if job.uid != "p9"]
    panel.show_jobs(changed)
    panel.table.columns.sort(NAME, True)
    panel.table.columns.sort(-1, False)
    assert table.selected_uid() == "p60"
    assert abs(table.verticalScrollBar().value() - place) < 60
    assert said == []
    panel.show_jobs([job for job in changed if job.uid != "p60"])
    assert table.selected_uid() not in ("", "p60")
    assert said == [table.selected_uid()]


def test_a_project_is_one_row_with_its_counts_and_its_path(panel):
    panel.show_jobs(
        some([1, 2], JobState.COMPLETED, project="/mnt/ceph/lab/小鼠.v003.slp")
        + some([3], project="/mnt/ceph/lab/小鼠.v003.slp")
    )
    row = panel.model.index(0, 0)
    assert row.data() == "小鼠.v003"
    assert panel.model.told(row) == "1 running, 2 completed"
    assert "/mnt/ceph/lab/小鼠.v003.slp" in row.data(Qt.ItemDataRole.ToolTipRole)
    assert "2 completed" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert panel.table.isFirstColumnSpanned(0, QModelIndex())


def test_what_is_folded_stays_so_and_what_is_new_is_open(panel):
    panel.show_jobs(chained(8))
    table, model = panel.table, panel.model
    keys = [model.branch(model.index(row, 0)).key for row in range(4)]
    assert all(table.isExpanded(model.index_of(key)) for key in keys + ["t7"])
    table.collapse(model.index_of(keys[1]))
    table.collapse(model.index_of("t7"))
    panel.show_jobs(chained(9))
    assert not table.isExpanded(model.index_of(keys[1]))
    assert not table.isExpanded(model.index_of("t7"))
    assert table.isExpanded(model.index_of("t8"))
    assert table.folded_keys() == [keys[1], "t7"]
    panel.select("p7")  # asked for: it is shown
    assert table.isExpanded(model.index_of("t7"))
    table.fold_all()
    assert not any(table.isExpanded(model.index_of(key)) for key in keys)
    table.unfold_all()
    assert all(table.isExpanded(model.index_of(key)) for key in keys)
    assert table.folded_keys() == []


def test_a_predictions_videos_are_counted_and_told_in_the_tooltip(panel):
    tasks = tuple(
        Task("m{}.mp4".format(n), "p", exit_code=code)
        for n, code in enumerate([0] * 5 + [3] + [None] * 14)
    )
    job = a_job("p", kind=JobKind.PREDICT, state=JobState.RUNNING, tasks=tasks)
    panel.show_jobs([job])
    row = panel.model.index_of("p")
    assert row.sibling(row.row(), PROGRESS).data() == "1 failed, 5/20"
    assert panel.model.share(row) == pytest.approx(0.3)
    tip = row.data(Qt.ItemDataRole.ToolTipRole)
    for line in (
        "5 of 20 videos done, 1 failed",
        "m0.mp4: done",
        "m5.mp4: failed (exit code 3)",
        "m6.mp4: not done yet",
        "and 8 more",
    ):
        assert line in tip


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"start_estimate": 4e9}, "starts ~"),
        ({"start_estimate": 4e9, "reason": "Priority"}, "starts ~"),
        ({"start_estimate": 1.0, "reason": "Priority"}, "others ahead"),
        ({"reason": "QOSMaxGRESPerUser"}, "limit reached"),
        ({"reason": "PartitionTimeLimit"}, "can never start"),
        ({}, ""),
    ],
)
def test_a_waiting_job_says_when_it_starts_or_why_not(panel, values, text):
    panel.show_jobs([a_job("q", state=JobState.QUEUED, **values)])
    row = panel.model.index_of("q")
    assert row.sibling(row.row(), PROGRESS).data().startswith(text)


def test_a_tooltip_is_plain_text_whatever_a_job_is_called(panel):
    panel.show_jobs([a_job("u", name="<b>mouse</b>", note="a < b")])
    tip = panel.model.index_of("u").data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tip
    assert "&lt;b&gt;mouse" in tip
