"""The table's model: whatever comes, it shows just that, and tells Qt once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qtpy.QtCore import QModelIndex, QPersistentModelIndex, Qt
from qtpy.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.progress import Progress
from sleap_remote_plugin.qt.job_table import HEADERS, TIME, JobModel, JobTable
from tests.qt.standins import a_job

NUMBERS = st.lists(st.integers(0, 12), unique=True)


def some(numbers, state=JobState.RUNNING):
    return [
        a_job(uid="u{}".format(n), name="n{}".format(n), state=state) for n in numbers
    ]


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_any_list_becomes_any_other_and_rows_that_stay_are_known(qapp, before, after):
    model = JobModel()
    model.set_jobs(some(before))
    kept = {n: QPersistentModelIndex(model.index(r, 0)) for r, n in enumerate(before)}

    model.set_jobs(some(after))

    assert names(model) == ["n{}".format(n) for n in after]
    assert [model.row_of("u{}".format(n)) for n in after] == list(range(len(after)))
    assert model.row_of("gone") == -1
    for number, index in kept.items():
        assert index.isValid() == (number in after)
        if index.isValid():
            assert index.row() == after.index(number)


def test_many_changed_rows_are_one_signal(qapp):
    model, told = JobModel(), []
    model.dataChanged.connect(lambda a, b, *_: told.append((a.row(), b.row())))
    jobs = some(range(300), JobState.QUEUED)
    model.set_jobs(jobs)
    model.set_jobs(some(range(300)))
    model.set_progress({job.uid: (Progress(1, 2),) for job in jobs[10:200]})
    model.tick()

    assert told == [(0, 299), (10, 199), (0, 299)]
    model.set_jobs(model.jobs())
    model.set_progress({jobs[10].uid: (Progress(1, 2),)})
    assert len(told) == 3


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
    for column in range(len(HEADERS)):
        index = model.index(0, column)
        by_role, at_once = QStyleOptionViewItem(), QStyleOptionViewItem()
        plain.initStyleOption(by_role, index)
        delegate = table.itemDelegateForColumn(column) or table.itemDelegate()
        delegate.initStyleOption(at_once, index)
        assert at_once.text == by_role.text == index.data()
        assert at_once.features == by_role.features
        assert at_once.icon.isNull() == by_role.icon.isNull()
        role = by_role.palette.ColorRole.Text
        assert at_once.palette.color(role) == by_role.palette.color(role)


def test_a_row_that_has_gone_is_empty(qapp):
    model = JobModel()
    model.set_jobs(some([1]))
    index = model.index(0, 0)
    model.set_jobs([])
    assert model.data(index, Qt.ItemDataRole.DisplayRole) is None
    option = QStyleOptionViewItem()
    model.fill(option, 0, 0)
    assert option.text == ""
    assert model.rowCount(QModelIndex()) == 0
