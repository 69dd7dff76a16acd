"""Our menu, dock and button in SLEAP's real window."""

from __future__ import annotations

import gc

import pytest
from qtpy import QtWidgets

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.sleap_host import attach
from tests.sleap_window import put_away

pytestmark = [pytest.mark.sleap, pytest.mark.each_sleap]


def predict_menu(window):
    return window._menu_actions["training"].parent()


def texts(menu):
    return [action.text().replace("&", "") for action in menu.actions()]


def middle(widget):
    return widget.mapToGlobal(widget.rect().center())


def test_the_menu_stands_in_predict_after_run_inference(window):
    names = texts(predict_menu(window))
    after = names.index(window._menu_actions["inference"].text().replace("&", "")) + 1
    assert names[after] == "Run on Practice"
    menu = window.findChild(QtWidgets.QMenu, "remote_menu")
    assert [action.objectName() for action in menu.actions()] == [
        "remote_train",
        "remote_predict",
        "remote_jobs",
        "remote_check",
        "remote_settings",
    ]


def test_sleaps_own_menus_survive(window, qtbot):
    menus = [
        child
        for child in window.menuBar().children()
        if isinstance(child, QtWidgets.QMenu)
    ]
    assert {"File", "View", "Predict", "Help"} <= {menu.title() for menu in menus}
    for menu in menus:
        assert menu.actions()
    predict = predict_menu(window)
    predict.popup(window.mapToGlobal(window.rect().center()))
    qtbot.waitUntil(predict.isVisible)
    predict.close()
    assert "Evaluation Metrics" in " ".join(texts(predict))


def test_sleap_starts_with_an_empty_dock_and_the_rest_follows(
    app_module, controller, qtbot
):
    window = app_module.MainWindow(no_usage_data=True)
    dock = window.findChild(QtWidgets.QDockWidget, "remote_dock")
    assert dock is not None
    assert window.findChild(QtWidgets.QMenu, "remote_menu") is None
    window.showMaximized()
    qtbot.waitUntil(lambda: bool(window.findChild(QtWidgets.QMenu, "remote_menu")))
    assert dock.isAncestorOf(attach.controller_of(window).content)
    put_away(window)


def test_a_dialog_that_comes_first_is_reported(app_module, controller, project):
    window = app_module.MainWindow(labels_path=str(project), no_usage_data=True)
    window._menu_actions["training"].trigger()
    assert [mode for mode, _ in attach.controller_of(window).made] == ["training"]
    put_away(window)


def test_every_window_gets_a_host_of_its_own(make_window, project):
    first, second = make_window(project), make_window()
    assert attach.host_of(first) is not attach.host_of(second)
    assert attach.host_of(first).window is first
    assert second.findChild(QtWidgets.QMenu, "remote_menu") is not None
    assert len(second.findChildren(QtWidgets.QDockWidget, "remote_dock")) == 1


def test_patching_twice_attaches_once(app_module, make_window):
    attach.patch(app_module)
    window = make_window()
    assert len(window.findChildren(QtWidgets.QMenu, "remote_menu")) == 1


def test_the_collector_does_not_look_through_all_of_sleap_again(window):
    assert gc.get_freeze_count() > 100_000


def test_the_dock_is_a_tab_beside_sleaps_own(window):
    dock = window.findChild(QtWidgets.QDockWidget, "remote_dock")
    assert dock.windowTitle() == "Remote jobs"
    assert window.videos_dock in window.tabifiedDockWidgets(dock)
    assert "Remote jobs" in [action.text() for action in window.viewMenu.actions()]


def test_the_dock_is_where_the_user_left_it_after_a_restart(make_window, qtbot):
    from qtpy import QtCore

    left = QtCore.Qt.DockWidgetArea.LeftDockWidgetArea
    first = make_window()
    dock = first.findChild(QtWidgets.QDockWidget, "remote_dock")
    first.addDockWidget(left, dock)
    dock.show()
    first.state["has_changes"] = False
    first.close()
    second = make_window()
    again = second.findChild(QtWidgets.QDockWidget, "remote_dock")
    assert second.dockWidgetArea(again) == left
    second.addDockWidget(QtCore.Qt.DockWidgetArea.RightDockWidgetArea, again)


def test_our_failure_does_not_stop_sleap(make_window, project, monkeypatch, caplog):
    import sys

    def fail(host):
        raise RuntimeError("broken on purpose")

    module = sys.modules["sleap_remote_plugin.qt.controller"]
    monkeypatch.setattr(module, "attach", fail)
    window = make_window(project)
    assert window.state["project_loaded"]
    labels = window.statusBar().findChildren(QtWidgets.QLabel)
    assert any("log.txt" in label.text() for label in labels)
    assert "broken on purpose" in caplog.text


def test_the_project_is_described(host, project):
    found = host.project()
    assert found.path == str(project)
    assert not found.has_changes
    assert found.labelled_frames == 6
    assert [video.path for video in found.videos] == [str(project.parent / "arena.avi")]
    assert found.videos[0].frames == 40
    assert not found.is_package


def test_labelled_frames_are_counted_as_sleap_counts_them(host, window):
    labels = window.labels
    labels.labeled_frames[0].instances = []
    if host.generation is Generation.CURRENT:
        assert host.project().labelled_frames == 5
        labels.labeled_frames[0].is_negative = True
    wanted = len(labels.user_labeled_frames)
    assert host.project().labelled_frames == wanted >= 5


def test_there_is_no_project_in_an_empty_window(make_window):
    host = attach.host_of(make_window())
    assert host.project() is None
    with pytest.raises(ProjectNotReady):
        host.open_dialog("training")


def test_changes_of_the_project_are_reported(host, window):
    seen = []
    host.on_project_changed(lambda: seen.append(host.project().has_changes))
    window.state["has_changes"] = True
    assert seen == [True]


def test_unsaved_changes_are_a_sentence_and_no_box(host, window):
    window.state["has_changes"] = True
    with pytest.raises(ProjectNotReady, match="not saved"):
        host.open_dialog("training")


def test_each_dialog_is_reported_once_to_its_own_window(make_window, project):
    first, second = make_window(project), make_window(project)
    dialog = attach.host_of(first).open_dialog("training")
    dialog.reject()
    assert attach.host_of(first).open_dialog("training") is dialog
    assert attach.controller_of(first).made == [("training", dialog)]
    assert attach.controller_of(second).made == []


def test_a_dialog_opened_by_sleaps_own_menu_is_reported(window):
    window._menu_actions["training"].trigger()
    assert [mode for mode, _ in attach.controller_of(window).made] == ["training"]


def test_our_button_stands_beside_run_and_is_enabled_as_run_is(host, qtbot):
    dialog = host.open_dialog("training")
    clicked = []
    button = host.add_run_button(
        dialog, "Run on Practice", lambda: clicked.append(1), clicked.append
    )
    with qtbot.waitExposed(dialog):
        pass
    assert button.objectName() == "remote_run_button"
    assert not button.autoDefault()
    assert not button.isDefault()
    qtbot.waitUntil(lambda: abs(middle(button).y() - middle(dialog.run_button).y()) < 5)
    assert middle(button).x() != middle(dialog.run_button).x()
    for state in (False, True):
        dialog.run_button.setEnabled(state)
        assert button.isEnabled() == state
    button.click()
    assert clicked == [1]


def test_the_menu_action_of_the_dialogs_stays_non_blocking(host):
    dialog = host.open_dialog("inference")
    assert dialog.isVisible()
    assert dialog.mode == "inference"
