"""Two clusters in SLEAP's real window: menus, keys, the choice beside our button."""

from __future__ import annotations

import importlib
from collections import Counter

import pytest
from qtpy.QtCore import QEvent, QPoint
from qtpy.QtGui import QHelpEvent, QKeySequence
from qtpy.QtWidgets import QAction, QApplication, QMenu, QPushButton, QToolButton

from sleap_remote_plugin.sleap_host import shortcuts
from tests.qt.standins import a_profile
from tests.sleap_host.clicked import Cluster, ours  # noqa: F401


@pytest.fixture
def cluster(project):
    return Cluster(a_profile(project.parent), project.parent)


@pytest.fixture
def controller(monkeypatch, cluster):
    """The real controller, with two clusters."""
    module = importlib.import_module("sleap_remote_plugin.qt.controller")
    from sleap_remote_plugin.qt.profiles import Profiles

    other = a_profile(cluster.folder, name="other", title="Other & Co HPC")

    def attach(host):
        made = module.Controller(
            host,
            lambda profile: cluster,
            Profiles((cluster.profile, other), ()),
        )
        host.window.remote_controller = made
        return made

    monkeypatch.setattr(module, "attach", attach)


def keys_in(window):
    """The keys of every action of the window, ours too."""
    return Counter(
        keys.toString()
        for action in window.findChildren(QAction)
        for keys in action.shortcuts()
        if keys.toString()
    )


def test_each_cluster_has_a_menu_and_the_keys_are_for_the_one_in_use(
    window,
    ours,  # noqa: F811
):
    predict = window._menu_actions["inference"].parent()
    texts = [a.text().replace("&&", "&").replace("&", "") for a in predict.actions()]
    after = texts.index(window._menu_actions["inference"].text().replace("&", "")) + 1
    assert texts[after : after + 2] == ["Run on Practice HPC", "Run on Other  Co HPC"]
    assert len(window.findChildren(QMenu, "remote_menu")) == 1
    (other,) = window.findChildren(QMenu, "remote_menu_other")
    train = ours.menu.entries["remote_train"]
    assert train.shortcut().toString() == "Ctrl+Shift+T"
    assert other.entries["remote_train"].shortcut().isEmpty()
    assert [keys for keys, n in keys_in(window).items() if n > 1] == []

    other.entries["remote_jobs"].trigger()  # switches, and does it
    assert ours.profile.name == "other"
    assert ours.menu is other
    assert train.shortcut().isEmpty()
    assert other.entries["remote_train"].shortcut().toString() == "Ctrl+Shift+T"


def test_our_keys_are_in_sleaps_own_table_and_go_with_us(window, ours):  # noqa: F811
    from sleap.gui.dialogs.shortcuts import ShortcutDialog
    from sleap.gui.shortcuts import Shortcuts

    table = Shortcuts()
    defaults = Counter(shortcuts.keys_of(table, name) for name in table._names)
    for keys in shortcuts.DEFAULTS.values():
        assert defaults[keys] == 1
    dialog = ShortcutDialog()
    dialog.info_msg = lambda: None
    assert set(shortcuts.NAMES) <= set(dialog.key_widgets)
    dialog.key_widgets["remote train"].setKeySequence(QKeySequence("Ctrl+Alt+F9"))
    dialog.key_widgets["fit"].setKeySequence(QKeySequence("Ctrl+Shift+P"))
    dialog.accept()
    edited = Shortcuts()
    try:
        assert shortcuts.keys_of(edited, "remote train") == "Ctrl+Alt+F9"
        assert shortcuts.keys_of(edited, "fit") == "Ctrl+Shift+P"

        # Without us SLEAP passes over our lines, and leaves them out when it saves.
        names, Shortcuts._names = (
            Shortcuts._names,
            tuple(name for name in Shortcuts._names if name not in shortcuts.NAMES),
        )
        try:
            alone = Shortcuts()
            assert shortcuts.keys_of(alone, "fit") == "Ctrl+Shift+P"
            alone.save()
        finally:
            Shortcuts._names = names
        back = Shortcuts()
        assert shortcuts.keys_of(back, "remote train") == "Ctrl+Shift+T"
        assert shortcuts.keys_of(back, "remote predict") == ""  # the user's own wins
    finally:
        edited.reset_to_default()


def test_the_button_and_the_other_clusters_beside_it_follow_sleaps_validation(
    window,
    ours,  # noqa: F811
    cluster,
):
    ours._on_profile_chosen("practice")
    dialog = ours.host.open_dialog("inference")
    button = dialog.findChild(QPushButton, "remote_run_button")
    where = dialog.findChild(QToolButton, "remote_run_where")
    assert where.isVisibleTo(dialog)
    ran = []
    ours.run = lambda mode, dialog: ran.append((ours.profile.name, mode))

    dialog._validate_pipeline()  # SLEAP's own: no models are chosen
    assert not dialog.run_button.isEnabled()
    assert not button.isEnabled()
    assert not where.isEnabled()
    why_not = "SLEAP cannot run with these settings. "
    for one in (button, where):
        assert one.toolTip().startswith(why_not)
        assert "Cannot run inference with untrained models" in one.toolTip()
    dialog.message_widget.setText("<b>Unable to run:</b><br />No tracks.")
    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))
    assert button.toolTip() == why_not + "Unable to run: No tracks."
    dialog.run_button.setEnabled(True)
    assert button.isEnabled()
    assert where.isEnabled()
    assert "nothing runs on this computer" in button.toolTip()
    assert "follow the jobs there" in where.toolTip()

    assert [a.text() for a in where.menu().actions()] == ["Run on Other && Co HPC"]
    where.menu().actions()[0].trigger()
    assert ran == [("other", "inference")]
    assert button.text() == "Run on Other && Co HPC"
