"""The settings, page by page, with profiles as files in a home of their own."""

from __future__ import annotations

import zipfile

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QToolButton,
)

from sleap_remote_plugin.jobs.cluster import config_folder
from sleap_remote_plugin.jobs.profile_file import load_profile
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.session.preferences import Pace, Preferences, preferences
from tests.qt.standins import Studio, a_job

LAB = """\
# a note
name: practice
title: Practice HPC
login: gateway
user: jane
mounts:
  - cluster: /ceph/lab
    local: /mnt/lab
"""


@pytest.fixture
def lab(qtbot, home, tmp_path):
    """A window with a profile of the user's own, and the shipped one."""
    folder = config_folder() / "clusters"
    folder.mkdir(parents=True)
    (folder / "practice.yaml").write_text(LAB)
    made = Studio(qtbot, tmp_path, read_profiles())
    made.path = folder / "practice.yaml"
    yield made
    made.close()


def open_settings(lab, page="cluster"):
    lab.controller.open_settings()
    dialog = lab.child("remote_settings_dialog")
    dialog.show_page(page)
    return dialog


def click(lab, name):
    lab.child(name).click()


def choose(dialog, text):
    (action,) = [a for a in dialog.clusters.add_menu.actions() if a.text() == text]
    action.trigger()


def says(lab, dialog, word):
    lab.qtbot.waitUntil(lambda: word in dialog.clusters.says.label.text())


# -- the dialog ------------------------------------------------------------------------


def test_it_stops_nobody_and_is_there_once(lab):
    dialog = open_settings(lab)
    assert not dialog.isModal()
    lab.controller.open_settings()
    assert lab.controller.settings_window.dialog is dialog
    lab.controller._on_profile_chosen("swc")  # what it shows is not in use any more
    assert not dialog.isVisible()


def test_each_field_says_what_it_is_for_and_can_be_reached_by_key(lab):
    dialog = open_settings(lab)
    for name in dialog.pages:
        dialog.show_page(name)
        kinds = (QPushButton, QComboBox, QLineEdit, QToolButton)
        for kind in kinds:
            for widget in dialog.pages[name].findChildren(kind):
                if widget.isVisible() and widget.objectName().startswith("remote_"):
                    assert widget.toolTip(), widget.objectName()
                    assert widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    dialog.list.setFocus()
    dialog.show_page("cluster")
    lab.qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.page() == "sign-in"
    dialog.reject()


def test_what_is_liked_is_kept_by_ok_and_not_by_cancel(lab):
    dialog = open_settings(lab, "notices")
    dialog.notices.kinds["STARTED"].setChecked(False)
    dialog.notices.badge.setChecked(False)
    dialog.following._pace.setCurrentIndex(1)
    dialog.following.live_logs.setChecked(False)
    dialog.reject()
    liked = lab.controller.settings
    assert preferences(liked) == Preferences()
    dialog = open_settings(lab, "notices")
    dialog.notices.kinds["STARTED"].setChecked(False)
    dialog.following._pace.setCurrentIndex(1)
    dialog.accept()
    wanted = Preferences(muted=("STARTED",), pace=Pace.LESS_OFTEN)
    lab.qtbot.waitUntil(lambda: preferences(liked) == wanted)


# -- profiles --------------------------------------------------------------------------


def test_a_profile_is_edited_checked_while_typed_and_kept(lab):
    dialog = open_settings(lab)
    dialog.clusters.edit.click()
    editor = lab.child("remote_profile_editor")
    assert not editor.save.isEnabled()
    editor.text.setPlainText(LAB.replace("login: gateway", "login: not a host"))
    editor.text.document().setModified(True)
    lab.qtbot.waitUntil(lambda: "Line 4: expected a host" in editor.says.label.text())
    (mark,) = editor.text.extraSelections()
    assert mark.cursor.blockNumber() == 3
    assert not editor.save.isEnabled()

    editor.text.setPlainText(LAB.replace("Practice HPC", "Our HPC"))
    editor.text.document().setModified(True)
    lab.qtbot.waitUntil(lambda: "keeps the old one" in editor.says.label.text())
    editor.save.click()
    says(lab, dialog, "The old one is kept as practice.yaml.bak")
    assert load_profile(lab.path).title == "Our HPC"
    assert lab.path.with_name("practice.yaml.bak").read_text() == LAB
    dialog.reject()
    assert lab.controller.menu.title() == "Run on Our HPC"


