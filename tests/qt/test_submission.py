"""From SLEAP's dialog to a job: what is refused, what is cancelled, what is left."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDockWidget

from sleap_remote_plugin.errors import SubmissionRefused
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.qt.host import ProjectVideo
from sleap_remote_plugin.qt.profiles import Profiles
from tests.qt.standins import a_job, password_needed


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def message(studio):
    box = studio.child("remote_message")
    text = box.text()
    box.close()
    return text


def beside(dialog, field):
    """What is said beside a field of the submit dialog."""
    return dialog.rows[field].notes[field].label.text()


def left_over(studio):
    return sorted(path.name for path in studio.folder.iterdir() if path.name != "home")


def test_a_training_is_exported_and_submitted(studio):
    sleap_dialog = studio.run()
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 1)
    package, _, project, _, module = studio.session.submissions[0]
    assert project == str(studio.folder / "labels.slp")
    assert package.folder.name == "labels.slp.training_job"
    assert (package.folder / "labels.pkg.slp").stat().st_size == 1000
    assert module.sleap == "1.6.3"
    assert left_over(studio) == ["labels.slp.training_job"]
    assert not sleap_dialog.isVisible()
    studio.qtbot.waitUntil(lambda: studio.dock.model.jobs()[0].state is JobState.QUEUED)


def test_the_job_is_in_the_table_while_it_is_prepared(studio):
    studio.host.write_gate.clear()
    studio.run()
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 1)
    assert studio.dock.model.jobs()[0].state is JobState.PREPARING
    assert studio.dock.progress.isVisible()


@pytest.mark.parametrize("looks_away", [False, True])
def test_a_submitted_job_is_selected_unless_another_one_was_meanwhile(
    studio, looks_away
):
    other = a_job("other", state=JobState.COMPLETED)
    studio.session.stored = (other,)
    studio.controller.follower.refresh()
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 1)
    studio.host.write_gate.clear()
    studio.run()
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 2)
    assert studio.dock.selected_uid() != "other"
    if looks_away:
        studio.dock.select("other")
    studio.host.write_gate.set()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    selected = studio.dock.selected_job()
    assert (selected.uid == "other") is looks_away
    assert looks_away or selected.state is JobState.QUEUED


def test_a_cancelled_export_leaves_nothing(studio):
    studio.host.write_gate.clear()
    studio.run()
    press(studio, "remote_submit")
    press(studio, "remote_progress_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []
    assert studio.dock.model.jobs() == ()
    assert left_over(studio) == []


def test_a_cancelled_password_cancels_the_submit_and_leaves_nothing(studio):
    studio.session.errors = [password_needed() for _ in range(9)]
    studio.run()
    press(studio, "remote_submit")
    studio.child("remote_password_dialog").reject()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []
    assert studio.host.calls == []
    assert left_over(studio) == []


def test_a_cancelled_submit_dialog_leaves_nothing(studio):
    studio.run()
    press(studio, "remote_submit_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.host.calls == []
    assert left_over(studio) == []


def test_a_hanging_disk_can_be_waited_out_or_cancelled(studio):
    gate = threading.Event()
    studio.session.to_cluster = lambda path: gate.wait(10)
    studio.run()
    press(studio, "remote_progress_cancel")
    assert studio.controller.sending.under_way == []
    gate.set()
    assert left_over(studio) == []


def test_what_a_sleap_dialog_is_set_to_is_sent_once(studio):
    gate, dock = threading.Event(), studio.window.findChild(QDockWidget)
    there = studio.session.to_cluster
    studio.session.to_cluster = lambda path: (gate.wait(10), there(path))[1]
    studio.session.connect_gate.clear()
    sending = studio.controller.sending
    sleap_dialog = studio.run()
    again = studio.host.run_callbacks[sleap_dialog]

    dock.hide()
    again()  # while the files are looked for: the dock's line tells of it
    assert len(sending.under_way) == 1
    assert dock.isVisible()
    gate.set()
    studio.child("remote_submit_dialog")
    again()
    dialogs = studio.window.findChildren(QDialog, "remote_submit_dialog")
    dialogs += sleap_dialog.findChildren(QDialog, "remote_submit_dialog")
    assert len(set(dialogs)) == 1
    press(studio, "remote_submit")
    again()  # while it connects
    assert len(sending.under_way) == 1
    studio.session.connect_gate.set()
    studio.qtbot.waitUntil(lambda: not sending.under_way)
    assert len(studio.session.submissions) == 1

    again()  # when it is sent, the same dialog may be for another one
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.session.submissions) == 2)


def test_another_one_can_be_sent_while_the_first_is_exported(studio):
    studio.host.write_gate.clear()
    sleap_dialog = studio.run()
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 1)
    studio.host.run_callbacks[sleap_dialog]()  # SLEAP shows the same one again
    assert len(studio.controller.sending.under_way) == 2
    studio.host.write_gate.set()
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: len(studio.session.submissions) == 2)


def test_one_that_is_not_sent_yet_gives_way_to_another_cluster(studio):
    other = dataclasses.replace(studio.profile, name="other", title="Other HPC")
    studio.controller.profiles = Profiles((studio.profile, other), ())
    gate = threading.Event()
    there = studio.session.to_cluster
    studio.session.to_cluster = lambda path: (gate.wait(10), there(path))[1]
    studio.run()
    studio.host.run_there("other")
    (one,) = studio.controller.sending.under_way
    assert one.connection.profile is other
    gate.set()
    assert "Other HPC" in studio.child("remote_submit_dialog").windowTitle()


def test_a_refusal_is_shown_in_slurms_own_words(studio):
    def refuse(*_args, **_keywords):
        raise SubmissionRefused("SLURM said: Invalid account.")

    studio.session.submit_training = refuse
    studio.run()
    press(studio, "remote_submit")
    assert "Invalid account" in message(studio)
    assert studio.dock.model.jobs() == ()


def test_an_unsaved_project_is_refused_with_a_sentence(studio):
    studio.host.open_project = dataclasses.replace(studio.host.open_project, path="")
    studio.run()
    assert "never saved" in message(studio)
    assert studio.host.calls == []


def test_a_project_without_a_video_is_refused_with_a_sentence(studio):
    studio.host.open_project = dataclasses.replace(studio.host.open_project, videos=())
    studio.run("inference")
    assert "no video yet" in message(studio)
    assert studio.host.calls == []


def test_a_project_without_labels_is_refused_with_a_sentence(studio):
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project, labelled_frames=0
    )
    studio.run()
    assert "no labelled frame" in message(studio)


def test_everything_off_the_mount_is_named_before_an_export(studio):
    project = studio.host.open_project
    images = ("/home/jane/frames/1.png", "/home/jane/frames/2.png")
    studio.host.open_project = dataclasses.replace(
        project,
        videos=project.videos
        + (
            ProjectVideo(1, "/home/jane/a b.mp4", 9, ("/home/jane/a b.mp4",)),
            ProjectVideo(2, images[0], 2, images),
            ProjectVideo(3, "", 9, ("/home/jane/old.pkg.slp",)),
        ),
    )
    studio.run()
    text = message(studio)
    assert "video 1" not in text
    assert "video 2: /home/jane/a b.mp4" in text
    assert "video 3: 2 files in /home/jane/frames" in text
    assert "video 4: /home/jane/old.pkg.slp" in text
    assert "{} (there /ceph/lab)".format(studio.folder) in text
    assert studio.host.calls == []
    assert left_over(studio) == []


def test_a_name_that_no_script_can_hold_is_refused_before_an_export(studio):
    path = str(studio.folder / "two\nlines.mp4")
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project, videos=(ProjectVideo(0, path, 9),)
    )
    studio.run()
    assert "video 1" in message(studio)
    assert studio.host.calls == []


def test_a_video_off_the_mount_is_refused(studio):
    studio.host.videos = (VideoInput("/somewhere/mouse.mp4", 0),)
    studio.run("inference")
    assert "/somewhere/mouse.mp4" in message(studio)


def test_unsaved_changes_are_saved_first_if_the_user_agrees(studio):
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project, has_changes=True
    )
    studio.run()
    press(studio, "remote_save_question_yes")
    studio.child("remote_submit_dialog").reject()
    assert studio.host.calls == ["save"]


def test_unsaved_changes_stay_unsaved_if_the_user_does_not_agree(studio):
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project, has_changes=True
    )
    studio.run()
    press(studio, "remote_save_question_no")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.host.calls == []


def test_a_prediction_is_submitted(studio):
    studio.run("inference")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    request = studio.session.submissions[0][0]
    assert request.videos == studio.host.videos
    studio.qtbot.waitUntil(lambda: len(studio.dock.model.jobs()) == 1)
    assert studio.dock.model.jobs()[0].kind is JobKind.PREDICT


def test_an_over_limit_request_is_told_before_submit(studio):
    studio.run()
    dialog = studio.child("remote_submit_dialog")
    assert dialog.submit.isEnabled()
    dialog.time.setText("9-00")
    assert "allows 1-00:00:00 at most" in beside(dialog, "time")
    assert not dialog.submit.isEnabled()
    dialog.time.setText("2:00:00")
    assert dialog.submit.isEnabled()
    dialog.memory.setText("plenty")
    assert "such as 32G" in beside(dialog, "memory")
    dialog.reject()


def test_the_script_is_shown_on_demand(studio):
    studio.run()
    dialog = studio.child("remote_submit_dialog")
    dialog.cpus.setValue(5)
    dialog.show_button.click()
    studio.qtbot.waitUntil(lambda: "cpus-per-task=5" in dialog.script.toPlainText())
    assert not (studio.folder / "labels.slp.training_job").exists()
    dialog.reject()
