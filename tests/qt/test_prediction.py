"""A prediction's videos before it is sent: their last frames, their lists of frames."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from sleap_remote_plugin.errors import ProjectNotReady
from sleap_remote_plugin.jobs.prediction import BadEnding, VideoInput
from sleap_remote_plugin.qt.dialogs.bad_frames import BadFramesDialog
from sleap_remote_plugin.qt.host import ProjectVideo


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def sent(studio):
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    return studio.session.submissions[0][0]


def two_videos(studio):
    names = ("mouse.mp4", "rat's $1.mp4")
    paths = [str(studio.folder / name) for name in names]
    studio.host.videos = tuple(
        VideoInput(path, i, length=100) for i, path in enumerate(paths)
    )
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project,
        videos=tuple(ProjectVideo(i, path, 100) for i, path in enumerate(paths)),
    )
    return studio.host.videos


def shorter(video):
    return dataclasses.replace(video, frames="0-96")


def test_the_last_frames_are_read_before_a_job_is_sent(studio):
    studio.run("inference")
    press(studio, "remote_submit")
    sent(studio)
    assert ("endings", 1) in studio.host.calls


def test_a_bad_video_is_named_and_predicted_on_without_its_last_frames(studio):
    first, second = two_videos(studio)
    studio.host.bad_endings = (BadEnding(1, 97, 3, shorter(second)),)
    studio.run("inference")
    press(studio, "remote_submit")
    dialog = studio.child("remote_bad_frames_dialog")
    text = studio.child("remote_bad_frames").toPlainText()
    assert "rat's $1.mp4: the last 3 frames that you chose, from 97 on" in text
    assert "mouse.mp4:" not in text
    assert studio.session.submissions == []
    press(studio, "remote_copy_command")
    assert QGuiApplication.clipboard().text() == dialog.commands
    assert dialog.commands.startswith("ffmpeg -n -i ")
    press(studio, "remote_predict_without")
    assert sent(studio).videos == (first, shorter(second))


def test_a_video_of_which_no_frame_is_left_is_left_out(studio):
    first, _ = two_videos(studio)
    studio.host.bad_endings = (BadEnding(1, 0, 100, None),)
    studio.run("inference")
    press(studio, "remote_submit")
    press(studio, "remote_predict_without")
    assert sent(studio).videos == (first,)


def test_nothing_is_sent_if_the_user_wants_to_mend_the_video_first(studio):
    video = studio.host.videos[0]
    studio.host.bad_endings = (BadEnding(0, 97, 3, shorter(video)),)
    studio.run("inference")
    press(studio, "remote_submit")
    studio.child("remote_bad_frames_dialog").reject()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []


def test_the_submission_waits_until_the_videos_were_read(studio):
    studio.host.endings_held = threading.Event()
    studio.run("inference")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: studio.dock.progress.isVisible())
    assert studio.session.submissions == []
    studio.host.endings_held.set()
    sent(studio)


def test_reading_the_videos_can_be_cancelled(studio):
    studio.host.endings_held = threading.Event()
    studio.run("inference")
    press(studio, "remote_submit")
    press(studio, "remote_progress_cancel")
    studio.host.endings_held.set()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []


def test_a_video_that_cannot_be_opened_is_told_before_anything_is_sent(studio):
    def refuse(videos, report):
        raise ProjectNotReady("The video mouse.mp4 cannot be opened.")

    studio.host.look_at_endings = refuse
    studio.run("inference")
    box = studio.child("remote_message")
    assert "mouse.mp4" in box.text()
    box.close()
    assert studio.session.submissions == []


def test_a_series_of_images_goes_as_a_small_project_in_the_jobs_folder(studio):
    video = dataclasses.replace(studio.host.videos[0], as_project=True)
    studio.host.videos = (video,)
    studio.run("inference")
    press(studio, "remote_submit")
    assert sent(studio).videos == (video,)
    assert ("inputs", ("inputs/mouse.mp4.slp",)) in studio.host.calls
    (folder,) = studio.session.submission_folders
    assert folder is not None
    assert folder.is_dir()


def test_a_small_project_that_cannot_be_written_leaves_no_folder(studio):
    def fail(videos, names, folder, to_cluster):
        raise ProjectNotReady("The disk is full.")

    studio.host.videos = (dataclasses.replace(studio.host.videos[0], as_project=True),)
    studio.host.write_inputs = fail
    studio.run("inference")
    press(studio, "remote_submit")
    studio.child("remote_message").close()
    assert studio.session.submissions == []
    assert [p.name for p in studio.folder.iterdir() if p.name != "home"] == []


@pytest.mark.parametrize(
    ("video", "commands"),
    [
        (VideoInput("/d/a b.mp4"), 1),
        (VideoInput("/d/a.h5", dataset="box"), 0),
        (VideoInput("", 3), 0),
        (VideoInput("/d/1.png", entry={"backend": {"filenames": ["/d/1.png"]}}), 0),
    ],
)
def test_ffmpeg_is_offered_for_what_it_can_mend(qtbot, video, commands):
    dialog = BadFramesDialog([(video, BadEnding(0, 5, 1, None))], 1, False)
    qtbot.addWidget(dialog)
    assert len(dialog.commands.splitlines()) == commands
