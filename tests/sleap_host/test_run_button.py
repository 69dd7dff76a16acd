"""Our button in SLEAP's real dialogs, pressed with mouse and keys."""

from __future__ import annotations

import contextlib
import threading

import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDockWidget, QPushButton, QToolButton

from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
    visible,
)

pytestmark = pytest.mark.sleap


def sleaps_own(dialog, pressed):
    """Note which of SLEAP's own buttons is pressed, and let it do nothing."""
    for button in dialog.findChildren(QPushButton):
        if button.objectName() != "remote_run_button":
            with contextlib.suppress(RuntimeError, TypeError):  # it has no slot
                button.clicked.disconnect()
            button.pressed.connect(lambda one=button: pressed.append(one.text()))


def test_return_on_ours_presses_ours_and_the_end_steals_no_tab(
    window,
    ours,  # noqa: F811
    qtbot,
    cluster,  # noqa: F811
):
    dock = window.findChild(QDockWidget, "remote_dock")
    dock.setFloating(False)  # SLEAP remembers where an earlier window had it
    window.tabifyDockWidget(window.videos_dock, dock)
    pressed, there, gate = [], cluster.to_cluster, threading.Event()
    cluster.to_cluster = lambda path: (gate.wait(10), there(path))[1]
    cluster.connect_gate.clear()
    enter, opened, ran, run = Qt.Key.Key_Enter, [], [], ours.run
    ours.run = lambda mode, dialog: ran.append(mode)
    for mode, key in (("inference", enter), ("training", Qt.Key.Key_Return)):
        dialog = ours.host.open_dialog(mode)
        with qtbot.waitExposed(dialog):
            pass
        dialog.run_button.setEnabled(True)
        sleaps_own(dialog, pressed)
        button = dialog.findChild(QPushButton, "remote_run_button")
        QTest.keyClick(button, key)
        where = dialog.findChild(QToolButton, "remote_run_where")
        where.show()
        where.menu().addAction("Run on Other HPC")
        where.menu().aboutToShow.connect(lambda: opened.append("the other clusters"))
        close = where.menu().close
        where.menu().aboutToShow.connect(
            lambda close=close: QTimer.singleShot(0, close)
        )
        QTest.keyClick(where, key)  # returns once the menu is closed
        if mode == "inference":
            dialog.reject()
    assert ran == ["inference", "training"]
    assert opened == ["the other clusters"] * 2
    assert pressed == []

    ours.run = run
    # The training is sent by keys alone, and by too many of them.
    from demo.training import fill_dialog

    fill_dialog(dialog)
    button.setFocus()
    for _ in range(2):  # while it is looked whether the cluster sees the files
        QTest.keyClick(button, key)
    gate.set()
    submitting = visible(qtbot, "remote_submit_dialog")
    QTest.keyClick(visible(qtbot, "remote_submit"), key)
    qtbot.waitUntil(lambda: not submitting.isVisible())
    QTest.keyClick(button, key)  # while it connects
    assert len(ours.sending.under_way) == 1
    # In front, by the click.
    qtbot.waitUntil(lambda: not ours.dock.visibleRegion().isEmpty())

    # Somebody works in another tab until it is submitted: the dock stays behind.
    cluster.connect_gate.set()
    qtbot.waitUntil(lambda: bool(ours.dock.model.jobs()), timeout=60000)
    cluster.connect_gate.clear()
    window.videos_dock.raise_()
    qtbot.waitUntil(lambda: ours.dock.visibleRegion().isEmpty())
    cluster.connect_gate.set()
    qtbot.waitUntil(lambda: bool(cluster.submissions), timeout=60000)
    qtbot.waitUntil(lambda: not ours.sending.under_way)
    assert len(cluster.submissions) == 1
    qtbot.waitUntil(lambda: ours.dock.selected_job() is not None)
    assert ours.dock.selected_job().slurm_id == "417"
    assert ours.dock.visibleRegion().isEmpty()
    assert pressed == []
