"""The jobs' dock in SLEAP's real window: dropped jobs and files, floats, restarts.

The cluster is a stand-in: what it would have made lies in folders beside the project.
"""

from __future__ import annotations

import pytest
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QDockWidget

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt.job_drag import MIME
from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
    visible,
)
from tests.sleap_host.predictions import write_predictions
from tests.sleap_host.test_cycle import jobs_of

pytestmark = pytest.mark.sleap

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction
#: What SLEAP 1.3 knows a file by, and what other programs carry it as.
OLD_MIME = 'application/x-qt-windows-mime;value="FileName"'


def drag(widget, data):
    """Drag over a widget and drop there, as Qt tells it; what was accepted."""
    place = widget.rect().center()
    enter = QDragEnterEvent(QPoint(place), COPY, data, LEFT, NONE)
    move = QDragMoveEvent(QPoint(place), COPY, data, LEFT, NONE)
    drop = QDropEvent(QPointF(place), COPY, data, LEFT, NONE)
    accepted = []
    for event in (enter, move, drop):
        event.ignore()
        QApplication.sendEvent(widget, event)
        accepted.append(event.isAccepted())
    return accepted


def a_job_data(uid):
    data = QMimeData()
    data.setData(MIME, uid.encode("utf-8"))
    return data


def a_file_data(path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    data.setData(OLD_MIME, str(path).encode("utf-8"))
    return data


def test_a_job_on_the_video_is_loaded_and_a_file_is_sleaps_as_ever(
    ours,  # noqa: F811
    window,
    qtbot,
    cluster,  # noqa: F811
    project,
    monkeypatch,
):
    predictions = project.parent / "labels.v001.slp.prediction_job" / "predictions"
    predictions.mkdir(parents=True)
    nodes = [node.name for node in window.labels.skeletons[0].nodes]
    frames = [(0, frame) for frame in range(10, 20)]
    path = predictions / "arena.predictions.slp"
    write_predictions(path, ["/ceph/lab/arena.avi"], frames, nodes)
    cluster.stored = jobs_of(project)
    ours.follower.start()
    qtbot.waitUntil(lambda: len(ours.dock.model.jobs()) == 2)
    merged = []
    monkeypatch.setattr(
        window.commands, "mergeProject", lambda filenames: merged.append(filenames)
    )
    view = window.player.view

    # A file: SLEAP sees it, and merges it in its own way.
    assert drag(view.viewport(), a_file_data(path))[0]
    assert merged == [[str(path)]]
    # Text, or a job that is not known here: nothing happens to SLEAP.
    other = QMimeData()
    other.setText("mouse")
    assert drag(view.viewport(), other)[0] is False
    drag(view.viewport(), a_job_data("of another list"))
    qtbot.waitUntil(lambda: "not in this window's" in ours.dock.notice.label.text())
    assert not window.state["has_changes"]

    # A job: on the player around the video, and on the video; nothing goes unasked.
    assert drag(window.player, a_job_data("p1")) == [True, True, True]
    visible(qtbot, "remote_load_dialog").reject()
    ours.show_job("p1")
    assert drag(view.viewport(), a_job_data("p1")) == [True, True, True]
    visible(qtbot, "remote_load_dialog")
    assert not window.state["has_changes"]
    click(qtbot, "remote_load_accept")
    qtbot.waitUntil(lambda: window.state["has_changes"], timeout=20000)
    assert len(merged) == 1


@pytest.fixture
def opened(make_window, project, cluster, qtbot):  # noqa: F811
    """Windows with our dock in front and two jobs in it."""
    cluster.stored = tuple(j.changed(state=JobState.FAILED) for j in jobs_of(project))
    made = []

    def make():
        window = make_window(project)
        its = window.remote_controller
        made.append(its)
        its.show_dock()
        qtbot.waitUntil(lambda: len(its.dock.model.jobs()) == 2)
        return window, its

    yield make
    for its in made:
        its.follower.stop()
        its.network.close()
        its.files.close()


def dock_of(window):
    return window.findChild(QDockWidget, "remote_dock")


def test_the_dock_tabs_floats_hides_and_is_as_it_was_after_a_restart(opened, qtbot):
    first, its = opened()
    dock, table = dock_of(first), its.dock.table
    # A tab beside SLEAP's own, narrow: state and progress, the rest in the tooltip.
    assert first.videos_dock in first.tabifiedDockWidgets(dock)
    first.videos_dock.raise_()
    qtbot.waitUntil(lambda: table.visibleRegion().isEmpty())
    its.show_job("t1")
    qtbot.waitUntil(lambda: not table.visibleRegion().isEmpty())
    assert its.dock.selected_uid() == "t1"
    # It floats, as wide as it likes, with more columns; and it can be hidden.
    dock.setFloating(True)
    dock.resize(1200, 600)
    qtbot.waitUntil(lambda: not table.isColumnHidden(4))
    assert its.dock.splitter.orientation() == Qt.Orientation.Horizontal
    dock.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: not dock.isVisible())
    its.show_dock()
    qtbot.waitUntil(dock.isVisible)
    table.collapse(its.dock.model.index(0, 0))
    first.state["has_changes"] = False
    first.close()

    second, again = opened()
    dock = dock_of(second)
    assert dock.isFloating()
    assert again.dock.selected_uid() == "t1"
    assert not again.dock.table.isExpanded(again.dock.model.index(0, 0))
    # Back among the tabs, and so once more after a restart.
    dock.setFloating(False)
    second.tabifyDockWidget(second.videos_dock, dock)
    second.state["has_changes"] = False
    second.close()
    third, _ = opened()
    assert not dock_of(third).isFloating()
    assert third.videos_dock in third.tabifiedDockWidgets(dock_of(third))
