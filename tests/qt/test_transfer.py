"""Files that the cluster cannot see: what is offered, copied, stopped, and loaded."""

from __future__ import annotations

import dataclasses
import json
import threading

import h5py
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from sleap_remote_plugin.errors import Cancelled
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.prediction import VideoInput
from sleap_remote_plugin.qt.dialogs.transfer import amount_text
from sleap_remote_plugin.qt.host import ProjectVideo
from sleap_remote_plugin.session.mount_target import MountTarget
from sleap_remote_plugin.session.transfer_progress import Progress


@pytest.fixture
def laptop(studio, tmp_path_factory):
    """The project, its video and a model are on the laptop's own disk."""
    folder = tmp_path_factory.mktemp("laptop")
    video = folder / "mouse.mp4"
    video.write_bytes(b"frame" * 100000)
    model = folder / "mouse.mp4.model"
    model.mkdir()
    (model / "best.ckpt").write_bytes(b"weights")
    (studio.folder / "mice").mkdir()
    studio.host.open_project = dataclasses.replace(
        studio.host.open_project,
        path=str(folder / "labels.slp"),
        videos=(ProjectVideo(0, str(video), 100, (str(video),)),),
    )
    studio.host.videos = (VideoInput(str(video), 0),)
    return folder


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


def offered(studio, mode):
    sleap_dialog = studio.run(mode)
    dialog = studio.child("remote_transfer_dialog")
    dialog.folder.setEditText(str(studio.folder / "mice"))
    return sleap_dialog, dialog


def test_a_prediction_runs_on_copies_and_is_of_the_project_as_it_is(studio, laptop):
    sleap_dialog, dialog = offered(studio, "inference")
    assert not sleap_dialog.isVisible()
    names = [dialog.list.topLevelItem(n).text(0) for n in range(2)]
    video = laptop / "mouse.mp4"
    assert sorted(names) == [
        "the model: {}.model (1 files)".format(video),
        "video 1: {}".format(video),
    ]
    assert dialog.copy.text() == "Copy 500 kB"
    press(studio, "remote_transfer_copy")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    request, _, project, _, _ = studio.session.submissions[0]
    assert project == str(laptop / "labels.slp")
    assert request.videos == studio.host.videos
    copied = studio.session.to_cluster(request.videos[0].path)
    assert str(copied) == "/ceph/lab/mice/mouse.mp4"
    copy = studio.folder / "mice" / "mouse.mp4"
    assert copy.read_bytes() == (laptop / "mouse.mp4").read_bytes()
    assert "save" not in studio.host.calls


def test_the_next_prediction_needs_no_question(studio, laptop):
    _, dialog = offered(studio, "inference")
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    studio.run("inference")
    assert studio.child("remote_submit_dialog")
    studio.child("remote_submit_dialog").reject()


def test_a_training_needs_a_folder_and_no_video(studio, laptop):
    _, dialog = offered(studio, "training")
    assert not dialog.with_files
    assert dialog.copy.text() == "Go on"
    press(studio, "remote_transfer_copy")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    package = studio.session.submissions[0][0]
    assert package.folder == studio.folder / "mice" / "labels.slp.training_job"
    assert not (studio.folder / "mice" / "mouse.mp4").exists()
    studio.run("training")
    studio.child("remote_submit_dialog").reject()


def test_a_training_can_take_the_videos_along(studio, laptop):
    _, dialog = offered(studio, "training")
    dialog.all.setChecked(True)
    assert dialog.copy.text() == "Copy 500 kB"
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    assert (studio.folder / "mice" / "mouse.mp4").exists()


def saved_project(laptop, *videos):
    rows = [json.dumps({"backend": {"filename": str(path)}}) for path in videos]
    with h5py.File(str(laptop / "labels.slp"), "w") as file:
        file["videos_json"] = [row.encode() for row in rows]


def test_a_copy_of_the_project_goes_along_with_the_copies_in_it(studio, laptop):
    saved_project(laptop, laptop / "mouse.mp4")
    _, dialog = offered(studio, "inference")
    dialog.project.setChecked(True)
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    with h5py.File(str(studio.folder / "mice" / "labels.slp"), "r") as file:
        (row,) = map(json.loads, file["videos_json"])
    assert row == {"backend": {"filename": "/ceph/lab/mice/mouse.mp4"}}
    assert studio.host.open_project.path == str(laptop / "labels.slp")
    assert "save" not in studio.host.calls


def test_a_project_that_cannot_go_along_is_told_and_can_be_left_out(studio, laptop):
    saved_project(laptop, laptop / "mouse.mp4", "/elsewhere/rat.mp4")
    (studio.folder / "mice" / "rat.mp4").write_bytes(b"another")
    _, dialog = offered(studio, "inference")
    dialog.project.setChecked(True)
    press(studio, "remote_transfer_copy")
    label = studio.child("remote_transfer_problem")
    studio.qtbot.waitUntil(lambda: "was not put there: SLEAP" in label.text())
    dialog.project.setChecked(False)
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    assert not (studio.folder / "mice" / "labels.slp").exists()