def test_what_was_typed_is_not_lost_unasked_nor_by_a_full_disk(lab, monkeypatch):
    dialog = open_settings(lab)
    dialog.clusters.edit.click()
    editor = lab.child("remote_profile_editor")
    lab.qtbot.keyClicks(editor.text, "# more")
    for window in (editor, lab.window):
        window.close()
        question = lab.child("remote_give_up")
        lab.qtbot.keyClick(question, Qt.Key.Key_Escape)
        lab.qtbot.waitUntil(lambda: editor.findChild(QMessageBox) is None)
        assert window.isVisible()
        assert editor.isVisible()

    from sleap_remote_plugin.jobs import own_profiles

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(own_profiles, "save_whole", full)
    lab.qtbot.waitUntil(editor.save.isEnabled)
    editor.save.click()
    lab.qtbot.waitUntil(lambda: "No space left" in editor.says.label.text())
    assert editor.text.toPlainText().startswith("# more")
    assert editor.save.isEnabled()
    assert lab.path.read_text() == LAB
    editor.close()
    click(lab, "remote_give_up_yes")
    lab.qtbot.waitUntil(lambda: not lab.controller.settings_window.own.editors)
    dialog.reject()


def test_one_that_came_with_it_is_edited_as_a_copy_and_cannot_be_removed(lab):
    dialog = open_settings(lab)
    page = dialog.clusters
    page.table.setCurrentItem(page.table.topLevelItem(1))
    assert page.selected().profile.name == "swc"
    assert not page.remove.isEnabled()
    page.edit.click()
    editor = lab.child("remote_profile_editor")
    assert "stands in for it" in editor.note.text()
    assert editor.path is None
    editor.reject()
    dialog.reject()


def test_a_profile_is_begun_like_another_or_blank(lab):
    dialog = open_settings(lab)
    choose(dialog, "Like Practice HPC...")
    editor = lab.child("remote_profile_editor")
    lab.qtbot.waitUntil(editor.save.isEnabled)
    assert "# a note\nname: practice-2\n" in editor.text.toPlainText()
    editor.save.click()
    says(lab, dialog, "practice-2.yaml")
    choose(dialog, "Blank, with notes...")
    editor = lab.child("remote_profile_editor")
    lab.qtbot.waitUntil(editor.save.isEnabled)
    editor.reject()
    assert [dialog.profiles.itemText(n) for n in range(3)] == [
        "Practice HPC (practice)",
        "Practice HPC 2 (practice-2)",
        "SWC HPC (swc)",
    ]
    dialog.profiles.setCurrentIndex(1)
    dialog.accept()
    assert lab.controller.profile.name == "practice-2"


def test_a_file_of_the_labs_is_looked_at_before_it_takes_the_place_of_ones_own(
    lab, tmp_path
):
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text(LAB.replace("gateway", "gateway2").replace("jane", '""'))
    dialog = open_settings(lab)
    dialog.clusters.import_wanted.emit(str(theirs))
    question = lab.child("remote_import")
    assert "Yours is kept beside it as .bak" in question.text()
    assert "Hosts: gateway2" in question.text()
    assert "+login: gateway2" in question.detailedText()
    assert "-user" not in question.detailedText()  # who one is stays
    lab.qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert lab.path.read_text() == LAB
    dialog.clusters.import_wanted.emit(str(theirs))
    click(lab, "remote_import_yes")
    says(lab, dialog, "Kept as")
    assert lab.path.read_text() == LAB.replace("gateway", "gateway2")
    theirs.write_text("name: x\n")
    dialog.clusters.import_wanted.emit(str(theirs))
    says(lab, dialog, "theirs.yaml, line 1: `login` is missing")
    dialog.reject()


def test_a_file_for_the_lab_says_what_it_leaves_out(lab, tmp_path):
    dialog = open_settings(lab)
    path = tmp_path / "for the lab.yaml"
    dialog.clusters.export_wanted.emit(dialog.clusters.selected(), str(path))
    says(lab, dialog, "Left out: user names")
    assert "jane" not in path.read_text()
    dialog.reject()


def test_a_profile_is_removed_with_a_word_on_its_jobs_and_put_back(lab, monkeypatch):
    from sleap_remote_plugin.jobs.cluster import data_folder
    from sleap_remote_plugin.session.store import Store

    data_folder().mkdir(parents=True)
    Store(data_folder() / "jobs.sqlite").add(a_job())
    dialog = open_settings(lab)
    dialog.clusters.remove.click()
    assert "1 job goes on there" in lab.child("remote_remove_profile").text()
    click(lab, "remote_remove_profile_yes")
    says(lab, dialog, "out of use")
    assert not lab.path.exists()
    dialog.clusters.put_back.click()
    says(lab, dialog, "is back")
    assert lab.path.read_text() == LAB
    assert not dialog.clusters.put_back.isVisible()
    dialog.reject()
    assert lab.controller.profile.name == "practice"


