"""Menu, profiles, settings, check, notices, polling."""

from __future__ import annotations

import dataclasses

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget

from sleap_remote_plugin.errors import ClusterBusy, ConnectionFailed
from sleap_remote_plugin.jobs.cluster import config_folder
from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.qt import following
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.session.check import CheckLine
from tests.qt.standins import Studio, a_job, a_profile


def test_the_menu_has_its_entries_by_name(studio):
    assert studio.controller.menu.objectName() == "remote_menu"
    assert studio.controller.menu.title() == "Run on Practice HPC"
    assert {name: a.text() for name, a in studio.controller.menu.entries.items()} == {
        "remote_train": "Train...",
        "remote_predict": "Predict...",
        "remote_train_then_predict": "Train then predict...",
        "remote_next_round": "Next round",
        "remote_jobs": "Jobs",
        "remote_find": "Find my jobs...",
        "remote_setup": "Set up...",
        "remote_check": "Check connection...",
        "remote_settings": "Settings...",
    }


def test_an_entry_that_is_grey_says_why(studio):
    project = studio.host.open_project
    train = studio.controller.menu.entries["remote_train"]
    predict = studio.controller.menu.entries["remote_predict"]
    assert train.isEnabled()
    studio.host.change(dataclasses.replace(project, labelled_frames=0))
    assert not train.isEnabled()
    assert "no labelled frame" in train.toolTip()
    assert predict.isEnabled()
    studio.host.change(None)
    assert "No project is open" in predict.toolTip()
    assert not studio.dock.predict.isEnabled()


def test_train_opens_sleaps_own_dialog_with_our_button(studio):
    studio.controller.menu.entries["remote_train"].trigger()
    assert studio.host.dialogs[0].windowTitle() == "training"
    assert studio.host.run_text == "Run on Practice HPC"


def test_jobs_brings_the_dock_to_the_front(studio):
    dock = studio.window.findChild(QDockWidget, "remote_dock")
    dock.hide()
    studio.controller.menu.entries["remote_jobs"].trigger()
    assert dock.isVisible()


def test_no_profile_is_a_sentence_and_grey_entries(qtbot, home, tmp_path):
    studio = Studio(qtbot, tmp_path, Profiles((), ()))
    assert "No cluster is set up" in studio.dock.empty.text()
    assert not studio.controller.menu.entries["remote_train"].isEnabled()


def test_a_broken_profile_is_a_sentence_and_the_others_work(qtbot, home, tmp_path):
    folder = config_folder() / "clusters"
    folder.mkdir(parents=True)
    (folder / "aa.yaml").write_text("name: aa\nlogin: h\nmounts:\n  - wrong: 1\n")
    (folder / "bb.yaml").write_text(
        "name: bb\nlogin: h\nmounts:\n  - cluster: /ceph\n    local: /mnt\n"
    )
    profiles = read_profiles()
    assert profiles.usable[0].name == "bb"
    assert "aa.yaml, line 4" in profiles.problems[0]
    studio = Studio(qtbot, tmp_path, profiles)
    said = studio.dock.notice.label.text().replace("\u200b", "")
    assert "aa.yaml" in said
    studio.close()


def test_the_profile_in_use_is_remembered(qtbot, home, tmp_path):
    two = Profiles(
        (a_profile(tmp_path), a_profile(tmp_path, name="b", title="Other")), ()
    )
    studio = Studio(qtbot, tmp_path, two)
    studio.controller._on_profile_chosen("b")
    assert studio.controller.menu.title() == "Run on Other"
    studio.close()
    again = Studio(qtbot, tmp_path, two)
    assert again.controller.profile.name == "b"
    again.close()


def test_being_offline_is_a_line_and_the_known_states_stay(studio):
    studio.show_jobs(a_job(state=JobState.RUNNING))
    studio.session.errors = [ConnectionFailed("The network is away.")]
    studio.controller.follower.refresh()
    studio.qtbot.waitUntil(lambda: "offline since" in studio.dock.connection.text())
    assert studio.dock.model.jobs()[0].state is JobState.RUNNING


def test_coming_back_to_the_program_asks_at_once_and_a_timer_does_not(
    studio, monkeypatch
):
    follower = studio.controller.follower
    studio.session.stored = (a_job(state=JobState.RUNNING),)
    studio.session.transport.is_connected = True

    def looked(number):
        return lambda: len(studio.session.looks) >= number and not follower._asking

    follower.refresh()
    studio.qtbot.waitUntil(looked(1))
    front = Qt.ApplicationState.ApplicationActive
    follower._on_front(front)  # a moment ago is fresh enough
    monkeypatch.setattr(following, "FRESH", 0)
    studio.qtbot.waitUntil(lambda: follower._answered.hasExpired(0))
    follower._on_front(Qt.ApplicationState.ApplicationInactive)
    follower._on_front(front)
    studio.qtbot.waitUntil(looked(2))
    assert studio.session.looks[:2] == [False, True]


def test_a_finished_job_is_told_in_the_dock(studio):
    job = a_job(state=JobState.RUNNING)
    studio.show_jobs(job)
    studio.show_jobs(job.changed(state=JobState.COMPLETED))
    assert "has finished" in studio.dock.notice.label.text()


def test_the_check_shows_a_line_for_each_thing(studio):
    lines = (
        CheckLine("Connection", "ok", "Signed in."),
        CheckLine("Mount", "fail", "Not there.", "Mount it."),
    )
    studio.session.check = lambda version, folder, told: [told(one) for one in lines]
    studio.controller.menu.entries["remote_check"].trigger()
    dialog = studio.child("remote_check_dialog")
    studio.qtbot.waitUntil(lambda: "1 of 2" in dialog.summary.text())
    assert dialog.as_text() == "[OK] Connection: Signed in.\n[Failed] Mount: " + (
        "Not there.\nMount it."
    )
    dialog.close()


def test_settings_turn_notices_off_for_good(studio):
    studio.controller.menu.entries["remote_settings"].trigger()
    dialog = studio.child("remote_settings_dialog")
    dialog.notifications.setChecked(False)
    studio.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    saved = studio.controller.settings
    studio.qtbot.waitUntil(lambda: saved.get("window.notifications") is False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ClusterBusy("SLURM does not answer just now."), "SLURM does not answer"),
        (AttributeError("a mistake of ours"), "the last known states are shown"),
    ],
)
def test_a_refresh_that_fails_says_so_and_can_be_tried_again(studio, error, words):
    studio.session.errors = [error]
    studio.dock.refresh.click()

    studio.qtbot.waitUntil(lambda: words in studio.dock.connection.text())
    assert studio.dock.sign_in.isVisibleTo(studio.dock)