class _Transfer:
    """A package on its way over SSH, until the test lets it arrive."""

    def __init__(self, told):
        self.told = told
        self.gate = threading.Event()
        self.is_cancelled = False

    def run(self):
        self.told(Progress("Copying", "labels.pkg.slp", 1, 3, 1 << 20, 4 << 20, 1e6, 3))
        assert self.gate.wait(30)
        if self.is_cancelled:
            raise Cancelled("The copy was stopped.")

    def cancel(self):
        self.is_cancelled = True
        self.gate.set()


@pytest.fixture
def sent(studio):
    transfers = []

    def sending(folder, told):
        transfers.append(_Transfer(told))
        return transfers[-1]

    studio.session.mirrors.sending = sending
    return transfers


def test_a_package_that_is_sent_is_shown_on_its_way(studio, sent):
    studio.run("training")
    press(studio, "remote_submit")
    text = "Sending labels.slp.training_job: 1.05 MB of 4.19 MB, 1 MB/s, about 3 s left"
    label = studio.dock.progress.findChild(QLabel)
    studio.qtbot.waitUntil(lambda: label.text() == text)
    assert studio.session.submissions == []
    sent[0].gate.set()
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))


def test_a_package_that_is_sent_can_be_stopped(studio, sent):
    studio.run("training")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(sent))
    press(studio, "remote_progress_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.session.submissions == []
    folder = studio.folder / "labels.slp.training_job"
    studio.qtbot.waitUntil(lambda: not folder.exists())


def test_who_wants_no_copy_is_back_in_sleaps_dialog(studio, laptop):
    sleap_dialog, _ = offered(studio, "inference")
    press(studio, "remote_transfer_cancel")
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert sleap_dialog.isVisible()
    assert studio.session.submissions == []
    assert list((studio.folder / "mice").iterdir()) == []


def test_a_folder_of_this_computer_is_refused_and_another_can_be_chosen(studio, laptop):
    _, dialog = offered(studio, "inference")
    dialog.folder.setEditText(str(laptop))
    press(studio, "remote_transfer_copy")
    label = studio.child("remote_transfer_problem")
    studio.qtbot.waitUntil(lambda: "on this computer only" in label.text())
    dialog.folder.setEditText(str(studio.folder / "mice"))
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()


def test_a_copy_is_stopped_at_once_and_goes_on_later(studio, laptop, monkeypatch):
    gate, writing = threading.Event(), threading.Event()
    write = MountTarget.write

    def wait(self, data):
        writing.set()
        assert gate.wait(30)
        write(self, data)

    video = laptop / "mouse.mp4"
    video.write_bytes(b"frame" * 1000000)
    monkeypatch.setattr(MountTarget, "write", wait)
    _, dialog = offered(studio, "inference")
    press(studio, "remote_transfer_copy")
    studio.qtbot.waitUntil(writing.is_set)
    press(studio, "remote_transfer_cancel")
    label = studio.child("remote_transfer_problem")
    assert "was stopped" in label.text()
    assert not (studio.folder / "mice" / "mouse.mp4").exists()
    gate.set()
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    copy = studio.folder / "mice" / "mouse.mp4"
    assert copy.read_bytes() == video.read_bytes()


def test_a_cancelled_submission_stops_its_copy(studio, laptop, monkeypatch):
    gate, writing = threading.Event(), threading.Event()

    def wait(self, data):
        writing.set()
        gate.wait(30)

    (laptop / "mouse.mp4").write_bytes(b"frame" * 1000000)
    monkeypatch.setattr(MountTarget, "write", wait)
    offered(studio, "inference")
    press(studio, "remote_transfer_copy")
    studio.qtbot.waitUntil(writing.is_set)
    studio.controller.sending.under_way[0].cancel()
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    gate.set()
    assert studio.session.submissions == []


def test_a_lost_disk_is_told_in_the_dialog(studio, laptop, monkeypatch):
    def refuse(self, data):
        raise OSError(28, "No space left on device")

    (laptop / "mouse.mp4").write_bytes(b"frame" * 1000000)
    monkeypatch.setattr(MountTarget, "write", refuse)
    _, dialog = offered(studio, "inference")
    press(studio, "remote_transfer_copy")
    label = studio.child("remote_transfer_problem")
    assert "no room left" in label.text()
    assert dialog.copy.text() == "Go on"
    dialog.reject()


def test_models_are_offered_with_their_number_of_files(studio, laptop):
    _, dialog = offered(studio, "inference")
    tips = {dialog.list.topLevelItem(n).toolTip(0) for n in range(2)}
    assert tips == {str(laptop / "mouse.mp4"), str(laptop / "mouse.mp4.model")}
    dialog.reject()


def test_kinds_have_their_jobs_beside_each_other(studio, laptop):
    offered(studio, "training")
    press(studio, "remote_transfer_copy")
    studio.child("remote_submit_dialog").reject()
    folder = studio.session.prepare_folder(str(laptop / "labels.slp"), JobKind.PREDICT)
    assert folder == studio.folder / "mice" / "labels.slp.prediction_job"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("Copying", "a.mp4", 1, 2, 0, 50 << 30), "0 bytes of 53.7 GB"),
        (
            Progress("Copying", "a.mp4", 1, 2, 5 << 30, 50 << 30, 45e6, 1074.0),
            "5.37 GB of 53.7 GB, 45 MB/s, about 17 min left",
        ),
    ],
)
def test_how_far_it_is_in_words(progress, text):
    assert amount_text(progress) == text