def test_a_profile_that_cannot_be_read_can_be_mended(lab):
    (lab.path.parent / "old.yaml").write_text("name: old\nlogin: h\n")
    lab.controller.profiles = read_profiles()
    dialog = open_settings(lab)
    page = dialog.clusters
    page.table.setCurrentItem(page.table.topLevelItem(2))
    assert page.table.topLevelItem(2).text(2) == "cannot be read"
    assert not page.export.isEnabled()
    page.edit.click()
    editor = lab.child("remote_profile_editor")
    lab.qtbot.waitUntil(lambda: "`mounts` is missing" in editor.says.label.text())
    editor.reject()
    dialog.reject()


# -- about -----------------------------------------------------------------------------


def test_a_bundle_for_support_says_what_is_in_it(lab, tmp_path):
    dialog = open_settings(lab, "about")
    path = tmp_path / "bundle.zip"
    lab.controller.settings_window.save_bundle(str(path))
    lab.qtbot.waitUntil(lambda: "clusters/practice.yaml" in dialog.about.says.text())
    with zipfile.ZipFile(str(path)) as archive:
        assert "SLEAP: 1.6.3" in archive.read("versions.txt").decode()
    dialog.reject()


@pytest.mark.parametrize("profiles_too", [False, True])
def test_a_reset_says_what_it_forgets_and_keeps_what_was_there(lab, profiles_too):
    settings = lab.controller.settings
    settings.set("notices.badge", False)
    settings.set("window.profile", "swc")
    dialog = open_settings(lab, "about")
    dialog.about.reset.click()
    question = lab.child("remote_reset_question")
    assert "Not touched: jobs and their results, passwords" in question.text()
    lab.child("remote_reset_profiles").setChecked(profiles_too)
    click(lab, "remote_reset_question_yes")
    lab.qtbot.waitUntil(lambda: lab.controller.settings_window.dialog is None)
    assert preferences(settings) == Preferences()
    assert settings.path.with_name("settings.json.bak").exists()
    assert lab.path.exists() is not profiles_too
    wanted = "swc" if profiles_too else "practice"
    assert lab.controller.profile.name == wanted
    assert "as installed" in lab.dock.notice.label.text()


def test_help_opens_the_guide_and_its_links_lead_on(lab):
    dialog = open_settings(lab, "about")
    dialog.about.help.click()
    guide = lab.child("remote_guide")
    assert "sleap_remote_plugin" in guide.text.toPlainText()
    guide.show_page("following.md")
    assert "Follow jobs" in guide.text.toPlainText()
    guide.back.click()
    assert not guide.back.isEnabled()
    guide.close()
    dialog.reject()


# -- the first time --------------------------------------------------------------------


def test_the_hint_of_the_first_time_is_shown_until_it_is_dismissed(qtbot, lab):
    hint = lab.controller.clusters.hint
    assert hint.isVisible()
    assert "Run on Practice HPC" in hint.label.text()
    hint.button.click()
    assert not hint.isVisible()
    lab.qtbot.waitUntil(lambda: lab.controller.settings.get("hint.run_button") is True)
    lab.controller.use(lab.controller.profile)
    assert not hint.isVisible()


def test_a_cluster_that_came_with_it_has_no_menu_until_somebody_is_known_there(lab):
    titles = [menu.title() for _, menu in lab.controller.clusters.menus.shown()]
    assert titles == ["Run on Practice HPC"]
    lab.controller.settings.set("user.swc", "jane")
    lab.controller._on_disks_kept(lab.profile)
    titles = [menu.title() for _, menu in lab.controller.clusters.menus.shown()]
    assert titles == ["Run on Practice HPC", "Run on SWC HPC"]
    assert isinstance(lab.controller.profiles, Profiles)


def test_what_was_looked_at_only_leaves_the_connection_alone(lab):
    connection = lab.controller.connection
    for end in ("reject", "accept"):
        dialog = open_settings(lab)
        getattr(dialog, end)()
        lab.qtbot.waitUntil(lambda: lab.controller.settings_window.dialog is None)
    assert lab.controller.connection is connection


def test_another_cluster_is_chosen_while_a_profile_was_changed(lab):
    dialog = open_settings(lab)
    choose(dialog, "Blank, with notes...")
    editor = lab.child("remote_profile_editor")
    lab.qtbot.waitUntil(editor.save.isEnabled)
    editor.save.click()
    says(lab, dialog, "Saved as")
    lab.controller._on_profile_chosen("swc")
    assert lab.controller.profile.name == "swc"
    names = [one.name for one in lab.controller.profiles.usable]
    assert names == ["my-cluster", "practice", "swc"]
